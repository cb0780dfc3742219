package dev.replisync.jdbi;

import dev.replisync.jdbi.Declaration.Option;
import dev.replisync.jdbi.Table.Found;
import dev.replisync.jdbi.Touched.Entry;
import dev.replisync.storage.OpenPush;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
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

    @Override
    void lockSpaces(Flush flush, String[] sorted, Flush.Row row) {
        // Rows of the application that refer to a space must not wait for it, nor a push for them.
        String lock = spaces.holding(sorted).isOwn() ? " for update" : " for no key update";
        readSpaces(flush, sorted, " order by s." + spaces.holding(sorted).id() + lock, row);
    }

    private void readSpaces(Flush flush, String[] sorted, String lock, Flush.Row row) {
        SpaceTable table = spaces.holding(sorted);
        flush.add(
                "select " + table.text("s") + ", s." + table.version() + " from " + table.from() + " s where s."
                        + among(table) + lock,
                List.of((Object) Arrays.stream(sorted).filter(table::mayHold).toArray(String[]::new)),
                row);
    }

    private static String among(SpaceTable table) {
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
                    "insert into " + names.space() + " as s (id, version) select u, 1 from unnest(?::text[]) u"
                            + " order by u collate \"C\" on conflict (id) do update set version = s.version + 1",
                    List.of((Object) sorted));
            return;
        }
        lockSpaces(flush, sorted, row -> {});
        flush.add(
                "update " + table.from() + " s set " + table.version() + " = s." + table.version() + " + 1 where s."
                        + among(table),
                List.of((Object) sorted));
    }

    private String versionOf(@Nullable String space) {
        return spaces.holding(space).versionOf();
    }

    @Override
    void updateClients(Flush flush, @Nullable String space, String[] ids, Long[] mutationIDs) {
        flush.add(
                "update " + names.client() + " c set last_mutation_id = v.last_id, last_modified_version = "
                        + versionOf(space) + " from unnest(?::text[], ?::bigint[]) v (id, last_id) where c.id = v.id",
                values(space, ids, mutationIDs));
    }

    @Override
    void insertClients(Flush flush, String group, @Nullable String space, String[] ids, Long[] mutationIDs) {
        flush.add(
                "insert into " + names.client() + " (id, group_id, last_mutation_id, last_modified_version)"
                        + " select v.id, ?, v.last_id, " + versionOf(space)
                        + " from unnest(?::text[], ?::bigint[]) v (id, last_id) order by v.id collate \"C\"",
                values(group, space, ids, mutationIDs));
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
                                + " from unnest(?::text[], ?::text[]) v (space_id, entity_key) join " + join
                                + " where t."
                                + table.id().quoted() + " = "
                                + idFromKey(table, "v.entity_key") + spaceMatches(table),
                        List.of(spaces, keys));
                condition = " where not exists (select 1 from " + row + ")";
            }
            flush.add(
                    "insert into " + names.ledger()
                            + " (space_id, entity_key, version) select v.space_id, v.entity_key,"
                            + " s." + moved.version()
                            + " from unnest(?::text[], ?::text[]) v (space_id, entity_key) join "
                            + join + condition
                            + " order by v.space_id collate \"C\", v.entity_key collate \"C\""
                            + " on conflict (space_id, entity_key) do update set version = excluded.version",
                    List.of(spaces, keys));
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
                                + " from unnest(?::text[]) v (entity_key) where t."
                                + table.id().quoted() + " = "
                                + idFromKey(table, "v.entity_key"),
                        List.of((Object) keys));
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
        flush.add("select pg_advisory_xact_lock(?)", List.of(hash(names.table("lock") + '\0' + space + '\0' + name)));
    }

    static long hash(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return ByteBuffer.wrap(digest).getLong();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
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
        Found value = table.columnOf(Option.VALUE);
        if (value != null) {
            return "case when " + found(table) + " then coalesce(t." + value.quoted() + "::text, 'null') end";
        }
        StringBuilder columns = new StringBuilder();
        for (Column column : table.declaration().columns()) {
            columns.append(columns.isEmpty() ? "" : ", ")
                    .append(value(table, column))
                    .append(" as ")
                    .append(Names.quote(column.member()));
        }
        return "case when " + found(table) + " then (select row_to_json(r)::text from (select " + columns + ") r) end";
    }

    private static String value(Table table, Column column) {
        Found found = table.required(column.name());
        String sql = "t." + found.quoted();
        return switch (column.form()) {
            case JSON -> sql + "::json";
            case STRING -> text(sql, found.type());
            case NUMBER -> sql + "::numeric";
            case AUTO -> found.type() == ColumnType.LONG ? sql + "::text" : iso(sql, found.type());
        };
    }

    private static String text(String sql, ColumnType type) {
        String iso = iso(sql, type);
        return iso.equals(sql) ? sql + "::text" : iso;
    }

    private static String iso(String sql, ColumnType type) {
        return switch (type) {
            case TIMESTAMP -> "to_char(" + sql + ", 'YYYY-MM-DD\"T\"HH24:MI:SS.US')";
            case INSTANT -> "to_char(" + sql + " at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')";
            case DATE -> "to_char(" + sql + ", 'YYYY-MM-DD')";
            case TIME -> "to_char(" + sql + ", 'HH24:MI:SS.US')";
            default -> sql;
        };
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
                        + (table.isBase() ? "'x' || t.xmin::text" : "''") + ")";
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
