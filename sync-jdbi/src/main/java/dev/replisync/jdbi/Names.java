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
                || identifier.indexOf('\0') >= 0
                || Text.hasLoneSurrogate(identifier)
                || identifier.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES) {
            throw new IllegalArgumentException(
                    what + " was '" + identifier + "' but it must be a name of 1 to " + MAX_BYTES + " bytes");
        }
        return identifier;
    }

    static String quote(String identifier) {
        return '"' + identifier.replace("\"", "\"\"") + '"';
    }

    static String literal(String text) {
        return '\'' + text.replace("'", "''") + '\'';
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
