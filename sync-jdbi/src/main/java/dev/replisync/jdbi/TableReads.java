package dev.replisync.jdbi;

import dev.replisync.jdbi.Declaration.Option;
import dev.replisync.storage.VersionedReads.Request;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The queries by which a pull reads the synced tables. Each gives a key and the value, no value if it is gone. */
final class TableReads {
    private final Node node;
    private final Map<String, @Nullable Object> parameters;
    private final String space;
    private final Map<Table, Integer> counts = new HashMap<>();

    /** A query for one table. */
    record Query(Table table, String sql, List<@Nullable Object> values) {}

    TableReads(Node node, Request request) {
        this.node = node;
        this.space = request.spaceID();
        this.parameters = Dialect.parameters(
                request.userID(),
                request.spaceID(),
                request.since().isPresent() ? request.since().getAsLong() : null);
    }

    void count(Table table) {
        counts.merge(table, 1, Integer::sum);
    }

    boolean fits(int limit) {
        return counts.values().stream().allMatch(n -> n <= limit);
    }

    List<Query> everything() {
        List<Query> queries = new ArrayList<>();
        for (Table table : node.tables().all()) {
            queries.add(query(
                    table,
                    "select " + node.dialect().key(table, "t") + ", "
                            + node.dialect().jsonColumns(table) + " from " + table.from() + " t where "
                            + table.visible(space)));
        }
        return queries;
    }

    /** What changed; of each table at most {@code limit}, 0 for no limit. */
    List<Query> changes(int limit) {
        List<Query> queries = new ArrayList<>();
        for (Table table : node.tables().all()) {
            List<String> parts = new ArrayList<>();
            if (table.option(Option.VERSION) == null) {
                parts.add(byLedger(table));
            } else {
                parts.add(byColumn(table));
                parts.add(tombstones(table));
            }
            if (table.option(Option.RULES_CHANGED_SINCE) != null) {
                parts.add(byRules(table));
            }
            for (String part : parts) {
                queries.add(query(table, limit == 0 ? part : part + " limit " + limit));
            }
        }
        return queries;
    }

    private Query query(Table table, String template) {
        NamedSql sql = NamedSql.parse(template);
        return new Query(table, sql.sql(), sql.values(parameters));
    }

    private String newEntries(Table table) {
        return " l.space_id = :space and l.version > :since and "
                + node.dialect().keyOf(table, "l.entity_key");
    }

    /** The user lost the entity after the version that the client holds; who lost it before has heard so. */
    private String lost(String key) {
        return "exists (select 1 from " + node.names().audience() + " a where a.space_id = :space and a.entity_key = "
                + key + " and a.user_id in (:user, '" + SyncedTable.EVERYBODY + "') and a.version > :since)";
    }

    /** The ledger says what was touched, the table whether it is there. */
    private String byLedger(Table table) {
        Dialect dialect = node.dialect();
        return "select l.entity_key, " + dialect.jsonColumns(table) + " from "
                + node.names().ledger()
                + " l left join " + table.from() + " t on t." + table.id().quoted() + " = "
                + dialect.idFromKey(table, "l.entity_key") + " and " + table.visible(space) + " where"
                + newEntries(table)
                + (table.declaration().hasRules()
                        ? " and (" + dialect.found(table) + " or " + lost("l.entity_key") + ")"
                        : "");
    }

    /** The rows say themselves when they changed; the ledger knows who lost them. */
    private String byColumn(Table table) {
        Dialect dialect = node.dialect();
        String version = table.columnAt(Option.VERSION).quoted();
        String id = table.id().quoted();
        String rest = table.declaration().hasRules()
                ? " and (" + dialect.found(table) + " or " + lost(dialect.key(table, "r")) + ")"
                : "";
        return "select " + dialect.key(table, "r") + ", " + dialect.jsonColumns(table) + " from "
                + table.from() + " r left join " + table.from() + " t on t." + id + " = r." + id + " and "
                + table.visible(space) + " where r." + version + " > :since and "
                + table.inSpace("r", space) + rest;
    }

    /** Rows that are gone, or gone from this space. */
    private String tombstones(Table table) {
        Dialect dialect = node.dialect();
        return "select l.entity_key, " + dialect.jsonColumns(table) + " from "
                + node.names().ledger()
                + " l left join " + table.from() + " t on t." + table.id().quoted() + " = "
                + dialect.idFromKey(table, "l.entity_key") + " and " + table.inSpace("t", space) + " where"
                + newEntries(table) + " and t." + table.id().quoted() + " is null"
                + (table.declaration().hasRules() ? " and " + lost("l.entity_key") : "");
    }

    private String byRules(Table table) {
        Dialect dialect = node.dialect();
        String id = table.id().quoted();
        return "select r.entity_key, " + dialect.jsonColumns(table) + " from (select t." + id + " as id, "
                + dialect.key(table, "t") + " as entity_key from " + table.from() + " t where "
                + table.inSpace("t", space)
                + " and (" + table.option(Option.RULES_CHANGED_SINCE) + ")) r left join " + table.from() + " t on t."
                + id + " = r.id and " + table.visible(space);
    }
}
