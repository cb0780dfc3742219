package dev.replisync.jdbi;

import dev.replisync.WriteContext;
import dev.replisync.jdbi.Declaration.Option;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * A table of the application whose rows are entities in clients' views: what they see of it, and a writer that tells the
 * SDK what it wrote.
 *
 * <pre>{@code
 * static final SyncedTable TODOS = SyncedTable.of("todo")
 *         .key("todo/", "id")
 *         .columns("id", "text", "completed")
 *         .column("list_id", "listID");
 *
 * mutators.add("createTodo", Todo.class, (handle, todo, ctx) -> TODOS.insert(handle, ctx, todo));
 * }</pre>
 *
 * <p>A row's key is the prefix and the id as text. Its value is an object with a member for each column declared. Texts,
 * booleans, small integers, floating point numbers and JSON become what they are; a uuid, a date and a time become a
 * text in ISO 8601, a time stamp with time zone one in UTC with six digits of the second. A {@code bigint} id becomes a
 * text, because JavaScript would round it; any other {@code bigint} or wide {@code numeric} column must be declared with
 * {@link #number} or {@link #string}, so that nothing is rounded unnoticed.
 *
 * <p>SQL given to {@link #where}, {@link #readableBy} and {@link #rulesChangedSince} names the row {@code t}. On
 * PostgreSQL an operator with a question mark is written with two.
 *
 * <p>Declarations are immutable; each method returns a new one. The methods that read and write may be used by several
 * threads, each with a handle of its own, and only with a handle that the SDK has passed to a mutator or to a write of
 * the server; with another one they throw {@link IllegalStateException}. The same code works on all databases.
 */
public final class SyncedTable {
    /** Stands for all users where {@link #touchWhere} asks who lost rows; no user has this id. */
    public static final String EVERYBODY = "";

    private final Declaration d;

    private SyncedTable(Declaration declaration) {
        this.d = declaration;
    }

    /**
     * Starts to declare a table.
     *
     * @param table its name, with its schema and a dot before it if need be; found as the database finds it in a
     *     statement, without quotes
     * @return a declaration without key and columns
     */
    public static SyncedTable of(String table) {
        for (String part : table.split("\\.", -1)) {
            Names.check("table", part);
        }
        return new SyncedTable(Declaration.of(table));
    }

    /**
     * What the keys of the rows are made of.
     *
     * @param prefix what they start with; no table's prefix may begin with another's
     * @param idColumn the primary key: a text, uuid, integer or bigint
     * @return the new declaration
     */
    public SyncedTable key(String prefix, String idColumn) {
        if (prefix.isEmpty() || prefix.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("the prefix of table " + d.table() + " must not be empty");
        }
        return new SyncedTable(d.withKey(prefix, Names.check("column", idColumn)));
    }

    /**
     * Adds columns that are members of the same name.
     *
     * @param columns the columns
     * @return the new declaration
     */
    public SyncedTable columns(String... columns) {
        SyncedTable table = this;
        for (String column : columns) {
            table = table.column(column, column);
        }
        return table;
    }

    /**
     * Adds a column.
     *
     * @param column the column
     * @param member the member of the JSON object that holds it
     * @return the new declaration
     */
    public SyncedTable column(String column, String member) {
        return with(column, member, Column.Form.AUTO);
    }

    /**
     * Adds a column as a JSON number. JavaScript rounds whole numbers from 2<sup>53</sup> on; this says that there are
     * none (rule R64).
     *
     * @param column the column
     * @param member the member of the JSON object that holds it
     * @return the new declaration
     */
    public SyncedTable number(String column, String member) {
        return with(column, member, Column.Form.NUMBER);
    }

    /**
     * Adds a column as a text, as the database writes it.
     *
     * @param column the column
     * @param member the member of the JSON object that holds it
     * @return the new declaration
     */
    public SyncedTable string(String column, String member) {
        return with(column, member, Column.Form.STRING);
    }

    /**
     * Adds a column that holds JSON, in a type for JSON or as text. It is passed through: what a column of type {@code
     * text} or PostgreSQL's {@code json} holds is sent as it was written. A text that is not JSON makes pulls fail.
     *
     * @param column the column
     * @param member the member of the JSON object that holds it
     * @return the new declaration
     */
    public SyncedTable json(String column, String member) {
        return with(column, member, Column.Form.JSON);
    }

    private SyncedTable with(String column, String member, Column.Form form) {
        Names.check("member", member);
        return new SyncedTable(d.with(new Column(Names.check("column", column), member, form)));
    }

    /**
     * Makes the entity's value the JSON that a column holds, instead of an object with members. It is passed through,
     * as by {@link #json}.
     *
     * @param column the column
     * @return the new declaration
     */
    public SyncedTable value(String column) {
        return new SyncedTable(d.with(Option.VALUE, Names.check("column", column)));
    }

    /**
     * The column that holds the space of a row, for strategies with several spaces. Not looked at by pulls of the global
     * strategy, whose one space holds the rows of all.
     *
     * <p>A row that is inserted without a value for it gets the space that is written to. Updates and deletes note the
     * row in its own space, and an update of this column is a move: clients of both spaces hear of it in one commit
     * (rule R54). Under each strategy the user of a mutation must be allowed into those spaces, else the mutation is
     * rejected.
     *
     * @param column the column, a text, uuid, integer or bigint, that is not null
     * @return the new declaration
     */
    public SyncedTable space(String column) {
        return new SyncedTable(d.with(Option.SPACE, Names.check("column", column)));
    }

    /**
     * Hides rows from all clients. A row's condition may only change by a write that is noted for that row.
     *
     * @param condition SQL over {@code t}
     * @return the new declaration
     */
    public SyncedTable where(String condition) {
        return new SyncedTable(d.with(Option.WHERE, condition));
    }

    /**
     * Lets only some users see a row (rule R55).
     *
     * @param query SQL that yields the ids, as text, of the users that may see row {@code t}: {@code select l.owner_id
     *     from list l where l.id = t.list_id union select s.user_id from share s where s.list_id = t.list_id}
     * @return the new declaration
     */
    public SyncedTable readableBy(String query) {
        return new SyncedTable(d.with(Option.READABLE_BY, query));
    }

    /**
     * Lets everybody see the rows for which a condition holds, beside those whom {@link #readableBy} names.
     *
     * @param condition SQL over {@code t}
     * @return the new declaration
     */
    public SyncedTable readableByAll(String condition) {
        return new SyncedTable(d.with(Option.READABLE_BY_ALL, condition));
    }

    /**
     * Gives the rules for reading versions of their own, for tables with {@link #readableBy} whose rules change for
     * many rows at once: a row for which the condition holds is sent again if the user may see it now, else taken away.
     * Without it, who changes a rule notes the rows that it concerns ({@link #touchWhere}).
     *
     * @param condition SQL over {@code t} that holds if what {@code :user} may see of the row may have changed after
     *     version {@code :since}
     * @return the new declaration
     */
    public SyncedTable rulesChangedSince(String condition) {
        return new SyncedTable(d.with(Option.RULES_CHANGED_SINCE, condition));
    }

    /**
     * Keeps the version of each row in a column of the table, as Replicache's documents do it, instead of in the SDK's
     * ledger. Deleted rows are kept in the ledger still, unless there is a {@link #deletedColumn}.
     *
     * @param column the column, a {@code bigint}, which only the SDK writes; should be indexed
     * @return the new declaration
     */
    public SyncedTable versionColumn(String column) {
        return new SyncedTable(d.with(Option.VERSION, Names.check("column", column)));
    }

    /**
     * Marks deleted rows instead of deleting them. Neither clients nor {@link #find} see marked rows; inserting the id
     * again revives the row (rule R58).
     *
     * @param column the column, a {@code boolean} that is not null
     * @return the new declaration
     */
    public SyncedTable deletedColumn(String column) {
        return new SyncedTable(d.with(Option.DELETED, Names.check("column", column)));
    }

    /**
     * Lets triggers note what any SQL writes, on PostgreSQL and with the ledger only: within the SDK's transactions, so
     * that {@link WriteContext#touch} is not needed, and outside of them, by psql or other services (rule R59). {@link
     * JdbiStorage#install} creates the triggers.
     *
     * <p>A statement outside the SDK takes the version before it writes and holds it to the end of its transaction, as a
     * push does that takes the version first; under version last the two may deadlock, and one of them fails. Rows are
     * stamped in the space of the global strategy, whatever {@link #space} says. A {@code truncate} lets all clients
     * start again. On H2 there are no such triggers: what is written there without the SDK's writer and without a touch
     * is not seen.
     *
     * @return the new declaration
     */
    public SyncedTable triggers() {
        return triggers(JdbiStorage.GLOBAL_SPACE);
    }

    /**
     * Like {@link #triggers()}, with all rows in one given space.
     *
     * @param spaceID the space that statements outside the SDK are stamped in
     * @return the new declaration
     */
    public SyncedTable triggers(String spaceID) {
        return new SyncedTable(d.with(Option.TRIGGERS, spaceID));
    }

    /**
     * Reads a row.
     *
     * @param handle the transaction's handle
     * @param id the row's id
     * @return the row's columns by name, all of the table's; empty if there is none or if it is marked as deleted
     */
    public Optional<Map<String, @Nullable Object>> find(Handle handle, Object id) {
        return writer(handle).find(id);
    }

    /**
     * Reads a row.
     *
     * @param handle the transaction's handle
     * @param id the row's id
     * @param type what to make of it: a record whose components are named like columns, {@code listID} for {@code
     *     list_id}, or a type that a mapper is registered for
     * @param <R> what to make of it
     * @return the row; empty if there is none or if it is marked as deleted
     */
    public <R> Optional<R> find(Handle handle, Object id, Class<R> type) {
        return writer(handle).find(id, type);
    }

    /**
     * Inserts a row, or revives the row of the same id that is marked as deleted.
     *
     * @param handle the transaction's handle
     * @param context what the SDK passed with the handle
     * @param row a record whose components are named like columns, {@code listID} for {@code list_id}, or a map from
     *     columns to values
     * @throws IllegalArgumentException if the row has no id or has something that the table does not have
     */
    public void insert(Handle handle, WriteContext context, Object row) {
        writer(handle).insert(context, row);
    }

    /**
     * Inserts a row or, if there is one of the same id, updates it.
     *
     * @param handle the transaction's handle
     * @param context what the SDK passed with the handle
     * @param row as for {@link #insert}
     * @throws IllegalArgumentException if the row has no id or has something that the table does not have
     */
    public void put(Handle handle, WriteContext context, Object row) {
        TableWriter writer = writer(handle);
        if (!writer.update(context, row)) {
            writer.insert(context, row);
        }
    }

    /**
     * Updates a row.
     *
     * @param handle the transaction's handle
     * @param context what the SDK passed with the handle
     * @param changes the row's id and the columns to change, as for {@link #insert}
     * @return false if there is no such row, or if it is marked as deleted
     * @throws IllegalArgumentException if there is no id, or something that the table does not have
     */
    public boolean update(Handle handle, WriteContext context, Object changes) {
        return writer(handle).update(context, changes);
    }

    /**
     * Deletes a row, or marks it as deleted.
     *
     * @param handle the transaction's handle
     * @param context what the SDK passed with the handle
     * @param id the row's id
     * @return false if there is no such row, which is no error
     */
    public boolean delete(Handle handle, WriteContext context, Object id) {
        return writer(handle).delete(context, id);
    }

    /**
     * Notes rows that were changed by other means, or whose readers change.
     *
     * @param handle the transaction's handle
     * @param context what the SDK passed with the handle
     * @param lostBy users that could see the rows before this transaction and may not any more, or {@link
     *     #EVERYBODY}
     * @param condition SQL over {@code t}, with question marks
     * @param arguments for the question marks
     * @return how many rows were noted
     */
    public int touchWhere(
            Handle handle, WriteContext context, Set<String> lostBy, String condition, Object... arguments) {
        return writer(handle).touchWhere(context, lostBy, condition, arguments);
    }

    /** {@return the declaration as text} */
    @Override
    public String toString() {
        return d.toString();
    }

    Declaration declaration() {
        return d;
    }

    private TableWriter writer(Handle handle) {
        return SdkTransaction.of(handle).writer(this);
    }
}
