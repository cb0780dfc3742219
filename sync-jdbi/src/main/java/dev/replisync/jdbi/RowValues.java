package dev.replisync.jdbi;

import dev.replisync.jdbi.Table.Found;
import dev.replisync.protocol.Json;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jspecify.annotations.Nullable;

/** Rows as applications hold them. */
final class RowValues {
    private RowValues() {}

    /** The columns that a record or a map names, in its order. */
    static Map<Found, @Nullable Object> of(Table table, Object row) {
        Map<Found, @Nullable Object> values = new LinkedHashMap<>();
        if (row instanceof Map<?, ?> map) {
            map.forEach((name, value) -> values.put(column(table, String.valueOf(name)), value));
        } else if (row.getClass().isRecord()) {
            for (RecordComponent component : row.getClass().getRecordComponents()) {
                values.put(column(table, component.getName()), value(row, component));
            }
        } else {
            throw new IllegalArgumentException("a row of " + table.declaration().named()
                    + " must be a record or a map but is a " + row.getClass().getName());
        }
        return values;
    }

    /** Makes maps from all columns. */
    static RowMapper<Map<String, @Nullable Object>> mapper(Table table) {
        return (rows, context) -> {
            Map<String, @Nullable Object> row = new LinkedHashMap<>();
            int i = 1;
            for (Found column : table.columns()) {
                row.put(column.name(), read(rows, i++, column.type()));
            }
            return row;
        };
    }

    /**
     * Makes records, public or not, whose components are named like columns. Jdbi's own mapper needs public ones, and
     * compares names as the default locale does it.
     */
    static <R> RowMapper<R> recordMapper(Table table, Class<R> type) {
        RecordComponent[] components = type.getRecordComponents();
        Class<?>[] types = new Class<?>[components.length];
        int[] indexes = new int[components.length];
        for (int i = 0; i < components.length; i++) {
            types[i] = components[i].getType();
            indexes[i] = table.columns().indexOf(column(table, components[i].getName())) + 1;
        }
        return (rows, context) -> {
            Object[] values = new Object[components.length];
            for (int i = 0; i < values.length; i++) {
                Type wanted = components[i].getGenericType();
                values[i] = context.findColumnMapperFor(wanted)
                        .orElseThrow(() -> new IllegalArgumentException("no column mapper is registered for " + wanted))
                        .map(rows, indexes[i], context);
            }
            try {
                Constructor<R> constructor = type.getDeclaredConstructor(types);
                constructor.setAccessible(true);
                return constructor.newInstance(values);
            } catch (ReflectiveOperationException e) {
                throw new IllegalArgumentException("a " + type.getName() + " cannot be made", e);
            }
        };
    }

    private static @Nullable Object value(Object row, RecordComponent component) {
        try {
            component.getAccessor().setAccessible(true);
            return component.getAccessor().invoke(row);
        } catch (IllegalAccessException | InvocationTargetException e) {
            throw new IllegalArgumentException("component " + component.getName() + " cannot be read", e);
        }
    }

    private static Found column(Table table, String name) {
        return table.column(name)
                .or(() -> table.columns().stream()
                        .filter(c -> plain(c.name()).equals(plain(name)))
                        .findFirst())
                .orElseThrow(
                        () -> new IllegalArgumentException(table.declaration().named()
                                + " has no column for '" + name + "'; it has "
                                + table.columns().stream().map(Found::name).toList()));
    }

    private static String plain(String name) {
        return name.replace("_", "").toLowerCase(Locale.ROOT);
    }

    /** The same Java type on each database. */
    static @Nullable Object read(ResultSet rows, int i, ColumnType type) throws SQLException {
        Object value = rows.getObject(i);
        if (value == null) {
            return null;
        }
        return switch (type) {
            case TEXT -> rows.getString(i);
            case BOOLEAN -> rows.getBoolean(i);
            case INTEGER -> rows.getInt(i);
            case LONG -> rows.getLong(i);
            case DECIMAL -> rows.getBigDecimal(i);
            case DOUBLE -> rows.getDouble(i);
            case JSON -> json(rows, i);
            case TIMESTAMP -> rows.getObject(i, LocalDateTime.class);
            case INSTANT -> rows.getObject(i, OffsetDateTime.class).toInstant();
            case DATE -> rows.getObject(i, LocalDate.class);
            case TIME -> rows.getObject(i, LocalTime.class);
            case UUID, OTHER -> value;
        };
    }

    static @Nullable Json json(ResultSet rows, int i) throws SQLException {
        byte[] bytes = rows.getMetaData().getColumnTypeName(i).equalsIgnoreCase("json")
                        && rows.getObject(i) instanceof byte[] h2
                ? h2
                : utf8(rows.getString(i));
        return bytes == null ? null : Json.ofTrusted(bytes);
    }

    private static byte @Nullable [] utf8(@Nullable String text) {
        return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
    }
}
