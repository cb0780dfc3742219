package dev.replisync.jdbi;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What was declared of a table.
 *
 * @param table its name
 * @param prefix what its keys start with
 * @param id its id column
 * @param columns what clients see
 * @param options everything else
 */
record Declaration(String table, String prefix, String id, List<Column> columns, Map<Option, String> options) {
    private static final Pattern SIMPLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_$]*");

    /** What may be declared once. */
    enum Option {
        VALUE,
        SPACE,
        WHERE,
        READABLE_BY,
        READABLE_BY_ALL,
        RULES_CHANGED_SINCE,
        VERSION,
        DELETED,
        TRIGGERS
    }

    static Declaration of(String table) {
        return new Declaration(table, "", "", List.of(), Map.of());
    }

    Declaration withKey(String newPrefix, String newID) {
        return new Declaration(table, newPrefix, newID, columns, options);
    }

    Declaration with(Column column) {
        List<Column> more = new ArrayList<>(columns);
        more.add(column);
        return new Declaration(table, prefix, id, List.copyOf(more), options);
    }

    Declaration with(Option option, String value) {
        Map<Option, String> more = new EnumMap<>(Option.class);
        more.putAll(options);
        more.put(option, value);
        return new Declaration(table, prefix, id, columns, Collections.unmodifiableMap(more));
    }

    @Nullable
    String get(Option option) {
        return options.get(option);
    }

    boolean has(Option option) {
        return options.containsKey(option);
    }

    boolean hasRules() {
        return has(Option.READABLE_BY) || has(Option.READABLE_BY_ALL);
    }

    /** The ways to write the table's name, the likeliest first. */
    List<String> names() {
        List<String> quoted = new ArrayList<>();
        boolean simple = true;
        for (String part : table.split("\\.", -1)) {
            quoted.add(Names.quote(part));
            simple &= SIMPLE.matcher(part).matches();
        }
        String exact = String.join(".", quoted);
        return simple ? List.of(table, exact) : List.of(exact);
    }

    List<String> problems() {
        List<String> problems = new ArrayList<>();
        if (prefix.isEmpty()) {
            problems.add("table " + table + " has no key; call key(prefix, idColumn)");
        }
        if (columns.isEmpty() && !has(Option.VALUE)) {
            problems.add("table " + table + " has no columns; call columns(…), or value(…)");
        }
        if (!columns.isEmpty() && has(Option.VALUE)) {
            problems.add("table " + table + " has both columns and value(…); the one excludes the other");
        }
        long members = columns.stream().map(Column::member).distinct().count();
        if (members < columns.size()) {
            problems.add("table " + table + " has two columns for one member");
        }
        if (has(Option.RULES_CHANGED_SINCE) && !hasRules()) {
            problems.add("table " + table + " has rulesChangedSince(…) but no readableBy(…)");
        }
        if (has(Option.TRIGGERS) && has(Option.VERSION)) {
            problems.add(
                    "table " + table + " has both triggers() and versionColumn(…); triggers write the ledger only");
        }
        return problems;
    }

    /** The same on each node, and another one whenever clients see something else. */
    byte[] fingerprint() {
        return toString().getBytes(StandardCharsets.UTF_8);
    }
}
