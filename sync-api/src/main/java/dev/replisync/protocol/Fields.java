package dev.replisync.protocol;

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
        if (!isNumber(value) || value.length() > 100) {
            throw new IOException(name + " must be a number");
        }
        return Double.parseDouble(value.toString());
    }

    /** The value if it is a whole number that fits, else null. */
    static @Nullable Long whole(@Nullable Json value) {
        if (value == null || !isNumber(value) || value.length() > 20) {
            return null;
        }
        try {
            return Long.valueOf(value.toString());
        } catch (NumberFormatException e) {
            return null;
        }
    }

    private static boolean isNumber(Json value) {
        byte first = value.source()[value.start()];
        return first == '-' || (first >= '0' && first <= '9');
    }

    private static String text(String name, Json value) throws IOException {
        if (!Slices.isString(value)) {
            throw new IOException(name + " must be a string");
        }
        return Slices.text(value);
    }

    private static Json required(Map<String, Json> members, String name, String type) throws IOException {
        Json value = members.get(name);
        if (value == null) {
            throw new IOException(name + " is missing; it must be " + type);
        }
        return value;
    }
}
