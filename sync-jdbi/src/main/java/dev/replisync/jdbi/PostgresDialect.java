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
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** PostgreSQL: sets of rows at once, in few statements that are sent together. */
final class PostgresDialect extends Dialect {
    private static final int FETCH_SIZE = 500;

    private final String setting;

    PostgresDialect(Names names, SpaceTable spaces) {
        super(DatabaseKind.POSTGRESQL, names, spaces);
        this.setting = Triggers.transactionSetting(names);
    }

    @Override
    void begin(Connection connection, boolean snapshot) throws SQLException {
        connection.setAutoCommit(false);
    }

    @Override
    void mark(Flush flush, String token, boolean ownTransaction) {
        if (ownTransaction) {
            flush.add("set transaction isolation level read committed", List.of());
        }
        flush.add("select set_config('" + setting + "', ?, true)", List.of(token));
    }

    @Override
    void checkMark(Flush flush, String token) {
        flush.add(
                "select (case when current_setting('" + setting + "', true) = ? then '1'"
                        + " else 'the transaction of the SDK was ended by a mutator' end)::int",
                List.of(token));
    }

    @Override
    void insertGroup(Flush flush, OpenPush.Group group, long now) {
        flush.add(
                "insert into " + names.group() + " (id, user_id, space_id, last_seen) values (?, ?, ?, ?)"
                        + " on conflict (id) do nothing",
                List.of(group.id(), group.userID(), group.spaceID(), now));
    }

    @Override
    void lockGroups(Flush flush, String[] sorted, Flush.Row row) {
        String sql = "select id, user_id, space_id, last_seen from " + names.group() + " where id = ";
        if (sorted.length == 1) {
            flush.add(sql + "? for update", List.of(sorted[0]), row);
        } else {
            flush.add(sql + "any(?) order by id for update", List.of((Object) sorted), row);
        }
    }

    @Override
    void insertRecord(Flush flush, List<Object> record) {
        flush.add(
                "insert into " + names.record()
                        + " (id, content, last_used) values (?, ?, ?) on conflict (id) do update set last_used = excluded.last_used",
                record);
    }

    @Override
    void insertSpaces(Flush flush, String[] sorted) {
        flush.add(
                "insert into " + names.space()
                        + " (id, version) select u, 0 from unnest(?::text[]) u order by u collate"
                        + " \"C\" on conflict (id) do nothing",
                List.of((Object) sorted));
    }

    @Override
    void readSpaces(Flush flush, String[] sorted, Flush.Row row) {
        readSpaces(flush, sorted, "", row);
    }

    /**
     * Who waits for a row that is being updated is woken by each commit, and so is everybody else who waits: all find it
     * changed and wait again, for the new row, in any order. An advisory lock wakes one, the next.
     */
    @Override
    void queue(Flush flush, String[] spaces) {
        Long[] keys = Arrays.stream(spaces)
                .map(space -> LockKey.of(names.space() + '\0' + space))
                .sorted()
                .toArray(Long[]::new);
        if (keys.length == 1) {
            flush.add("select pg_advisory_xact_lock(" + LockKey.sql("?", names) + ")", List.of(keys[0]));
        } else {
            flush.add(
                    "select pg_advisory_xact_lock(" + LockKey.sql("k", names) + ") from unnest(?::bigint[]) k",
                    List.of((Object) keys));
        }
    }

    @Override
    void lockSpaces(Flush flush, String[] sorted, Flush.Row row) {
        // Rows of the application that refer to a space must not wait for it, nor a push for them.
        String lock = spaces.holding(sorted).isOwn() ? " for update" : " for no key update";
        readSpaces(flush, sorted, " order by s." + spaces.holding(sorted).id() + lock, row);
    }

    private void readSpaces(Flush flush, String[] sorted, String lock, Flush.Row row) {
        SpaceTable table = spaces.holding(sorted);
        String[] held = Arrays.stream(sorted).filter(table::mayHold).toArray(String[]::new);
        flush.add(
                "select " + table.text("s") + ", s." + table.version() + " from " + table.from() + " s where s."
                        + among(table, held) + lock,
                List.of(Rows.oneOrAll(held)),
                row);
    }

    private static String among(SpaceTable table, String[] ids) {
        if (ids.length == 1) {
            return table.id() + " = " + table.key("?");
        }
        return table.id() + " = any("
                + (table.type() == ColumnType.TEXT
                        ? "?"
                        : "?::text[]::" + table.type().sql() + "[]")
                + ")";
    }

    @Override
    void moveVersions(Flush flush, String[] sorted) {
        SpaceTable table = spaces.holding(sorted);
        if (table.isOwn()) {
            flush.add(
                    "insert into " + names.space() + " as s (id, version) select u, 1 from "
                            + Rows.of(sorted.length, "text") + " v (u) order by u collate \"C\""
                            + " on conflict (id) do update set version = s.version + 1",
                    Rows.values(sorted.length, sorted));
            return;
        }
        lockSpaces(flush, sorted, row -> {});
        flush.add(
                "update " + table.from() + " s set " + table.version() + " = s." + table.version() + " + 1 where s."
                        + among(table, sorted),
                List.of(Rows.oneOrAll(sorted)));
    }

