package dev.replisync.jdbi;

import dev.replisync.MutationContext;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Update;
import org.jspecify.annotations.Nullable;

/**
 * A mutator's SQL over rows of a table that its user may see. What decides who may see them is asked just as for {@code
 * canSee}: its parameters are its own, whatever the mutator's are.
 *
 * @param spaceID the space, as the strategy keeps it
 */
record VisibleSql(Table table, String spaceID) {
    private static final String VISIBLE = Table.VISIBLE.substring(1);

    /** Before the names of the rules' own parameters; no argument's name has it. */
    private static final String OWN = ":";

    int execute(Handle handle, MutationContext context, String sql, Map<String, ? extends @Nullable Object> arguments) {
        Map<String, @Nullable Object> values = new HashMap<>(arguments);
        Map<String, @Nullable Object> known = Map.of("user", context.userID(), "space", context.space());
        if (!Collections.disjoint(values.keySet(), known.keySet())) {
            throw new IllegalArgumentException("arguments were " + values.keySet() + " but user and space are known");
        }
        values.putAll(known);
        NamedSql named = parse(sql, values.keySet());
        values.put(OWN + "user", context.userID());
        values.put(OWN + "space", spaceID);
        List<@Nullable Object> inOrder = named.values(values);
        try (Update update = handle.createUpdate(named.sql())) {
            IntStream.range(0, inOrder.size()).forEach(i -> update.bind(i, inOrder.get(i)));
            return update.execute();
        }
    }

    private NamedSql parse(String sql, Set<String> parameters) {
        if (NamedSql.parse(sql, Set.of(VISIBLE)).names().isEmpty()) {
            throw new IllegalArgumentException("SQL was '" + sql + "' but it must say " + Table.VISIBLE
                    + ", and not only in a comment or text; it holds for rows t that the user may see");
        }
        NamedSql rule = NamedSql.parse(table.visibleRow(spaceID));
        List<String> own = rule.names().stream().map(name -> OWN + name).toList();
        return NamedSql.parse(sql, parameters, Map.of(VISIBLE, new NamedSql(rule.sql(), own)));
    }
}
