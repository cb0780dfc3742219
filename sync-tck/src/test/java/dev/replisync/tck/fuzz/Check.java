package dev.replisync.tck.fuzz;

import java.util.regex.Pattern;

/** What the fuzzers find is thrown from here. */
final class Check {
    /** Names of classes, traces, statements and files. */
    private static final Pattern INTERNALS = Pattern.compile(
            "(?i)exception|\\bat [a-z.]+\\(|dev\\.replisync|com\\.fasterxml|java\\.|jackson|select .* from|stacktrace");

    /** How the escape of half a character begins, which Jackson refuses in the name of a member, and JSON does not. */
    static final Pattern HALF = Pattern.compile("\\\\u[dD][89a-fA-F]");

    private Check() {}

    static void that(boolean holds, String otherwise, Object shown) {
        if (!holds) {
            String text = String.valueOf(shown);
            throw new AssertionError(otherwise + (text.length() > 300 ? text.substring(0, 300) + "…" : text));
        }
    }

    static void tellsNothing(String answer) {
        that(!INTERNALS.matcher(answer).find(), "an answer tells of what is inside: ", answer);
    }

    /** JSON with half characters as escapes, as JavaScript writes them. */
    static String escaped(String json) {
        StringBuilder escaped = new StringBuilder(json.length());
        json.codePoints().forEach(c -> {
            if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
                escaped.append("\\u").append(Integer.toHexString(c));
            } else {
                escaped.appendCodePoint(c);
            }
        });
        return escaped.toString();
    }
}
