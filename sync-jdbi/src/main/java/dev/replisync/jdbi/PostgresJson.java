package dev.replisync.jdbi;

import dev.replisync.jdbi.Declaration.Option;
import dev.replisync.jdbi.Table.Found;

/** The value of an entity as PostgreSQL makes it. */
final class PostgresJson {
    private PostgresJson() {}

    /** The JSON text of a row {@code t}. */
    static String of(Table table) {
        Found value = table.columnOf(Option.VALUE);
        if (value != null) {
            return "coalesce(t." + value.quoted() + "::text, 'null')";
        }
        StringBuilder columns = new StringBuilder();
        for (Column column : table.declaration().columns()) {
            columns.append(columns.isEmpty() ? "" : ", ")
                    .append(value(table, column))
                    .append(" as ")
                    .append(Names.quote(column.member()));
        }
        return "(select row_to_json(r)::text from (select " + columns + ") r)";
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
}
