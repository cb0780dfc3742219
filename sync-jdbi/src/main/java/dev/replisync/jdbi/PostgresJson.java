package dev.replisync.jdbi;

import dev.replisync.jdbi.Declaration.Option;
import dev.replisync.jdbi.Table.Found;
import java.util.List;

/** The value of an entity as PostgreSQL makes it. */
final class PostgresJson {
    /** What the row is called of which JSON is made: as no column is, or the name would be that column's. */
    private static final String ROW = "\"~row\"";

    private static final String ROW_TO_JSON = "row_to_json(" + ROW + ")::";

    private PostgresJson() {}

    /** The JSON text of a row {@code t}. */
    static String of(Table table) {
        return of(table, "text");
    }

    /** The JSON of a row {@code t}, of a type that {@link #type} may give. */
    static String of(Table table, String type) {
        Found value = table.columnOf(Option.VALUE);
        return value == null
                ? "(select " + ROW_TO_JSON + type + " from (select " + columns(table) + ") " + ROW + ")"
                : stored(value);
    }

    /**
     * Keys and values of all of many rows.
     *
     * @param key SQL
     * @param type of the values, as {@link #type} gives it
     * @param rows a query of rows that are all there
     */
    static String all(Table table, String key, String type, String rows) {
        return "select " + key + ", " + joined(table, type) + " from (" + rows + ") t" + join(table);
    }

    /** The same as {@link #of} where {@link #join} follows on {@code t}: faster for many rows, as no query for each. */
    static String joined(Table table, String type) {
        Found value = table.columnOf(Option.VALUE);
        return value == null ? ROW_TO_JSON + type : stored(value);
    }

    static String join(Table table) {
        return table.columnOf(Option.VALUE) == null ? " cross join lateral (select " + columns(table) + ") " + ROW : "";
    }

    /** Of what type values of all of these tables are: text only where some are stored, because a cast takes its time. */
    static String type(List<Table> tables) {
        return tables.stream().allMatch(table -> table.columnOf(Option.VALUE) == null) ? "json" : "text";
    }

    private static String stored(Found value) {
        return "coalesce(t." + value.quoted() + "::text, 'null')";
    }

    private static String columns(Table table) {
        StringBuilder columns = new StringBuilder();
        for (Column column : table.declaration().columns()) {
            columns.append(columns.isEmpty() ? "" : ", ")
                    .append(value(table, column))
                    .append(" as ")
                    .append(Names.quote(column.member()));
        }
        return columns.toString();
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
