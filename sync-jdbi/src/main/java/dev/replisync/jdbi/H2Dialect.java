package dev.replisync.jdbi;

import dev.replisync.jdbi.Declaration.Option;
import dev.replisync.jdbi.Table.Found;
import dev.replisync.jdbi.Touched.Entry;
import dev.replisync.storage.OpenPush;
import dev.replisync.storage.PushTx;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/** H2: one row at a time, because it runs in this very process. */
final class H2Dialect extends Dialect {
    /** The isolation level that H2 calls SNAPSHOT; its REPEATABLE READ is none (rule R26). */
    private static final int SNAPSHOT = 6;

    H2Dialect(Names names, SpaceTable spaces) {
        super(DatabaseKind.H2, names, spaces);
    }

    @Override
    void begin(Connection connection, boolean snapshot) throws SQLException {
        int level = snapshot ? SNAPSHOT : Connection.TRANSACTION_READ_COMMITTED;
        if (connection.getTransactionIsolation() != level) {
            connection.setTransactionIsolation(level);
        }
        connection.setAutoCommit(false);
    }

    @Override
    void mark(Flush flush, String token, boolean ownTransaction) {}

    @Override
    void checkMark(Flush flush, String token) {}

    @Override
    void insertGroup(Flush flush, OpenPush.Group group, long now) {
        flush.addIfAbsent(
                "insert into " + names.group()
                        + " (id, user_id, space_id, last_seen) select ?, ?, ?, ? where not exists" + " (select 1 from "
                        + names.group() + " where id = ?)",
                List.of(group.id(), group.userID(), group.spaceID(), now, group.id()));
    }

    /** One by one: H2 may lock the rows of one statement in another order than it returns them in. */
    @Override
    void lockGroups(Flush flush, String[] sorted, Flush.Row row) {
        for (String group : sorted) {
            flush.add(
                    "select id, user_id, space_id, last_seen from " + names.group() + " where id = ? for update",
                    List.of(group),
                    row);
        }
    }

    @Override
    void insertRecord(Flush flush, List<Object> record) {
        flush.addIfAbsent(
                "merge into " + names.record() + " (id, content, last_used) key (id) values (?, ?, ?)", record);
    }

    @Override
    void insertSpaces(Flush flush, String[] sorted) {
        for (String space : sorted) {
            flush.addIfAbsent(
                    "insert into " + names.space() + " (id, version) select ?, 0 where not exists (select 1 from "
                            + names.space() + " where id = ?)",
                    List.of(space, space));
        }
    }

    @Override
    void readSpaces(Flush flush, String[] sorted, Flush.Row row) {
        readSpaces(flush, sorted, "", row);
    }

    @Override
    void queue(Flush flush, String[] spaces) {}

    @Override
    void lockSpaces(Flush flush, String[] sorted, Flush.Row row) {
        readSpaces(flush, sorted, " for update", row);
    }

    /** One by one: H2 may lock the rows of one statement in another order than it returns them in. */
    private void readSpaces(Flush flush, String[] sorted, String lock, Flush.Row row) {
        SpaceTable table = spaces.holding(sorted);
        for (String space : sorted) {
            if (table.mayHold(space)) {
                flush.add(
                        "select " + table.text("s") + ", s." + table.version() + " from " + table.one() + lock,
                        List.of(space),
                        row);
            }
        }
    }

    @Override
    void moveVersions(Flush flush, String[] sorted) {
        SpaceTable table = spaces.holding(sorted);
        if (table.isOwn()) {
            insertSpaces(flush, sorted);
        }
        for (String space : sorted) {
            flush.add(
                    "update " + table.from() + " s set " + table.version() + " = s." + table.version() + " + 1 where s."
                            + table.id() + " = " + table.key("?"),
                    List.of(space));
        }
    }

    private String versionOf(String space) {
        return spaces.holding(space).versionOf();
    }

    @Override
    void updateClients(Flush flush, String space, SortedMap<String, PushTx.Client> clients) {
        clients.forEach((id, client) -> flush.add(
                "update " + names.client() + " set last_mutation_id = ?, last_modified_version = " + versionOf(space)
                        + " where id = ?",
                List.of(client.lastMutationID(), space, id)));
    }

    @Override
    void insertClients(Flush flush, String space, SortedMap<String, PushTx.Client> clients) {
        clients.forEach((id, client) -> flush.add(
                "insert into " + names.client() + " (id, group_id, last_mutation_id, last_modified_version)"
                        + " values (?, ?, ?, " + versionOf(space) + ")",
                List.of(id, client.groupID(), client.lastMutationID(), space)));
    }

    @Override
    void stamp(Flush flush, Connection connection, Touched touched, Tables tables) throws SQLException {
        flush.run(connection);
        for (Table table : tables.all()) {
            for (Entry entry : touched.of(table)) {
                if (table.option(Option.VERSION) == null || !stampRow(connection, table, entry)) {
                    stamp(flush, names.ledger(), "", List.of(entry.space(), entry.key()));
                }
                for (String user : entry.lostBy()) {
                    stamp(flush, names.audience(), "user_id", List.of(entry.space(), entry.key(), user));
                }
            }
        }
    }

