package dev.replisync.protocol;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the members of an envelope strictly: the exact type or a message that names the member. */
final class Fields {
    private Fields() {}

    static String string(Map<String, Json> members, String name) throws IOException {
        Json value = required(members, name, "a string");
        return text(name, value);
    }

    static String string(Map<String, Json> members, String name, String absent) throws IOException {
        Json value = members.get(name);
        return value == null ? absent : text(name, value);
    }

    /** A string that is used as a key in the store. */
    static String identifier(Map<String, Json> members, String name) throws IOException {
        String id = string(members, name);
        String problem = Identifiers.problem(id);
        if (problem != null) {
            throw new IOException(name + " " + problem);
        }
        return id;
    }

    /** A whole number from 1. */
    static long count(Map<String, Json> members, String name, long max) throws IOException {
        Json value = required(members, name, "a whole number");
        Long n = whole(value);
        if (n == null || n < 1 || n > max) {
            throw new IOException(name + " must be a whole number from 1 to " + max);
        }
        return n;
    }

    /** A number; 0 where it is absent. */
    static double number(Map<String, Json> members, String name) throws IOException {
        Json value = members.get(name);
        if (value == null) {
            return 0;
        }
        try (JsonParser p = Slices.scalar(value)) {
            if (p.currentToken() != null && p.currentToken().isNumeric() && value.length() <= 100) {
                return p.getDoubleValue();
            }
        }
        throw new IOException(name + " must be a number");
    }

    /** The value if it is a whole number that fits, else null. */
    static @Nullable Long whole(@Nullable Json value) throws IOException {
        if (value == null || value.length() > 20) {
            return null;
        }
        try (JsonParser p = Slices.scalar(value)) {
            boolean fits = p.currentToken() == JsonToken.VALUE_NUMBER_INT
                    && p.getNumberType() != JsonParser.NumberType.BIG_INTEGER;
            return fits ? (Long) p.getLongValue() : null;
        }
    }

    private static String text(String name, Json value) throws IOException {
        try (JsonParser p = Slices.scalar(value)) {
            if (p.currentToken() == JsonToken.VALUE_STRING) {
                return p.getText();
            }
        }
        throw new IOException(name + " must be a string");
    }

    private static Json required(Map<String, Json> members, String name, String type) throws IOException {
        Json value = members.get(name);
        if (value == null) {
            throw new IOException(name + " is missing; it must be " + type);
        }
        return value;
    }
}
