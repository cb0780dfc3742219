package dev.replisync.jdbi;

import dev.replisync.WriteContext;
import dev.replisync.jdbi.Declaration.Option;
import dev.replisync.jdbi.Table.Found;
import dev.replisync.protocol.Json;
import dev.replisync.protocol.Text;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.SqlStatement;
import org.jdbi.v3.core.statement.UnableToExecuteStatementException;
import org.jspecify.annotations.Nullable;

/** Reads and writes one table in one transaction, and notes what it wrote. */
final class TableWriter {
    private static final String UNIQUE_VIOLATION = "23505";

    /** How often a row may come and go while it is being put. */
    private static final int RACES = 3;

    private final Handle handle;
    private final DatabaseKind kind;
    private final Table table;
    private final JdbiPushTx transaction;

    TableWriter(JdbiPushTx transaction, Node node, Table table) {
        this.transaction = transaction;
        this.handle = transaction.handle();
        this.kind = node.dialect().kind;
        this.table = table;
    }

    private String byID() {
        return " t." + table.id().quoted() + " = ?";
    }

    private String notDeleted() {
        String deleted = table.option(Option.DELETED);
        return deleted == null ? "" : " and not t." + table.required(deleted).quoted();
    }

    private String isDeleted() {
        return " and t." + table.columnAt(Option.DELETED).quoted();
    }

    Optional<Map<String, @Nullable Object>> find(Object id) {
        return handle.createQuery(selectByID())
                .bind(0, id(id))
                .map(RowValues.mapper(table))
                .findOne();
    }

    <R> Optional<R> find(Object id, Class<R> type) {
        var query = handle.createQuery(selectByID())
                .bind(0, id(id))
                .registerColumnMapper(Json.class, (rows, i, context) -> RowValues.json(rows, i));
        return type.isRecord()
                ? query.map(RowValues.recordMapper(table, type)).findOne()
                : query.mapTo(type).findOne();
    }

    private String selectByID() {
        String columns =
                table.columns().stream().map(column -> "t." + column.quoted()).collect(Collectors.joining(", "));
        return "select " + columns + " from " + table.from() + " t where" + byID() + notDeleted();
    }

    /** The id as the driver wants it, from the id or its text. */
    private Object id(Object id) {
        return switch (table.id().type()) {
            case TEXT -> String.valueOf(id);
            default -> table.id().type().parse(String.valueOf(id));
        };
    }

    void insert(WriteContext context, Object row) {
        insert(context, row, false);
    }

    /** Returns false, and has done nothing, if the row is there by now and that is no error. */
    private boolean insert(WriteContext context, Object row, boolean mayBeThere) {
        Map<Found, @Nullable Object> values = RowValues.of(table, row);
        Object id = requireID(values);
        String key = table.key(id);
        Found space = table.columnOf(Option.SPACE);
        if (space != null && !values.containsKey(space)) {
            values.put(space, valueOf(space, context.space()));
        }
        Found version = table.writtenVersion();
        if (version != null && values.get(version) == null) {
            values.put(version, RowVersions.first(version));
        }
        Optional<Place> dead = table.option(Option.DELETED) == null ? Optional.empty() : place(id, isDeleted());
        if (dead.isPresent()) {
            revive(values, id);
        } else {
            String columns = values.keySet().stream().map(Found::quoted).collect(Collectors.joining(", "));
            String marks = values.keySet().stream().map(this::mark).collect(Collectors.joining(", "));
            String sql = "insert into " + table.from() + " (" + columns + ") values (" + marks + ")";
            if (!mayBeThere) {
                execute(sql, values, null);
            } else if (!insertsUnlessThere(sql, values)) {
                return false;
            }
        }
        transaction.created(key);
        Place now = new Place(space == null ? null : text(values.get(space)));
        touch(context, now, key, Set.of());
        if (dead.isPresent() && !dead.get().equals(now)) {
            // Clients of the space that it was deleted in may not have heard of that yet.
            touch(context, dead.get(), key, Set.of());
        }
        return true;
    }

    /** Waits for a transaction that inserts the same row, and leaves this one usable if that commits. */
    private boolean insertsUnlessThere(String sql, Map<Found, @Nullable Object> values) {
        if (kind == DatabaseKind.POSTGRESQL) {
            return execute(sql + " on conflict do nothing", values, null) > 0;
        }
        try {
            return execute(sql, values, null) > 0;
        } catch (UnableToExecuteStatementException e) {
            if (e.getCause() instanceof SQLException cause && UNIQUE_VIOLATION.equals(cause.getSQLState())) {
                return false;
            }
            throw e;
        }
    }

    /** Where a row is: its space, null if it is in none or if the table does not say. */
    private record Place(@Nullable String space) {}

    /** Where a row is, which is locked by this, so that it stays there (rule R54); empty if there is no such row. */
    private Optional<Place> place(Object id, String condition) {
        return handle.createQuery("select " + spaceAsText("t.") + " from " + table.from() + " t where" + byID()
                        + condition + " for update")
                .bind(0, id)
                .map((rows, context) -> new Place(rows.getString(1)))
                .findOne();
    }