    private void stamp(Flush flush, String into, String user, List<String> key) {
        String more = user.isEmpty() ? "" : ", " + user;
        List<Object> values = new ArrayList<>(key);
        values.add(key.get(0));
        flush.add(
                "merge into " + into + " (space_id, entity_key" + more + ", version) key (space_id, entity_key" + more
                        + ") values (?, ?" + (user.isEmpty() ? "" : ", ?") + ", " + versionOf(key.get(0)) + ")",
                values);
    }

    @Override
    void moveRowVersions(Flush flush, Connection connection, Touched touched, Tables tables) throws SQLException {
        flush.run(connection);
        for (Table table : tables.all()) {
            Found version = table.writtenVersion();
            if (version == null) {
                continue;
            }
            String sql = "update " + table.from() + " t set " + version.quoted() + " = "
                    + switch (version.type()) {
                        case UUID -> "random_uuid()";
                        case TEXT -> "cast(random_uuid() as varchar)";
                        default -> "coalesce(t." + version.quoted() + ", ?) + 1";
                    }
                    + " where t." + table.id().quoted() + " = ?";
            for (String key : touched.keysOf(table)) {
                List<@Nullable Object> values = new ArrayList<>();
                if (version.type() == ColumnType.LONG || version.type() == ColumnType.INTEGER) {
                    values.add(RowVersions.first(version));
                }
                values.add(table.idOf(key));
                try (PreparedStatement statement = connection.prepareStatement(sql)) {
                    Flush.bind(connection, statement, 1, values);
                    statement.executeUpdate();
                } catch (SQLException e) {
                    throw StorageException.onApplicationTable(e);
                }
            }
        }
    }

    @Override
    void stampNoted(Flush flush, SortedSet<String> spaces) {}

    @Override
    void unmark(Flush flush) {}

    private boolean stampRow(Connection connection, Table table, Entry entry) throws SQLException {
        Found space = table.columnOf(Option.SPACE);
        boolean bySpace = space != null && !entry.space().equals(JdbiStorage.GLOBAL_SPACE);
        String sql = "update " + table.from() + " t set "
                + table.columnAt(Option.VERSION).quoted() + " = " + versionOf(entry.space())
                + " where t." + table.id().quoted() + " = ?"
                + (space != null && bySpace ? " and cast(t." + space.quoted() + " as varchar) = ?" : "");
        List<@Nullable Object> values = new ArrayList<>(List.of(entry.space(), table.idOf(entry.key())));
        if (bySpace) {
            values.add(entry.space());
        }
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            Flush.bind(connection, statement, 1, values);
            return statement.executeUpdate() > 0;
        } catch (SQLException e) {
            throw StorageException.onApplicationTable(e);
        }
    }

    @Override
    void lock(Flush flush, String space, String name) {
        flush.addIfAbsent(
                "insert into " + names.lock() + " (space_id, name) select ?, ? where not exists (select 1 from "
                        + names.lock() + " where space_id = ? and name = ?)",
                List.of(space, name, space, name));
        flush.add(
                "select 1 from " + names.lock() + " where space_id = ? and name = ? for update", List.of(space, name));
    }

    @Override
    void lockOutEverybody(Flush flush) {
        // The rows that there are: H2 has no lock of a table for longer than a statement.
        flush.add("select 1 from " + names.group() + " order by id for update", List.of());
        flush.add("select 1 from " + names.space() + " order by id for update", List.of());
        flush.add("select 1 from " + names.meta() + " for update", List.of());
    }

    @Override
    void beginSnapshot(Flush flush) {}

    @Override
    void commit(Flush flush) {
        flush.add("commit", List.of());
    }

    @Override
    String jsonColumns(Table table) {
        StringBuilder columns = new StringBuilder("t." + table.id().quoted());
        for (Column column : table.declaration().columns()) {
            columns.append(", t.").append(table.required(column.name()).quoted());
        }
        Found value = table.columnOf(Option.VALUE);
        if (value != null) {
            columns.append(", t.").append(value.quoted());
        }
        return columns.toString();
    }

    @Override
    String idFromKey(Table table, String keyColumn) {
        int start = table.prefix().length() + 1;
        String suffix = "case when " + keyOf(table, keyColumn) + " then substr(" + keyColumn + ", " + start + ") end";
        return switch (table.id().type()) {
            case UUID -> "cast(" + suffix + " as uuid)";
            case INTEGER -> "cast(" + suffix + " as int)";
            case LONG -> "cast(" + suffix + " as bigint)";
            default -> suffix;
        };
    }

    @Override
    String key(Table table, String row) {
        return Names.literal(table.prefix()) + " || cast(" + row + "."
                + table.id().quoted() + " as varchar)";
    }

    @Override
    String rowVersion(Table table) {
        return table.rowVersion() == Table.RowVersion.COLUMN
                ? "coalesce(cast(t." + table.columnAt(Option.ROW_VERSION_COLUMN).quoted() + " as varchar), '')"
                : "cast(null as varchar)";
    }

    @Override
    String identity() {
        return "cast(null as varchar)";
    }

    @Override
    byte @Nullable [] json(Table table, ResultSet row, int first) throws SQLException {
        return row.getObject(first) == null ? null : RowJson.write(table, row, first + 1);
    }

    @Override
    int fetchSize() {
        return 0;
    }

    @Override
    void seen(Connection connection, String group, long now) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("update " + names.group() + " set last_seen = ? where id = ?")) {
            statement.setLong(1, now);
            statement.setString(2, group);
            statement.executeUpdate();
        }
    }
}
