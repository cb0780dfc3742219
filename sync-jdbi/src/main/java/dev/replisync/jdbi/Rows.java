package dev.replisync.jdbi;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Rows of parameters on PostgreSQL: as arrays, and one row by itself. For an array PostgreSQL plans the statement anew
 * each time, because it hopes for a better plan than the one for arrays of any length; for one row it keeps its plan.
 */
final class Rows {
    private Rows() {}

    /** What to select from: a row for each place of the arrays, or the one row. */
    static String of(int rows, String... types) {
        return rows == 1
                ? "(values (?::" + String.join(", ?::", types) + "))"
                : "unnest(?::" + String.join("[], ?::", types) + "[])";
    }

    /** The values for {@link #of}. */
    static List<Object> values(int rows, Object[]... columns) {
        return Arrays.stream(columns)
                .map(column -> rows == 1 ? column[0] : column)
                .toList();
    }

    /** The values for {@link #of} behind another parameter. */
    static List<Object> after(Object first, List<Object> values) {
        List<Object> all = new ArrayList<>(List.of(first));
        all.addAll(values);
        return all;
    }

    static Object oneOrAll(String[] values) {
        return values.length == 1 ? values[0] : values;
    }
}