    /** A space as the column that holds it wants it. */
    private Object valueOf(Found column, String space) {
        if (!column.type().reads(space)) {
            throw new IllegalArgumentException("a row of table "
                    + table.declaration().table()
                    + " was given no " + column.name() + ", and '" + space + "', the space that is written to, is no "
                    + column.typeName());
        }
        return column.type().parse(space);
    }

    private static @Nullable String text(@Nullable Object value) {
        return value == null ? null : value.toString();
    }

    private void revive(Map<Found, @Nullable Object> values, Object id) {
        Found deleted = table.columnAt(Option.DELETED);
        List<String> sets = new ArrayList<>();
        values.keySet().forEach(column -> sets.add(set(column)));
        for (Found column : table.columns()) {
            boolean stamped = table.option(Option.VERSION) != null && column.equals(table.columnAt(Option.VERSION));
            if (!values.containsKey(column) && !stamped && !column.equals(deleted)) {
                sets.add(column.quoted() + " = default");
            }
        }
        if (!values.containsKey(deleted)) {
            sets.add(deleted.quoted() + " = false");
        }
        execute(
                "update " + table.from() + " t set " + String.join(", ", sets) + " where" + byID() + isDeleted(),
                values,
                id);
    }

    void put(WriteContext context, Object row) {
        for (int attempt = 0; attempt < RACES; attempt++) {
            if (update(context, row) || insert(context, row, true)) {
                return;
            }
        }
        // Something else than this row is in the way; the database says what.
        insert(context, row, false);
    }

    boolean update(WriteContext context, Object changes) {
        Map<Found, @Nullable Object> values = RowValues.of(table, changes);
        Object id = requireID(values);
        values.remove(table.id());
        String key = table.key(id);
        Found space = table.columnOf(Option.SPACE);
        // Where the row was matters if it may move, and who could see it then, or if somebody may lose it.
        boolean looks = hasReaders(key) || (space != null && values.containsKey(space));
        Optional<Place> from = looks ? placeIfAny(id) : Optional.empty();
        if (looks && from.isEmpty()) {
            return false;
        }
        Set<String> before = looks ? readers(id) : Set.of();
        Optional<Place> to = values.isEmpty() ? ifThere(id) : update(values, id);
        if (to.isEmpty()) {
            return false;
        }
        if (from.isPresent() && !to.equals(from)) {
            // All who could see it lose it there (rule R54).
            touch(context, from.get(), key, before);
            touch(context, to.get(), key, Set.of());
            return true;
        }
        if (!before.isEmpty()) {
            before.removeAll(readers(id));
        }
        touch(context, to.get(), key, before);
        return true;
    }

    private Optional<Place> update(Map<Found, @Nullable Object> values, Object id) {
        String sets = values.keySet().stream().map(this::set).collect(Collectors.joining(", "));
        return write(
                "update " + table.from() + " t set " + sets + " where" + byID() + notDeleted(), "final", values, id);
    }

    boolean delete(WriteContext context, Object given) {
        Object id = id(given);
        String key = table.key(id);
        // Locked before it is asked who can see it.
        if (hasReaders(key) && placeIfAny(id).isEmpty()) {
            return false;
        }
        Set<String> before = readers(id);
        String deleted = table.option(Option.DELETED);
        Optional<Place> place = deleted == null
                ? write("delete from " + table.from() + " t where" + byID(), "old", Map.of(), id)
                : write(
                        "update " + table.from() + " t set "
                                + table.required(deleted).quoted() + " = true where" + byID() + notDeleted(),
                        "final",
                        Map.of(),
                        id);
        place.ifPresent(found -> touch(context, found, key, before));
        return place.isPresent();
    }

    /** Where a living row is. Those of some views cannot be locked. */
    private Optional<Place> ifThere(Object id) {
        return table.isBase() ? place(id, notDeleted()) : placeIfAny(id).filter(place -> find(id).isPresent());
    }

    /** Where a living row is; asked only if the table says it, else it may be anywhere. */
    private Optional<Place> placeIfAny(Object id) {
        return table.option(Option.SPACE) == null ? Optional.of(new Place(null)) : place(id, notDeleted());
    }

    /**
     * Writes one row and reads in the same statement where it is: each statement is a round trip.
     *
     * @param which as which H2 should give the row, the {@code old} or the {@code final} one
     */
    private Optional<Place> write(String sql, String which, Map<Found, @Nullable Object> values, Object id) {
        if (!table.isBase()) {
            // The rules of a view may return nothing.
            Optional<Place> place = placeIfAny(id);
            boolean written = place.isPresent() && execute(sql, values, id) > 0;
            return written ? placeIfAny(id).or(() -> place) : Optional.empty();
        }
        String space = spaceAsText("");
        try (var query = handle.createQuery(
                kind == DatabaseKind.POSTGRESQL
                        ? sql + " returning " + space
                        : "select " + space + " from " + which + " table (" + sql + ")")) {
            bind(query, values, id);
            return query.map((rows, context) -> new Place(rows.getString(1))).findFirst();
        }
    }

