package dev.replisync.jdbi;

import dev.replisync.protocol.Text;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The names of the SDK's tables, quoted.
 *
 * @param schema the schema, null for the connection's own
 * @param prefix what every name starts with
 */
record Names(@Nullable String schema, String prefix) {
    /** PostgreSQL cuts longer names silently. */
    private static final int MAX_BYTES = 63;

    /** What the bodies of our functions stand between. */
    private static final String BODY_MARK = "$replisync$";

    private static final Pattern PREFIX = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,39}");

    Names {
        if (!PREFIX.matcher(prefix).matches()) {
            throw new IllegalArgumentException("tablePrefix was '" + prefix
                    + "' but it must be 1 to 40 letters, digits and underscores and not begin with a digit");
        }
        if (schema != null) {
            check("schema", schema);
        }
    }

    static String check(String what, String identifier) {
        if (identifier.isEmpty()
                || !canBeQuoted(identifier)
                || Text.hasLoneSurrogate(identifier)
                || identifier.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES) {
            throw new IllegalArgumentException(what + " was '" + identifier + "' but it must be a name of 1 to "
                    + MAX_BYTES + " bytes, without control characters and backslashes");
        }
        return identifier;
    }

    /** What keys start with. */
    static void checkPrefix(String what, String prefix) {
        if (prefix.isEmpty()) {
            throw new IllegalArgumentException(what + " must not be empty");
        }
        checkText(what, prefix);
    }

    /** Text that is written into statements. */
    static String checkText(String what, String text) {
        if (!canBeQuoted(text) || Text.hasLoneSurrogate(text)) {
            throw new IllegalArgumentException(
                    what + " was '" + text + "' but it must be without control characters and backslashes");
        }
        return text;
    }

    static String quote(String identifier) {
        return '"' + quotable(identifier).replace("\"", "\"\"") + '"';
    }

    static String literal(String text) {
        return '\'' + quotable(text).replace("'", "''") + '\'';
    }

    /** The last guard: what was not checked when it was given. */
    private static String quotable(String text) {
        return checkText("text in a statement", text);
    }

    /** A backslash escapes quotes for some servers and parsers; the mark ends the body of a function. */
    private static boolean canBeQuoted(String text) {
        return text.indexOf('\\') < 0
                && !text.contains(BODY_MARK)
                && text.chars().noneMatch(Character::isISOControl);
    }

    String meta() {
        return table("meta");
    }

    String space() {
        return table("space");
    }

    String epoch() {
        return table("epoch");
    }

    String group() {
        return table("client_group");
    }

    String client() {
        return table("client");
    }

    String ledger() {
        return table("ledger");
    }

    String audience() {
        return table("audience");
    }

    String view() {
        return table("view");
    }

    String viewPosition() {
        return table("view_position");
    }

    String viewBucket() {
        return table("view_bucket");
    }

    String viewChange() {
        return table("view_change");
    }

    String mark() {
        return table("mark");
    }

    String touched() {
        return table("touched");
    }

    String lock() {
        return table("lock");
    }

    String pull() {
        return table("pull");
    }

    String record() {
        return table("record");
    }

    /** The name of an index or another object beside the tables, without schema. */
    String plain(String name) {
        return quote(prefix + name);
    }

    /** The name of a table, function or the like with its schema. */
    String table(String name) {
        return (schema == null ? "" : quote(schema) + ".") + quote(prefix + name);
    }
}
