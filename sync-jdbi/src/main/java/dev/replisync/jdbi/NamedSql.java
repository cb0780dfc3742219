package dev.replisync.jdbi;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A statement whose named parameters were replaced by question marks. Only the names asked for are parameters, so that
 * casts ({@code ::text}), texts, comments and quoted names stay what they are.
 *
 * @param sql for JDBC
 * @param names of the parameters in their order
 */
record NamedSql(String sql, List<String> names) {

    static final Set<String> PARAMETERS = Set.of("user", "space", "profile", "since", "id");

    static NamedSql parse(String template) {
        return parse(template, PARAMETERS);
    }

    static NamedSql parse(String template, Set<String> parameters) {
        return parse(template, parameters, Map.of());
    }

    /** @param parts what stands for some names, with names of its own */
    static NamedSql parse(String template, Set<String> parameters, Map<String, NamedSql> parts) {
        StringBuilder sql = new StringBuilder();
        List<String> names = new ArrayList<>();
        int i = 0;
        while (i < template.length()) {
            char c = template.charAt(i);
            int end = i + 1;
            if (c == '\'' || c == '"') {
                end = after(template, i + 1, String.valueOf(c));
            } else if (template.startsWith("--", i)) {
                end = after(template, i + 2, "\n");
            } else if (template.startsWith("/*", i)) {
                end = after(template, i + 2, "*/");
            } else if (template.startsWith("::", i)) {
                end = i + 2;
            } else if (c == ':') {
                int stop = i + 1;
                while (stop < template.length() && Character.isLetterOrDigit(template.charAt(stop))) {
                    stop++;
                }
                String name = template.substring(i + 1, stop);
                NamedSql part = parts.get(name);
                if (part != null) {
                    sql.append(part.sql);
                    names.addAll(part.names);
                    i = stop;
                    continue;
                }
                if (parameters.contains(name)) {
                    sql.append('?');
                    names.add(name);
                    i = stop;
                    continue;
                }
            }
            sql.append(template, i, end);
            i = end;
        }
        return new NamedSql(sql.toString(), List.copyOf(names));
    }

    private static int after(String text, int from, String end) {
        int at = text.indexOf(end, from);
        return at < 0 ? text.length() : at + end.length();
    }

    /** The values in the order of the parameters. */
    List<@Nullable Object> values(Map<String, ? extends @Nullable Object> byName) {
        List<@Nullable Object> values = new ArrayList<>(names.size());
        for (String name : names) {
            values.add(byName.get(name));
        }
        return values;
    }
}
