package dev.replisync.jdbi;

import dev.replisync.storage.OpenPush;
import dev.replisync.storage.PushTx;
import java.sql.Array;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The statements in which the databases differ. Stateless but for the tables' names. */
abstract class Dialect {
    final DatabaseKind kind;
    final Names names;
    final SpaceTable spaces;

    Dialect(DatabaseKind kind, Names names, SpaceTable spaces) {
        this.kind = kind;
        this.names = names;
        this.spaces = spaces;
    }

    static Dialect of(DatabaseKind kind, Names names, SpaceTable spaces) {
        return kind == DatabaseKind.POSTGRESQL ? new PostgresDialect(names, spaces) : new H2Dialect(names, spaces);
    }

    final Flush flush() {
        return new Flush(kind);
    }

    /** Prepares a connection for a transaction that is about to begin. */
    abstract void begin(Connection connection, boolean snapshot) throws SQLException;

    /** First in the opening flush: marks the transaction as the SDK's. */
    abstract void mark(Flush flush, String token, boolean ownTransaction);

    /** First in the closing flush: fails if the transaction is not the one that was marked. */
    abstract void checkMark(Flush flush, String token);

    abstract void insertGroup(Flush flush, OpenPush.Group group, long now);

    /** Locks groups, always in one order, and reads their ids, users, spaces and when they were last seen. */
    abstract void lockGroups(Flush flush, String[] sorted, Flush.Row row);

    /** Inserts a client view record: id, content, time. One that is there is as good as written now. */
    abstract void insertRecord(Flush flush, List<Object> record);

    /** Creates what is missing in the SDK's own table. */
    abstract void insertSpaces(Flush flush, String[] sorted);

    /** Reads ids and versions of the spaces that exist. */
    abstract void readSpaces(Flush flush, String[] sorted, Flush.Row row);

    /** Waits for the turn of a transaction that is about to lock spaces, if standing in line is cheaper than waiting. */
    abstract void queue(Flush flush, String[] spaces);

    /** Locks the spaces that exist, always in one order, and reads their ids and versions. */
    abstract void lockSpaces(Flush flush, String[] sorted, Flush.Row row);

    /** Moves versions by one in the same order, creating what is missing in the SDK's own table. */
    abstract void moveVersions(Flush flush, String[] sorted);

    abstract void updateClients(Flush flush, String space, SortedMap<String, PushTx.Client> clients);

    abstract void insertClients(Flush flush, String space, SortedMap<String, PushTx.Client> clients);

    /** Stamps what was touched with the versions that the spaces have by now. */
    abstract void stamp(Flush flush, Connection connection, Touched touched, Tables tables) throws SQLException;

    /** Gives rows that were touched a new row version, where they have one in a column. */
    abstract void moveRowVersions(Flush flush, Connection connection, Touched touched, Tables tables)
            throws SQLException;

    /** Stamps what triggers noted in this transaction. */
    abstract void stampNoted(Flush flush, SortedSet<String> spaces);

    /** Last in the closing flush of a transaction that goes on without the SDK. */
    abstract void unmark(Flush flush);

    abstract void lock(Flush flush, String space, String name);

    /** Waits for all transactions of the SDK, and keeps others from beginning, up to the end of this one. */
    abstract void lockOutEverybody(Flush flush);

    /** Begins the flush of a pull. */
    abstract void beginSnapshot(Flush flush);

    /** Ends the flush of a transaction. */
    abstract void commit(Flush flush);

    /** The value of {@code row}'s columns as JSON, or the columns from which {@link #json} makes it. */
    abstract String jsonColumns(Table table);

    /** A query for the keys, and what {@link #jsonColumns} gives, of all rows {@code t} that meet a condition. */
    String all(Table table, String condition) {
        return "select " + key(table, "t") + ", " + jsonColumns(table) + " from " + table.from() + " t where "
                + condition;
    }

    /** Tells whether a row was found, as an SQL condition over an outer-joined {@code t}. */
    final String found(Table table) {
        return "t." + table.id().quoted() + " is not null";
    }

    /** The end of the key in {@code keyColumn} as the table's id; null if the key is of another table. */
    abstract String idFromKey(Table table, String keyColumn);

    /** A condition: the key is one of the table's. */
    final String keyOf(Table table, String keyColumn) {
        int length = table.prefix().codePointCount(0, table.prefix().length());
        return "substr(" + keyColumn + ", 1, " + length + ") = " + Names.literal(table.prefix());
    }

    /** The key of a row, which the statement calls {@code row}. */
    abstract String key(Table table, String row);

    /** The row version of {@code t} as text, never null for a row; what stands for it if Java makes it of the value. */
    abstract String rowVersion(Table table);

    /** SQL for what names this very database; null if nothing does. */
    abstract String identity();

    /** Makes the value of a row from the columns that {@link #jsonColumns} asked for, which begin at {@code first}. */
    abstract byte @Nullable [] json(Table table, ResultSet row, int first) throws SQLException;

    /** How long cursors fetch, 0 where results are in memory anyway. */
    abstract int fetchSize();

    abstract void seen(Connection connection, String group, long now) throws SQLException;

    static Set<String> texts(@Nullable Array array) throws SQLException {
        Set<String> texts = new TreeSet<>();
        if (array != null) {
            for (Object text : (Object[]) array.getArray()) {
                if (text != null) {
                    texts.add(text.toString());
                }
            }
        }
        return texts;
    }

    static List<@Nullable Object> values(@Nullable Object... values) {
        return Collections.unmodifiableList(Arrays.asList(values));
    }

    static Map<String, @Nullable Object> parameters(@Nullable String user, String space, @Nullable Long since) {
        Map<String, @Nullable Object> map = new HashMap<>();
        map.put("user", user);
        map.put("space", space);
        map.put("since", since);
        return map;
    }
}
