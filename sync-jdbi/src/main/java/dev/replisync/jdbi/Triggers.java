package dev.replisync.jdbi;

import dev.replisync.jdbi.Declaration.Option;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;

/** PostgreSQL's triggers that note what plain SQL writes. */
final class Triggers {
    private final Names names;
    private final Table table;

    Triggers(Names names, Table table) {
        this.names = names;
        this.table = table;
    }

    /** The setting that marks a transaction as the SDK's; one for each installation. */
    static String transactionSetting(Names names) {
        return setting(names, "tx");
    }

    private static String setting(Names names, String name) {
        return "replisync." + name + "_" + HexFormat.of().toHexDigits(PostgresDialect.hash(names.table(name)), 8);
    }

    /** Names of functions are as unique as the table's, and short enough for PostgreSQL. */
    private String function(String name) {
        String hash = HexFormat.of()
                .toHexDigits(PostgresDialect.hash(table.declaration().table()), 8);
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
        values.put("space_id", Names.literal(String.valueOf(table.option(Option.TRIGGERS))));
        values.put("key", Names.literal(table.prefix()) + " || t." + table.id().quoted() + "::text");
        values.put("readers", readers());
        return Resources.read("postgresql-triggers.sql", values);
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
        String mark = Long.toHexString(PostgresDialect.hash(statements));
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
