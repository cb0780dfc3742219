package dev.replisync.jdbi;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What was declared of a table.
 *
 * @param table its name, empty for a query
 * @param prefix what its keys start with
 * @param id its id column
 * @param columns what clients see
 * @param options everything else
 */
record Declaration(String table, String prefix, String id, List<Column> columns, Map<Option, String> options) {
    /** What does not change the value of an entity, nor who may see it. */
    private static final Set<Option> ROW_VERSIONS =
            EnumSet.of(Option.VIEW_QUERY, Option.ROW_VERSION_COLUMN, Option.ROW_VERSION_XMIN, Option.ROW_VERSION_HASH);

    /** What a query, of which there are no rows to write, cannot have. */
    private static final Map<Option, String> OF_TABLES = Map.of(
            Option.VERSION, "versionColumn(…)",
            Option.DELETED, "deletedColumn(…)",
            Option.TRIGGERS, "triggers()",
            Option.ROW_VERSION_XMIN, "rowVersionXmin()");

    private static final Pattern SIMPLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_$]*");

    /** What may be declared once. */
    enum Option {
        VALUE,
        SPACE,
        WHERE,
        READABLE_BY,
        READABLE_IF,
        READABLE_BY_ALL,
        RULES_CHANGED_SINCE,
        VERSION,
        DELETED,
        TRIGGERS,
        QUERY,
        VIEW_QUERY,
        ROW_VERSION_COLUMN,
        ROW_VERSION_XMIN,
        ROW_VERSION_HASH
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

    boolean isQuery() {
        return has(Option.QUERY);
    }

    /** For messages. */
    String named() {
        return isQuery() ? "the query of '" + prefix + "'" : "table " + table;
    }

    /** The ways to write the table's name, the likeliest first. */
    List<String> names() {
        if (isQuery()) {
            return List.of("(\n" + get(Option.QUERY) + "\n)");
        }
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
            problems.add(named() + " has no key; call key(prefix, idColumn)");
        }
        if (columns.isEmpty() && !has(Option.VALUE)) {
            problems.add(named() + " has no columns; call columns(…), or value(…)");
        }
        if (!columns.isEmpty() && has(Option.VALUE)) {
            problems.add(named() + " has both columns and value(…); the one excludes the other");
        }
        long members = columns.stream().map(Column::member).distinct().count();
        if (members < columns.size()) {
            problems.add(named() + " has two columns for one member");
        }
        if (has(Option.RULES_CHANGED_SINCE) && !hasRules()) {
            problems.add(named() + " has rulesChangedSince(…) but no readableBy(…)");
        }
        if (Triggers.PER_SPACE.equals(get(Option.TRIGGERS)) && !has(Option.SPACE)) {
            problems.add(named() + " has triggersPerSpace() but no space(…)");
        }
        if (has(Option.TRIGGERS) && has(Option.VERSION)) {
            problems.add(named() + " has both triggers() and versionColumn(…); triggers write the ledger only");
        }
        if (has(Option.TRIGGERS) && has(Option.ROW_VERSION_COLUMN)) {
            problems.add(named() + " has both triggers() and rowVersionColumn(…), which triggers do not write; use"
                    + " rowVersionXmin(), which sees every write");
        }
        if (options.keySet().stream().filter(ROW_VERSIONS::contains).count() > (has(Option.VIEW_QUERY) ? 2 : 1)) {
            problems.add(named() + " has more than one of rowVersionColumn(…), rowVersionXmin() and rowVersionHash()");
        }
        if (isQuery()) {
            options.keySet().stream()
                    .filter(OF_TABLES::containsKey)
                    .map(option -> named() + " has " + OF_TABLES.get(option) + ", which only a table can have")
                    .forEach(problems::add);
        }
        return problems;
    }

    /** The same on each node, and another one whenever clients see something else. */
    byte[] fingerprint() {
        Map<Option, String> seen = new EnumMap<>(Option.class);
        seen.putAll(options);
        seen.keySet().removeAll(ROW_VERSIONS);
        return new Declaration(table, prefix, id, columns, seen).toString().getBytes(StandardCharsets.UTF_8);
    }

    /** Like {@link #fingerprint}, where it does not matter who sees which entity: only what is made of it. */
    byte[] shape() {
        Map<Option, String> seen = new EnumMap<>(Option.class);
        seen.putAll(options);
        seen.keySet().retainAll(EnumSet.of(Option.VALUE, Option.QUERY));
        return new Declaration(table, prefix, id, columns, seen).toString().getBytes(StandardCharsets.UTF_8);
    }
}