    private String versionOf(String space) {
        return spaces.holding(space).versionOf();
    }

    @Override
    void updateClients(Flush flush, String space, SortedMap<String, PushTx.Client> clients) {
        flush.add(
                "update " + names.client() + " c set last_mutation_id = v.last_id, last_modified_version = "
                        + versionOf(space) + " from " + Rows.of(clients.size(), "text", "bigint")
                        + " v (id, last_id) where c.id = v.id",
                Rows.after(space, Rows.values(clients.size(), ids(clients), lastIDs(clients))));
    }

    @Override
    void insertClients(Flush flush, String space, SortedMap<String, PushTx.Client> clients) {
        flush.add(
                "insert into " + names.client() + " (id, group_id, last_mutation_id, last_modified_version)"
                        + " select v.id, v.group_id, v.last_id, " + versionOf(space)
                        + " from " + Rows.of(clients.size(), "text", "text", "bigint") + " v (id, group_id, last_id)"
                        + " order by v.id collate \"C\"",
                Rows.after(space, Rows.values(clients.size(), ids(clients), groups(clients), lastIDs(clients))));
    }

    private static String[] ids(SortedMap<String, PushTx.Client> clients) {
        return clients.keySet().toArray(String[]::new);
    }

    private static String[] groups(SortedMap<String, PushTx.Client> clients) {
        return clients.values().stream().map(PushTx.Client::groupID).toArray(String[]::new);
    }

    private static Long[] lastIDs(SortedMap<String, PushTx.Client> clients) {
        return clients.values().stream().map(PushTx.Client::lastMutationID).toArray(Long[]::new);
    }

    @Override
    void stamp(Flush flush, Connection connection, Touched touched, Tables tables) {
        for (Table table : tables.all()) {
            List<Entry> entries = touched.of(table);
            if (entries.isEmpty()) {
                continue;
            }
            String[] spaces = entries.stream().map(Entry::space).toArray(String[]::new);
            String[] keys = entries.stream().map(Entry::key).toArray(String[]::new);
            SpaceTable moved = this.spaces.holding(spaces);
            String join = moved.from() + " s on s." + moved.id() + " = " + moved.key("v.space_id");
            String condition = "";
            if (table.option(Option.VERSION) != null) {
                String row = table.from() + " t where t." + table.id().quoted() + " = "
                        + idFromKey(table, "v.entity_key") + spaceMatches(table);
                flush.add(
                        "update " + table.from() + " t set "
                                + table.columnAt(Option.VERSION).quoted()
                                + " = s." + moved.version()
                                + " from " + Rows.of(entries.size(), "text", "text") + " v (space_id, entity_key) join "
                                + join
                                + " where t."
                                + table.id().quoted() + " = "
                                + idFromKey(table, "v.entity_key") + spaceMatches(table),
                        Rows.values(entries.size(), spaces, keys));
                condition = " where not exists (select 1 from " + row + ")";
            }
            flush.add(
                    "insert into " + names.ledger()
                            + " (space_id, entity_key, version) select v.space_id, v.entity_key,"
                            + " s." + moved.version()
                            + " from " + Rows.of(entries.size(), "text", "text") + " v (space_id, entity_key) join "
                            + join + condition
                            + " order by v.space_id collate \"C\", v.entity_key collate \"C\""
                            + " on conflict (space_id, entity_key) do update set version = excluded.version",
                    Rows.values(entries.size(), spaces, keys));
            stampAudience(flush, entries, moved);
        }
    }

    private void stampAudience(Flush flush, List<Entry> entries, SpaceTable moved) {
        List<Entry> lost = entries.stream().filter(e -> !e.lostBy().isEmpty()).toList();
        if (lost.isEmpty()) {
            return;
        }
        flush.add(
                "insert into " + names.audience() + " (space_id, entity_key, user_id, version) select v.space_id,"
                        + " v.entity_key, u, s." + moved.version()
                        + " from unnest(?::text[], ?::text[], ?::text[]) v (space_id, entity_key, lost_by),"
                        + " unnest(v.lost_by::text[]) u, " + moved.from() + " s where s." + moved.id() + " = "
                        + moved.key("v.space_id")
                        + " on conflict (space_id, entity_key, user_id) do update set version = excluded.version",
                List.of(
                        lost.stream().map(Entry::space).toArray(String[]::new),
                        lost.stream().map(Entry::key).toArray(String[]::new),
                        lost.stream().map(e -> array(e.lostBy())).toArray(String[]::new)));
    }

