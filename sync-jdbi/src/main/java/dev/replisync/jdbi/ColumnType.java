package dev.replisync.jdbi;

import java.sql.Types;
import java.util.Locale;

/** What of a column's type decides how it is read and written. */
enum ColumnType {
    TEXT,
    BOOLEAN,
    INTEGER,
    LONG,
    DECIMAL,
    DOUBLE,
    UUID,
    JSON,
    TIMESTAMP,
    INSTANT,
    DATE,
    TIME,
    OTHER;

    static ColumnType of(int jdbcType, String typeName) {
        return switch (typeName.toLowerCase(Locale.ROOT)) {
            case "uuid" -> UUID;
            case "json", "jsonb" -> JSON;
            case "bool", "boolean" -> BOOLEAN;
            case "timestamptz", "timestamp with time zone" -> INSTANT;
            case "timetz", "time with time zone" -> OTHER;
            default -> of(jdbcType);
        };
    }

    private static ColumnType of(int jdbcType) {
        return switch (jdbcType) {
            case Types.VARCHAR, Types.CHAR, Types.LONGVARCHAR, Types.CLOB -> TEXT;
            case Types.TINYINT, Types.SMALLINT, Types.INTEGER -> INTEGER;
            case Types.BIGINT -> LONG;
            case Types.NUMERIC, Types.DECIMAL -> DECIMAL;
            case Types.REAL, Types.FLOAT, Types.DOUBLE -> DOUBLE;
            case Types.TIMESTAMP -> TIMESTAMP;
            case Types.DATE -> DATE;
            case Types.TIME -> TIME;
            default -> OTHER;
        };
    }

    /** Whether a row can be found by a key whose end is this column as text. */
    boolean isKey() {
        return this == TEXT || this == INTEGER || this == LONG || this == UUID;
    }

    /** How a cast names it, if it is a type of keys. */
    String sql() {
        return switch (this) {
            case UUID -> "uuid";
            case INTEGER -> "int";
            case LONG -> "bigint";
            default -> "varchar";
        };
    }

    /** Whether {@link #parse} takes a text. */
    boolean reads(String text) {
        try {
            parse(text);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** Turns the end of a key into a value of this type; throws IllegalArgumentException if it is not written that way. */
    Object parse(String text) {
        Object value = switch (this) {
            case TEXT -> text;
            case UUID -> java.util.UUID.fromString(text);
            case INTEGER -> Integer.valueOf(text);
            case LONG -> Long.valueOf(text);
            default -> throw new IllegalStateException(this + " is no type of a key");
        };
        if (!value.toString().equals(text)) {
            throw new IllegalArgumentException("'" + text + "' must be written as '" + value + "'");
        }
        return value;
    }
}
