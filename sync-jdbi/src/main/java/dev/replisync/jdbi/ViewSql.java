package dev.replisync.jdbi;

import dev.replisync.jdbi.Declaration.Option;
import dev.replisync.storage.ViewReads;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The SQL of one table's part of a client's view. Holds the parameters {@code :user}, {@code :space} and {@code
 * :profile}.
 *
 * @param dialect the database
 * @param table the table
 * @param spaceID the space asked for
 */
record ViewSql(Dialect dialect, Table table, String spaceID) {

    static List<ViewSql> of(Node node, String spaceID) {
        return node.tables().all().stream()
                .map(table -> new ViewSql(node.dialect(), table, spaceID))
                .toList();
    }

    /** The values of the parameters. */
    static Map<String, @Nullable Object> parameters(ViewReads.Request request) {
        Map<String, @Nullable Object> values = Dialect.parameters(request.userID(), request.spaceID(), null);
        values.put("profile", request.profileID());
        return values;
    }

    /** On PostgreSQL: the rows of the view. */
    String condition() {
        String query = table.option(Option.VIEW_QUERY);
        String visible = table.visible(spaceID);
        return query == null
                ? visible
                : visible + " and t." + table.id().quoted() + " in (\n" + query.replace(Table.VISIBLE, visible) + "\n)";
    }

    /** On PostgreSQL: two columns, key and version of each entity. */
    String versions(String key, String version) {
        return "select " + dialect.key(table, "t") + " as " + key + ", " + dialect.rowVersion(table) + " as " + version
                + " from " + table.from() + " t where " + condition();
    }

    /**
     * On H2: key, version and what {@link Dialect#json} makes the value of, of each entity that the user may see. Which of
     * them are in the view is asked apart: H2 runs a query that rows are looked for in once, but again for each of them if
     * it is a union, or once others have written what it reads.
     */
    String everything() {
        return "select " + dialect.key(table, "t") + ", " + dialect.rowVersion(table) + ", "
                + dialect.jsonColumns(table) + " from " + table.from() + " t where " + table.visible(spaceID);
    }

    /** On H2: the keys that are in the view if the user may see them; empty if all are. */
    Optional<String> queried() {
        return Optional.ofNullable(table.option(Option.VIEW_QUERY))
                .map(query -> "select " + dialect.key(table, "q") + " from (\n"
                        + query.replace(Table.VISIBLE, table.visible(spaceID)) + "\n) q ("
                        + table.id().quoted() + ")");
    }

    /** On PostgreSQL: the rows of the view, with key and version in columns of names that no other has. */
    String rows() {
        return "select t.*, " + dialect.key(table, "t") + " as \"~key\", " + dialect.rowVersion(table)
                + " as \"~version\" from " + table.from() + " t where " + condition();
    }

    /**
     * On PostgreSQL: columns {@code k}, {@code v} and {@code j}, key, version and value of each entity that is not held,
     * or held in another version; without version and value those that are held and not in the view.
     *
     * @param held SQL for columns {@code k} and {@code v}, the keys that are held, with their versions, of this table
     * @param type of the values, as {@link PostgresJson#type} gives it
     */
    String differences(String held, String type) {
        // Values are made above the join, of what is sent. A full join is never done by loops.
        return "select coalesce(t.\"~key\", h.k) as k, t.\"~version\" as v, case when " + dialect.found(table)
                + " then " + PostgresJson.joined(table, type) + " end as j from (" + rows() + ") t full join (" + held
                + ") h on h.k = t.\"~key\"" + PostgresJson.join(table) + " where t.\"~version\" is distinct from h.v";
    }

    /**
     * On PostgreSQL: columns {@code k} and {@code j}, key and value of entities, whether they are in the view or not.
     *
     * @param keys SQL for a column {@code k}, keys of this table
     */
    String values(String keys) {
        return "select h.k as k, " + dialect.jsonColumns(table) + " as j from (" + keys + ") h join " + table.from()
                + " t on t." + table.id().quoted() + " = " + dialect.idFromKey(table, "h.k");
    }
}
