package dev.replisync.jdbi;

import dev.replisync.storage.ViewReads.Request;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The statements by which {@link PostgresView} reads: each sees the bookkeeping and the view as of one moment. Their rows
 * are a number that says what it is, two texts, and a value.
 */
final class ViewStatements {
    /** The proof, and the id of the transaction if this one counted. */
    static final int PROOF = -1;

    /** A client and its last mutation id. */
    static final int CLIENT = -2;

    private final Node node;
    private final Request request;
    private final boolean proven;
    private final List<ViewSql> tables;
    private final String type;
    private final List<String> orphans = new ArrayList<>(0);
    private final Map<String, @Nullable Object> values;

    ViewStatements(Node node, Request request, String viewVersion) {
        this.node = node;
        this.request = request;
        this.proven = request.proof() != null;
        this.tables = ViewSql.of(node, request.spaceID());
        this.type = PostgresJson.type(node.tables().all());
        this.values = new HashMap<>(ViewSql.parameters(request));
        values.put("heldProof", request.proof());
        values.put("ofView", Proof.scope(viewVersion, request));
        values.put("ofGroup", request.clientGroupID());
    }

    /** Hands the record over, each table's part of it for itself. */
    private void hold() {
        List<String> keys = request.since().map(r -> r.keys()).orElse(List.of());
        List<String> versions = request.since().map(r -> r.versions()).orElse(List.of());
        orphans.clear();
        List<List<String>> keysOf = new ArrayList<>();
        List<List<String>> versionsOf = new ArrayList<>();
        tables.forEach(table -> {
            keysOf.add(new ArrayList<>());
            versionsOf.add(new ArrayList<>());
        });
        int last = 0;
        for (int i = 0; i < keys.size(); i++) {
            last = tableOf(keys.get(i), last);
            if (last < 0) {
                orphans.add(keys.get(i));
                last = 0;
            } else {
                keysOf.get(last).add(keys.get(i));
                versionsOf.get(last).add(versions.get(i));
            }
        }
        for (int i = 0; i < tables.size(); i++) {
            values.put("heldKeys" + i, keysOf.get(i).toArray(String[]::new));
            values.put("heldVersions" + i, versionsOf.get(i).toArray(String[]::new));
        }
    }

    /** Most keys are of the same table as the one before. */
    private int tableOf(String key, int likely) {
        if (likely < tables.size() && tables.get(likely).table().owns(key)) {
            return likely;
        }
        for (int i = 0; i < tables.size(); i++) {
            if (tables.get(i).table().owns(key)) {
                return i;
            }
        }
        return -1;
    }

    /** Keys that are held and of no table. */
    List<String> orphans() {
        return orphans;
    }

    List<@Nullable Object> values(NamedSql statement) {
        return statement.values(values);
    }

    /** The bookkeeping alone. */
    NamedSql bookkeeping() {
        return parse(bookkeeping("with " + proof(), "null::text"));
    }

    /**
     * The bookkeeping and at most one change more than the limit; counts if there are changes and no more of them than
     * the limit. Does not look at the view if the proof stands.
     */
    NamedSql ahead(int limit) {
        String gate = proven ? " where (select p.proof from proof p) is distinct from :heldProof" : "";
        String with = "with " + proof() + ", changed as materialized (" + changes(gate) + " limit " + (limit + 1)
                + "), counted as (insert into " + node.names().pull() + " as c (group_id, counter) select :ofGroup, 1"
                + " where exists (select 1 from " + node.names().group()
                + " g where g.id = :ofGroup and g.user_id = :user and g.space_id = :space)"
                + " and (select count(*) from changed) between 1 and " + limit
                + " on conflict (group_id) do update set counter = c.counter + 1"
                + " returning pg_current_xact_id()::text as xid)";
        return parse(
                bookkeeping(with, "(select c.xid from counted c)") + " union all select part, k, v, j from changed");
    }

    /** The bookkeeping, and after it all changes. */
    NamedSql everything() {
        return parse(bookkeeping("with " + proof(), "null::text") + " union all " + changes(""));
    }

    private String bookkeeping(String with, String xid) {
        return with + " select " + PROOF + " as part, p.proof as k, " + xid + " as v, null::" + type
                + " as j from proof p union all " + clients();
    }

    private String changes(String condition) {
        hold();
        if (tables.isEmpty()) {
            return "select 0 as part, null::text as k, null::text as v, null::" + type + " as j where false";
        }
        List<String> parts = new ArrayList<>();
        for (int i = 0; i < tables.size(); i++) {
            String held =
                    "select u.k, u.v from unnest(:heldKeys" + i + "::text[], :heldVersions" + i + "::text[]) u (k, v)";
            parts.add("select " + i + " as part, d.k, d.v, d.j from ("
                    + tables.get(i).differences(held, type) + ") d" + condition);
        }
        return String.join(" union all ", parts);
    }

    /** What was read is in another database too, of which this one's transactions know nothing. */
    private String proof() {
        return "proof as materialized (select case when exists (select 1 from pg_foreign_table) then null else"
                + " pg_current_snapshot()::text || '/' || m.epoch || '/' || :ofView end as proof from "
                + node.names().meta() + " m)";
    }

    private String clients() {
        return "select " + CLIENT + ", c.id, c.last_mutation_id::text, null from "
                + node.names().client() + " c where c.group_id = :ofGroup";
    }

    private NamedSql parse(String sql) {
        return NamedSql.parse(sql, values.keySet());
    }
}
