package dev.replisync.jdbi;

import dev.replisync.MutationContext;
import dev.replisync.WriteContext;
import dev.replisync.jdbi.Declaration.Option;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * A table of the application whose rows are entities in clients' views: what they see of it, and a writer that tells the
 * SDK what it wrote.
 *
 * <pre>{@code
 * static final SyncedTable ITEMS = SyncedTable.of("todo")
 *         .key("todo/", "id")
 *         .columns("id", "text", "completed")
 *         .column("list_id", "listID");
 * mutators.add("createTodo", Todo.class, (handle, todo, ctx) -> ITEMS.insert(handle, ctx, todo));
 * }</pre>
 *
 * <p>A row's key is the prefix and the id as text. Its value is an object with a member for each column declared. Texts,
 * booleans, small integers, floating point numbers and JSON become what they are; a uuid, date and time a text in ISO
 * 8601, a time stamp with time zone one in UTC with six digits of the second, a {@code bigint} id a text. Any other
 * {@code bigint} or wide {@code numeric}, which JavaScript may round, must be declared with {@link #number} or {@link
 * #string}.
 *
 * <p>SQL in a declaration names the row {@code t}, and on PostgreSQL an operator with a question mark is written with
 * two. Where it may depend on who asks, {@code :user}, {@code :space} and {@code :profile} are texts that say it.
 *
 * <p>Declarations are immutable; each method returns a new one. The methods that read and write may be used by several
 * threads, each with a handle of its own, and only with a handle that the SDK has passed to a mutator or to a write of
 * the server; with another one they throw {@link IllegalStateException}. The same code works on all databases.
 */
public final class SyncedTable {
    /** Stands for all users where {@link #touchWhere} asks who lost rows; no user has this id. */
    public static final String EVERYBODY = "";

    private final Declaration d;

    private SyncedTable(Declaration d) {
        this.d = d;
    }

    /**
     * Starts to declare a table.
     *
     * @param table its name, with its schema and a dot before it if need be; found as the database finds it in a
     *     statement, without quotes
     * @return a declaration without key and columns
     */
    public static SyncedTable of(String table) {
        Stream.of(table.split("\\.", -1)).forEach(part -> Names.check("table", part));
        return new SyncedTable(Declaration.of(table));
    }

    /**
     * Starts to declare entities that a query computes, by joins or however, one of each id. They are read only, and for
     * the row-version strategy alone, whose pull runs the query; what it reads must be in this database.
     *
     * @param sql the query, best with {@code :user} where it shows each user something else
     * @return a declaration without key and columns
     */
    public static SyncedTable query(String sql) {
        return new SyncedTable(Declaration.of("").with(Option.QUERY, sql));
    }

    /**
     * What the keys of the rows are made of.
     *
     * @param prefix what they start with; none may begin with another's
     * @param idColumn the primary key: a text, uuid, integer or bigint
     * @return the new declaration
     */
    public SyncedTable key(String prefix, String idColumn) {
        Names.checkPrefix("the prefix of " + d.named(), prefix);
        return new SyncedTable(d.withKey(prefix, Names.check("column", idColumn)));
    }

    /**
     * Adds columns that are members of the same name.
     *
     * @param columns the columns
     * @return the new declaration
     */
    public SyncedTable columns(String... columns) {
        return Stream.of(columns).reduce(this, (table, column) -> table.column(column, column), (a, b) -> b);
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
     * Adds a column as a JSON number, which says that it holds nothing from 2<sup>53</sup> on (rule R64).
     * Parameters as for {@link #column}.
     */
    public SyncedTable number(String column, String member) {
        return with(column, member, Column.Form.NUMBER);
    }

    /** Adds a column as a text, as the database writes it. Parameters as for {@link #column}. */
    public SyncedTable string(String column, String member) {
        return with(column, member, Column.Form.STRING);
    }

    /**
     * Adds a column of JSON, in a type for it or as text, passed through as written. What is not JSON makes pulls fail.
     * Parameters as for {@link #column}.
     */
    public SyncedTable json(String column, String member) {
        return with(column, member, Column.Form.JSON);
    }

    private SyncedTable with(String column, String member, Column.Form form) {
        return new SyncedTable(d.with(new Column(Names.check("column", column), Names.check("member", member), form)));
    }

    /**
     * Makes the entity's value the JSON that a column holds, passed through as by {@link #json}, and no object.
     *
     * @param column the column
     * @return the new declaration
     */
    public SyncedTable value(String column) {
        return new SyncedTable(d.with(Option.VALUE, Names.check("column", column)));
    }

    /**
     * The column that holds a row's space, not looked at by pulls of the global strategy, whose one space holds all rows.
     *
     * <p>A row that is inserted without one gets the space that is written to; other writes note the row in its own, and
     * an update of this column is a move, of which clients of both spaces hear in one commit (rule R54). A mutation whose
     * user may not enter those spaces is rejected.
     *
     * @param column the column, a text, uuid, integer or bigint, that is not null
     * @return the new declaration
     */
    public SyncedTable space(String column) {
        return new SyncedTable(d.with(Option.SPACE, Names.check("column", column)));
    }

    /**
     * Hides rows from all clients.
     *
     * @param condition SQL over {@code t}, which may only change for a row by a write that is noted for it
     * @return the new declaration
     */
    public SyncedTable where(String condition) {
        return new SyncedTable(d.with(Option.WHERE, condition));
    }

    /**
     * Lets only some users see a row (rule R55).
     *
     * @param query SQL for the ids, as text, of the users that may see row {@code t}: {@code select s.user_id from share s where …}
     * @return the new declaration
     */
    public SyncedTable readableBy(String query) {
        return readableBy(query, Table.userIsIn(query));
    }

    /**
     * The same, put once more for pulls, which ask of one user and many rows: what does not name {@code t} is found once.
     *
     * @param query as above
     * @param condition SQL over {@code t} that holds just where the query yields {@code :user}: {@code t.list_id in (select
     *     s.list_id from share s where s.user_id = :user)}
     * @return the new declaration
     */
    public SyncedTable readableBy(String query, String condition) {
        return new SyncedTable(d.with(Option.READABLE_BY, query).with(Option.READABLE_IF, condition));
    }

    /**
     * Lets everybody see the rows for which a condition holds, beside what {@link #readableBy} lets some see.
     *
     * @param condition SQL over {@code t}
     * @return the new declaration
     */
    public SyncedTable readableByAll(String condition) {
        return new SyncedTable(d.with(Option.READABLE_BY_ALL, condition));
    }

    /**
     * Gives the rules for reading versions of their own: a row for which the condition holds is sent again if the user
     * may see it now, else taken away. Without it, who changes a rule notes the rows that it concerns ({@link
     * #touchWhere}). The row-version strategy needs neither.
     *
     * @param condition SQL over {@code t} that holds if what {@code :user} may see of the row may have changed after
     *     version {@code :since}
     * @return the new declaration
     */
    public SyncedTable rulesChangedSince(String condition) {
        return new SyncedTable(d.with(Option.RULES_CHANGED_SINCE, condition));
    }

    /**
     * Keeps versions in a column instead of the SDK's ledger; those of deleted rows only with a {@link #deletedColumn}.
     *
     * @param column the column, a {@code bigint}, which only the SDK writes; should be indexed
     * @return the new declaration
     */
    public SyncedTable versionColumn(String column) {
        return new SyncedTable(d.with(Option.VERSION, Names.check("column", column)));
    }

    /**
     * Marks deleted rows instead of deleting them. Nobody sees them; inserting the id again revives the row (rule R58).
     *
     * @param column the column, a {@code boolean} that is not null
     * @return the new declaration
     */
    public SyncedTable deletedColumn(String column) {
        return new SyncedTable(d.with(Option.DELETED, Names.check("column", column)));
    }

    /**
     * Lets triggers, which {@link JdbiStorage#install} creates, note what any SQL writes, on PostgreSQL and with the
     * ledger only: in the SDK's transactions, so that {@link WriteContext#touch} is not needed, and in others (rule R59).
     *
     * <p>A statement outside the SDK takes the version before it writes and holds it to its transaction's end; under
     * version last it may deadlock with a push. Rows are stamped in the global strategy's space. A {@code truncate} lets
     * all clients start again. On H2, what is written without the SDK's writer and without a touch is not seen.
     *
     * @return the new declaration
     */
    public SyncedTable triggers() {
        return new SyncedTable(d.with(Option.TRIGGERS, JdbiStorage.GLOBAL_SPACE));
    }

    /**
     * Like {@link #triggers()}, for strategies with several spaces: each row is stamped in its own, one that moves in both.
     * Versions are taken after the rows, so that a statement outside the SDK may deadlock with a push. A mutator's SQL
     * must name other spaces that it writes to with {@link WriteContext#touchIn}, or its mutation fails.
     *
     * @return the new declaration
     */
    public SyncedTable triggersPerSpace() {
        return new SyncedTable(d.with(Option.TRIGGERS, Triggers.PER_SPACE));
    }

    /**
     * Narrows down what clients hold of the rows that their user may see, under the row-version strategy, by joins and
     * windows. No matter of permission: mutators see the others all the same.
     *
     * @param query SQL that yields ids, of the type of the table's own; {@code :visible} says whether the user may see a
     *     row {@code t}: {@code select t.id from item t where :visible order by t.at desc limit 50}
     * @return the new declaration
     */
    public SyncedTable viewQuery(String query) {
        return new SyncedTable(d.with(Option.VIEW_QUERY, query));
    }

    /**
     * Takes a row's version for the row-version strategy from a column. What the SDK's writer wrote or was touched gets a
     * new one: a number the next, a uuid or text another GUID. Other SQL must change it itself; in rows that it inserts
     * it may leave it null, but must not give a constant to an id that was used before.
     *
     * @param column a bigint, integer, uuid or text; of a view or query any type, and nothing is written
     * @return the new declaration
     */
    public SyncedTable rowVersionColumn(String column) {
        return new SyncedTable(d.with(Option.ROW_VERSION_COLUMN, Names.check("column", column)));
    }

    /**
     * Takes a row's version from {@code xmin}, which any write changes. The default for tables on PostgreSQL; only there.
     *
     * @return the new declaration
     */
    public SyncedTable rowVersionXmin() {
        return new SyncedTable(d.with(Option.ROW_VERSION_XMIN, ""));
    }

    /**
     * Takes a row's version from a hash of its value, which each pull makes. The default on H2, for views and queries.
     *
     * @return the new declaration
     */
    public SyncedTable rowVersionHash() {
        return new SyncedTable(d.with(Option.ROW_VERSION_HASH, ""));
    }

    /**
     * {@return a row's columns by name, all of the table's; empty if there is none or if it is marked as deleted}
     *
     * @param handle the transaction's handle
     * @param id the row's id
     */
    public Optional<Map<String, @Nullable Object>> find(Handle handle, Object id) {
        return writer(handle).find(id);
    }

    /**
     * {@return a row; empty as above}
     *
     * @param handle the transaction's handle
     * @param id the row's id
     * @param type a record with components like columns, {@code listID} for {@code list_id}, or a type with a mapper
     * @param <R> what to make of it
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
     * Inserts a row or, if there is one of the same id, updates it; also if another transaction inserts it meanwhile.
     * Parameters as for {@link #insert}.
     *
     * @throws IllegalArgumentException as by {@link #insert}
     */
    public void put(Handle handle, WriteContext context, Object row) {
        writer(handle).put(context, row);
    }

    /**
     * Updates a row. Parameters as for {@link #insert}, but with the row's id and only the columns to change.
     *
     * @return false if there is no such row, or if it is marked as deleted
     * @throws IllegalArgumentException as by {@link #insert}
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
     * @param lostBy users that could see the rows before and may not any more, or {@link #EVERYBODY}
     * @param condition SQL over {@code t}, with question marks
     * @param arguments for the question marks
     * @return how many rows
     */
    public int touchWhere(
            Handle handle, WriteContext context, Set<String> lostBy, String condition, Object... arguments) {
        return writer(handle).touchWhere(context, lostBy, condition, arguments);
    }

    /**
     * Runs a mutator's SQL over rows that its user may see: permission and change in one statement. Touches nothing.
     *
     * @param handle the transaction's handle
     * @param context what the SDK passed with the handle
     * @param sql an update or delete that says by {@code :visible} whether the user may see row {@code t}: {@code update
     *     todo t set sort = sort + :by where t.id = :id and :visible}; knows {@code :user} and {@code :space}
     * @param arguments for its other parameters, of letters and digits
     * @return how many rows it wrote
     * @throws IllegalArgumentException if the SQL does not say {@code :visible}, or if an argument is one that is known
     */
    public int execute(
            Handle handle, MutationContext context, String sql, Map<String, ? extends @Nullable Object> arguments) {
        return SdkTransaction.of(handle).execute(this, context, sql, arguments);
    }

    Declaration declaration() {
        return d;
    }

    private TableWriter writer(Handle handle) {
        return SdkTransaction.of(handle).writer(this);
    }
}