    private String spaceAsText(String alias) {
        Found space = table.columnOf(Option.SPACE);
        return "cast(" + (space == null ? "null" : alias + space.quoted()) + " as varchar)";
    }

    int touchWhere(WriteContext context, Set<String> lostBy, String condition, Object... arguments) {
        // A row that the commit stamps itself is locked now, before the version (rule R27).
        boolean stamped = table.option(Option.VERSION) != null || table.writtenVersion() != null;
        String lock = stamped ? " for update" : "";
        var query = handle.createQuery("select t." + table.id().quoted() + ", " + spaceAsText("t.") + " from "
                + table.from() + " t where (" + condition + ")" + lock);
        for (int i = 0; i < arguments.length; i++) {
            query.bind(i, arguments[i]);
        }
        Map<String, Place> rows = new LinkedHashMap<>();
        query.map((row, ctx) -> Map.entry(row.getString(1), new Place(row.getString(2))))
                .forEach(row -> rows.put(row.getKey(), row.getValue()));
        rows.forEach((id, place) -> touch(context, place, table.key(id), lostBy));
        return rows.size();
    }

    /** Touches; that all users lost the entity is no user's id, so the context would refuse it. */
    private void touch(WriteContext context, Place place, String key, Set<String> lostBy) {
        Set<String> named = new TreeSet<>(lostBy);
        if (named.remove(SyncedTable.EVERYBODY)) {
            transaction.lostByEverybody(key);
        }
        context.touchIn(place.space() == null ? context.space() : place.space(), key, named);
    }

    /**
     * Whether it matters who may see a row. Not if there are no rules; nor if no version moves, because then pulls find
     * out who lost it; nor if this transaction created the row, because nobody could see it before.
     */
    private boolean hasReaders(String key) {
        return table.declaration().hasRules() && transaction.movesVersions() && !transaction.isCreated(key);
    }

    /** Who may see a row now, if it matters. */
    Set<String> readers(Object id) {
        Set<String> readers = new TreeSet<>();
        if (!hasReaders(table.key(id))) {
            return readers;
        }
        String all = table.option(Option.READABLE_BY_ALL);
        String some = table.option(Option.READABLE_BY);
        String sql = "select " + (all == null ? "false" : "coalesce((" + all + "), false)") + ", "
                + (some == null ? "null" : "array(" + some + ")") + " from " + table.from() + " t where" + byID()
                + " and "
                + table.living();
        handle.createQuery(sql)
                .bind(0, id)
                .map((rows, context) -> {
                    if (rows.getBoolean(1)) {
                        return Set.of(SyncedTable.EVERYBODY);
                    }
                    return some == null ? Set.<String>of() : Dialect.texts(rows.getArray(2));
                })
                .forEach(readers::addAll);
        return readers;
    }

    private Object requireID(Map<Found, @Nullable Object> values) {
        Object id = values.get(table.id());
        if (id == null) {
            throw new IllegalArgumentException("a row of " + table.declaration().named() + " has no "
                    + table.id().name());
        }
        Object typed = id(id);
        values.put(table.id(), typed);
        return typed;
    }

    private String set(Found column) {
        return column.quoted() + " = " + mark(column);
    }

    private String mark(Found column) {
        return kind == DatabaseKind.H2 && column.type() == ColumnType.JSON ? "? format json" : "?";
    }

    private int execute(String sql, Map<Found, @Nullable Object> values, @Nullable Object id) {
        try (var update = handle.createUpdate(sql)) {
            bind(update, values, id);
            return update.execute();
        }
    }

    private void bind(SqlStatement<?> statement, Map<Found, @Nullable Object> values, @Nullable Object id) {
        int i = 0;
        for (Map.Entry<Found, @Nullable Object> value : values.entrySet()) {
            bind(statement, i++, value.getKey(), value.getValue());
        }
        if (id != null) {
            statement.bind(i, id);
        }
    }

    private void bind(SqlStatement<?> statement, int i, Found column, @Nullable Object value) {
        if (value == null) {
            statement.bindNull(i, kind == DatabaseKind.POSTGRESQL ? java.sql.Types.NULL : java.sql.Types.VARCHAR);
        } else if (column.type() == ColumnType.JSON || value instanceof Json) {
            String text = value.toString();
            if (Text.hasLoneSurrogate(text)) {
                throw new IllegalArgumentException("column " + column.name() + " was given a lone surrogate");
            }
            if (kind == DatabaseKind.H2 && column.type() == ColumnType.JSON) {
                statement.bind(i, text.getBytes(StandardCharsets.UTF_8));
            } else {
                statement.bind(i, Json.ofTrusted(text.getBytes(StandardCharsets.UTF_8)));
            }
        } else {
            statement.bind(i, value);
        }
    }
}
