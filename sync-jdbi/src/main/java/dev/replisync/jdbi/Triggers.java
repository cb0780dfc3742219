package dev.replisync.jdbi;

import dev.replisync.jdbi.Declaration.Option;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;

/** PostgreSQL's triggers that note what plain SQL writes. */
final class Triggers {
    /** Declared for triggers that stamp each row in its own space; no space has this name. */
    static final String PER_SPACE = "";

    private final Names names;
    private final SpaceTable spaces;
    private final Table table;

    Triggers(Names names, SpaceTable spaces, Table table) {
        this.names = names;
        this.spaces = spaces;
        this.table = table;
    }

    /** The setting that marks a transaction as the SDK's; one for each installation. */
    static String transactionSetting(Names names) {
        return setting(names, "tx");
    }

    private static String setting(Names names, String name) {
        return "replisync." + name + "_" + HexFormat.of().toHexDigits(LockKey.of(names.table(name)), 8);
    }

    /** Names of functions are as unique as the table's, and short enough for PostgreSQL. */
    private String function(String name) {
        String hash = HexFormat.of().toHexDigits(LockKey.of(table.declaration().table()), 8);
        return names.table(name + "_" + hash);
    }

    /** The statements that create them, in one text. */
    String statements() {
        Map<String, String> values = new LinkedHashMap<>();
        values.put("before", function("before"));
        values.put("after", function("after"));
        for (String event : new String[] {"before", "insert", "update", "delete"}) {
            values.put(event + "_trigger", names.plain(event));
        }
        values.put("tx", transactionSetting(names));
        values.put("moved", setting(names, "moved"));
        values.put("space", names.space());
        values.put("ledger", names.ledger());
        values.put("audience", names.audience());
        values.put("touched", names.touched());
        values.put("table", table.from());
        values.put("space_id", Names.literal(JdbiStorage.GLOBAL_SPACE));
        values.put("key", Names.literal(table.prefix()) + " || t." + table.id().quoted() + "::text");
        values.put("readers", readers());
        if (!PER_SPACE.equals(table.option(Option.TRIGGERS))) {
            return Resources.read("postgresql-triggers.sql", values);
        }
        values.put("place", "t." + table.columnAt(Option.SPACE).quoted() + "::text");
        values.put("spaces", spaces.from());
        values.put("id", spaces.id());
        values.put("id_text", spaces.text("s"));
        values.put("type", spaces.type().sql());
        values.put("version", spaces.version());
        values.put("for_update", spaces.isOwn() ? "for update" : "for no key update");
        return Resources.read("postgresql-triggers-space.sql", values);
    }

    /** Stamps what triggers noted in this transaction. */
    static void stampNoted(Flush flush, Names names, SpaceTable all, SortedSet<String> moved) {
        SpaceTable spaces = all.holding(moved.toArray(String[]::new));
        String global = Names.literal(JdbiStorage.GLOBAL_SPACE);
        String place = "space_id";
        List<Object> values = List.of();
        if (moved.contains(JdbiStorage.GLOBAL_SPACE)) {
            place = global;
        } else if (!moved.isEmpty()) {
            // What is stamped in the global space elsewhere belongs to a transaction's own.
            place = "case space_id when " + global + " then ? else space_id end";
            values = List.of(moved.first());
            flush.add(
                    "select (case when exists (select 1 from " + names.touched() + " where xid = pg_current_xact_id()"
                            + " and space_id not in (" + global + ") and space_id <> all(?)) then"
                            + " 'SQL wrote a row of another space than was named; name it with touchIn(…)'"
                            + " else '1' end)::int",
                    List.of((Object) moved.toArray(String[]::new)));
        }
        String id = "s." + spaces.id() + " = " + spaces.key("n.space_id");
        flush.add(
                "with noted as (delete from " + names.touched() + " where xid = pg_current_xact_id() returning " + place
                        + " as space_id, entity_key, audience),"
                        + " lost as (insert into " + names.audience() + " (space_id, entity_key, user_id, version)"
                        + " select distinct n.space_id, n.entity_key, u, s." + spaces.version()
                        + " from noted n, unnest(n.audience) u, " + spaces.from() + " s where " + id
                        + " on conflict (space_id, entity_key, user_id) do update set version = excluded.version)"
                        + " insert into " + names.ledger() + " (space_id, entity_key, version)"
                        + " select distinct n.space_id, n.entity_key, s." + spaces.version() + " from noted n join "
                        + spaces.from() + " s on " + id + " order by n.space_id, n.entity_key"
                        + " on conflict (space_id, entity_key) do update set version = excluded.version",
                values);
    }

    private String readers() {
        String all = table.option(Option.READABLE_BY_ALL);
        String some = table.option(Option.READABLE_BY);
        String named = some == null ? "'{}'::text[]" : "array(" + some + ")::text[]";
        return all == null
                ? named
                : "case when coalesce((" + all + "), false) then array['" + SyncedTable.EVERYBODY + "'] else " + named
                        + " end";
    }

    /** Creates them if they are not there as they should be: creating locks the table for a moment. */
    void install(Connection connection) throws SQLException {
        String statements = statements();
        String mark = Long.toHexString(LockKey.of(statements));
        if (mark.equals(installed(connection))) {
            return;
        }
        try (Statement statement = connection.createStatement()) {
            statement.execute(statements + "comment on function " + function("after") + "() is '" + mark + "'");
        }
    }

    private String installed(Connection connection) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("select obj_description(to_regproc(?)::oid, 'pg_proc')")) {
            statement.setString(1, function("after"));
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next() ? String.valueOf(rows.getString(1)) : "";
            }
        }
    }
}
