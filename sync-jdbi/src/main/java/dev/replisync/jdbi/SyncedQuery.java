package dev.replisync.jdbi;

import dev.replisync.MutationContext;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * What a browser wants to hold of a larger view, as an entity that clients see and set: the synced query entity of the
 * row-version strategy, by which an application opens windows. The tabs of a browser share it, so they do not fight.
 *
 * <pre>{@code
 * static final SyncedQuery WINDOW = SyncedQuery.of("todo_window", "window").column("show_completed", "showCompleted");
 * mutators.add("setWindow", Window.class, (db, w, ctx) -> WINDOW.set(db, ctx, w.profileID(), w.columns()));
 * ITEMS.viewQuery("select t.id from todo t where not t.completed or (" + WINDOW.select("show_completed") + ")");
 * }</pre>
 *
 * <p>The table is the application's. Its primary key are the texts {@code user_id}, {@code space_id} and {@code
 * profile_id}, and it has a column for each member. The profile is what a client says it is, so a row is the user's first
 * of all: nobody sees or changes another user's. A browser without a row has no entity, and the application decides what
 * it holds. The key of the entity is {@code control/<profileID>/<name>}.
 *
 * <p>Immutable, and safe for use by several threads.
 */
public final class SyncedQuery {
    private static final List<String> OWN = List.of("user_id", "space_id", "profile_id");
    /** Plain, or in quotation marks. */
    private static final Pattern NAME = Pattern.compile("[\\p{L}_][\\p{L}\\p{N}_$]*|\"(?:[^\"\\x00]|\"\")+\"");

    private static final String CALLERS = "q.user_id = :user and q.space_id = :space and q.profile_id = :profile";

    private final String table;
    private final String name;
    private final SyncedTable entity;

    private SyncedQuery(String table, String name, SyncedTable entity) {
        this.table = table;
        this.name = name;
        this.entity = entity;
    }

    /**
     * Starts to declare a query entity.
     *
     * @param table the table, as it is written in a statement
     * @param name what the entity's key ends with
     * @return a declaration without columns
     * @throws IllegalArgumentException if one of the two is no name
     */
    public static SyncedQuery of(String table, String name) {
        Stream.of(table.split("\\.", -1)).forEach(part -> Names.check("table", part));
        String id = "q.profile_id || " + Names.literal("/" + Names.check("name", name));
        String rows = "select q.*, " + id + " as entity_id from " + table + " q where " + CALLERS;
        return new SyncedQuery(table, name, SyncedTable.query(rows).key("control/", "entity_id"));
    }

    /**
     * Adds a column.
     *
     * @param column the column, as it is written in a statement
     * @param member the member of the entity that holds it
     * @return the new declaration
     * @throws IllegalArgumentException if one of the two is no name
     */
    public SyncedQuery column(String column, String member) {
        return new SyncedQuery(table, name, entity.column(column, member));
    }

    /** {@return the entity, to be given to {@link JdbiStorageBuilder#tables}} */
    public SyncedTable entity() {
        return entity;
    }

    /**
     * SQL for a view query: what the browser that asks wants.
     *
     * @param columns columns of the table, or expressions of them
     * @return a query of one row, or of none if the browser has set nothing
     */
    public String select(String columns) {
        return "select " + columns + " from " + table + " q where " + CALLERS;
    }

    /**
     * Sets what a browser of the user wants, in the space of the mutation.
     *
     * @param handle the transaction's handle
     * @param context what the SDK passed with the handle
     * @param profileID the browser's profile
     * @param values columns and values, all that are not to be the columns' defaults
     * @throws IllegalArgumentException if a column is no name
     */
    public void set(
            Handle handle, MutationContext context, String profileID, Map<String, ? extends @Nullable Object> values) {
        // Two tabs that set the first row at once would both insert it.
        context.lock("control/" + profileID + "/" + name);
        Map<String, @Nullable Object> row = new LinkedHashMap<>(values);
        row.put(OWN.get(0), context.userID());
        row.put(OWN.get(1), context.space());
        row.put(OWN.get(2), profileID);
        row.keySet().forEach(SyncedQuery::checkColumn);
        handle.execute(
                "delete from " + table + " where user_id = ? and space_id = ? and profile_id = ?",
                context.userID(),
                context.space(),
                profileID);
        String marks = String.join(", ", row.values().stream().map(value -> "?").toList());
        String sql = "insert into " + table + " (" + String.join(", ", row.keySet()) + ") values (" + marks + ")";
        try (var insert = handle.createUpdate(sql)) {
            List<@Nullable Object> all = new ArrayList<>(row.values());
            for (int i = 0; i < all.size(); i++) {
                insert.bind(i, all.get(i));
            }
            insert.execute();
        }
    }

    /** These become part of a statement, and may have come from the client. */
    private static void checkColumn(String column) {
        if (!NAME.matcher(column).matches()) {
            throw new IllegalArgumentException(
                    "column was '" + column + "' but it must be a name, as it is written in a statement");
        }
    }
}
