package dev.replisync.jdbi;

import dev.replisync.jdbi.Declaration.Option;
import java.util.ArrayList;
import java.util.List;

/**
 * The queries by which a pull reads the synced tables, of one space or of another one whose rows are found alike. Each
 * gives a key and the value, no value if it is gone. Immutable.
 */
final class TableReads {
    private final Node node;
    private final String space;
    private final List<Query> everything;
    private final List<Query> changes;

    /** A query for one table. */
    record Query(Table table, NamedSql sql) {
        Query limited(int rows) {
            return new Query(table, new NamedSql(sql.sql() + " limit " + rows, sql.names()));
        }
    }

    TableReads(Node node, String space) {
        this.node = node;
        this.space = space;
        this.everything = node.tables().all().stream().map(this::everything).toList();
        this.changes = node.tables().all().stream()
                .flatMap(table -> changes(table).stream().map(part -> query(table, part)))
                .toList();
    }

    /** What the queries differ by from space to space. */
    static List<String> conditions(Node node, String space) {
        return node.tables().all().stream()
                .map(table -> table.inSpace("t", space))
                .toList();
    }

    List<Query> everything() {
        return everything;
    }

    /** What changed; no key twice from one query. */
    List<Query> changes() {
        return changes;
    }

    /** Whether users may be told different changes. */
    boolean changesByUser() {
        return changes.stream().anyMatch(query -> query.sql().names().contains("user"));
    }

    private Query everything(Table table) {
        return query(table, node.dialect().all(table, table.visible(space)));
    }

    private List<String> changes(Table table) {
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
        return parts;
    }

    private static Query query(Table table, String template) {
        return new Query(table, NamedSql.parse(template));
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
