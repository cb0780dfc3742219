package dev.replisync.jdbi;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import dev.replisync.jdbi.Declaration.Option;
import dev.replisync.jdbi.Table.Found;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Makes JSON of a row in Java: the same values as PostgreSQL makes of the same data. */
final class RowJson {
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .enable(StreamWriteFeature.WRITE_BIGDECIMAL_AS_PLAIN)
            .build();
    private static final DateTimeFormatter DATE = format("uuuu-MM-dd");
    private static final DateTimeFormatter TIME = format("HH:mm:ss.SSSSSS");
    private static final DateTimeFormatter TIMESTAMP = format("uuuu-MM-dd'T'HH:mm:ss.SSSSSS");
    private static final DateTimeFormatter INSTANT = format("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'");

    private RowJson() {}

    private static DateTimeFormatter format(String pattern) {
        return DateTimeFormatter.ofPattern(pattern, Locale.ROOT);
    }

    static byte[] write(Table table, ResultSet row, int first) throws SQLException {
        Found value = table.columnOf(Option.VALUE);
        if (value != null) {
            String json = row.getObject(first) == null ? "null" : raw(row, first, value.type());
            return json.getBytes(StandardCharsets.UTF_8);
        }
        List<Column> columns = table.declaration().columns();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (JsonGenerator json = FACTORY.createGenerator(out)) {
            json.writeStartObject();
            for (int i = 0; i < columns.size(); i++) {
                Column column = columns.get(i);
                json.writeFieldName(column.member());
                write(json, row, first + i, column.form(), table.required(column.name()));
            }
            json.writeEndObject();
        } catch (IOException e) {
            throw new IllegalStateException("a row of " + table.declaration().named() + " is not writable", e);
        }
        return out.toByteArray();
    }

    private static void write(JsonGenerator json, ResultSet row, int i, Column.Form form, Found found)
            throws SQLException, IOException {
        if (row.getObject(i) == null) {
            json.writeNull();
            return;
        }
        switch (form) {
            case JSON -> json.writeRawValue(raw(row, i, found.type()));
            case NUMBER -> json.writeNumber(row.getBigDecimal(i));
            case STRING -> json.writeString(text(row, i, found.type()));
            case AUTO -> write(json, row, i, found.type());
        }
    }

    private static void write(JsonGenerator json, ResultSet row, int i, ColumnType type)
            throws SQLException, IOException {
        switch (type) {
            case JSON -> json.writeRawValue(raw(row, i, type));
            case BOOLEAN -> json.writeBoolean(row.getBoolean(i));
            case INTEGER -> json.writeNumber(row.getInt(i));
            case DECIMAL -> json.writeNumber(row.getBigDecimal(i));
            case DOUBLE -> {
                if (row.getObject(i) instanceof Float single) {
                    json.writeNumber(single);
                } else {
                    json.writeNumber(row.getDouble(i));
                }
            }
            default -> json.writeString(text(row, i, type));
        }
    }

    private static String raw(ResultSet row, int i, ColumnType type) throws SQLException {
        return type == ColumnType.JSON ? new String(row.getBytes(i), StandardCharsets.UTF_8) : row.getString(i);
    }

    private static @Nullable String text(ResultSet row, int i, ColumnType type) throws SQLException {
        return switch (type) {
            case TIMESTAMP -> TIMESTAMP.format(row.getObject(i, LocalDateTime.class));
            case INSTANT ->
                INSTANT.format(row.getObject(i, OffsetDateTime.class).withOffsetSameInstant(ZoneOffset.UTC));
            case DATE -> DATE.format(row.getObject(i, LocalDate.class));
            case TIME -> TIME.format(row.getObject(i, LocalTime.class));
            case BOOLEAN -> String.valueOf(row.getBoolean(i));
            default -> row.getString(i);
        };
    }
}