    @Override
    void moveRowVersions(Flush flush, Connection connection, Touched touched, Tables tables) {
        for (Table table : tables.all()) {
            Found version = table.writtenVersion();
            String[] keys = version == null ? new String[0] : touched.keysOf(table);
            if (version != null && keys.length > 0) {
                flush.add(
                        "update " + table.from() + " t set " + version.quoted() + " = "
                                + next("t." + version.quoted(), version)
                                + " from " + Rows.of(keys.length, "text") + " v (entity_key) where t."
                                + table.id().quoted() + " = "
                                + idFromKey(table, "v.entity_key"),
                        Rows.values(keys.length, keys));
            }
        }
    }

    private static String next(String old, Found version) {
        return switch (version.type()) {
            case UUID -> "gen_random_uuid()";
            case TEXT -> "gen_random_uuid()::text";
            // A row that was inserted without one must not begin where a deleted row of its id did.
            default -> "coalesce(" + old + ", floor(random() * " + RowVersions.START + ")::int) + 1";
        };
    }

    @Override
    void stampNoted(Flush flush, SortedSet<String> spaces) {
        Triggers.stampNoted(flush, names, this.spaces, spaces);
    }

    @Override
    void unmark(Flush flush) {
        flush.add("select set_config('" + setting + "', '', true)", List.of());
    }

    private static String spaceMatches(Table table) {
        Found space = table.columnOf(Option.SPACE);
        if (space == null) {
            return "";
        }
        return " and (v.space_id = " + Names.literal(JdbiStorage.GLOBAL_SPACE) + " or v.space_id = t." + space.quoted()
                + "::text)";
    }

    /** An array of texts as PostgreSQL writes it, because arrays of arrays have rows of one length. */
    static String array(Set<String> texts) {
        return texts.stream()
                .map(t -> '"' + t.replace("\\", "\\\\").replace("\"", "\\\"") + '"')
                .collect(Collectors.joining(",", "{", "}"));
    }

    @Override
    void lock(Flush flush, String space, String name) {
        flush.add(
                "select pg_advisory_xact_lock(" + LockKey.sql("?", names) + ")",
                List.of(LockKey.of(names.table("lock") + '\0' + space + '\0' + name)));
    }

    @Override
    void lockOutEverybody(Flush flush) {
        // In the order in which pushes and writes come to them; all of them read the last one.
        flush.add("lock table " + names.group() + " in exclusive mode", List.of());
        flush.add("lock table " + names.space() + " in exclusive mode", List.of());
        flush.add("lock table " + names.meta() + " in access exclusive mode", List.of());
    }

    @Override
    void beginSnapshot(Flush flush) {
        flush.add("set transaction isolation level repeatable read, read only", List.of());
    }

    @Override
    void commit(Flush flush) {
        flush.add("commit", List.of());
    }

    @Override
    String jsonColumns(Table table) {
        return "case when " + found(table) + " then " + PostgresJson.of(table) + " end";
    }

    @Override
    String all(Table table, String condition) {
        return PostgresJson.all(
                table,
                key(table, "t"),
                PostgresJson.type(List.of(table)),
                "select t.* from " + table.from() + " t where " + condition);
    }

    @Override
    String idFromKey(Table table, String keyColumn) {
        int start = table.prefix().codePointCount(0, table.prefix().length()) + 1;
        String suffix = "case when " + keyOf(table, keyColumn) + " then substr(" + keyColumn + ", " + start + ") end";
        return switch (table.id().type()) {
            case UUID -> "(" + suffix + ")::uuid";
            case INTEGER -> "(" + suffix + ")::int";
            case LONG -> "(" + suffix + ")::bigint";
            default -> "(" + suffix + ")" + (table.collation() == null ? "" : " collate " + table.collation());
        };
    }

    @Override
    String key(Table table, String row) {
        return "(" + Names.literal(table.prefix()) + " || " + row + "."
                + table.id().quoted() + "::text) collate \"C\"";
    }

    @Override
    String rowVersion(Table table) {
        return switch (table.rowVersion()) {
            // By the row where it has no version, as long as nothing gave it one.
            case COLUMN ->
                "coalesce(t." + table.columnAt(Option.ROW_VERSION_COLUMN).quoted() + "::text, "
                        + (table.isBase() ? "'x' || t.xmin::text" : "''") + ") collate \"C\"";
            case XMIN -> "t.xmin::text";
            case HASH -> "md5(" + jsonColumns(table) + ")";
        };
    }

    @Override
    String identity() {
        return "(select case when pg_is_in_recovery() then null else c.system_identifier || ':' ||"
                + " substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8) || ':' || d.oid end"
                + " from pg_control_system() c, pg_database d where d.datname = current_database())";
    }

    @Override
    byte @Nullable [] json(Table table, ResultSet row, int first) throws SQLException {
        return row.getBytes(first);
    }

    @Override
    int fetchSize() {
        return FETCH_SIZE;
    }

    @Override
    void seen(Connection connection, String group, long now) throws SQLException {
        // A push that holds the row writes the mark itself.
        String sql = "update " + names.group() + " set last_seen = ? where id = (select id from " + names.group()
                + " where id = ? for update skip locked)";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setLong(1, now);
            statement.setString(2, group);
            statement.executeUpdate();
        }
    }
}
