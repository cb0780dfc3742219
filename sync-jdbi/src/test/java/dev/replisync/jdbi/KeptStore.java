package dev.replisync.jdbi;

import dev.replisync.storage.KeptViews;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/** A table of items, some of one owner only, and the kept views of it. */
final class KeptStore {
    /** For how long positions are kept that nobody uses. */
    static final Duration LIFE = Duration.ofDays(30);

    private static final AtomicInteger COUNT = new AtomicInteger();

    private final TestDatabase db;
    private final TestClock clock;
    private final String table = "item" + COUNT.incrementAndGet();
    private final Names names = new Names(null, table + "_");

    KeptStore(TestDatabase db, TestClock clock) {
        this.db = db;
        this.clock = clock;
        db.execute("create table " + table + " (id text primary key, val text, owner text)");
        Installer.install(db.jdbi(), names);
    }

    String table() {
        return table;
    }

    Names names() {
        return names;
    }

    KeptViews node(String viewVersion) {
        return node(db, viewVersion);
    }

    /** A node with connections of its own; one where {@code kept.probe} is set fails when it reads the view. */
    KeptViews node(TestDatabase connections, String viewVersion) {
        return new KeptReads(nodeOf(connections), viewVersion, LIFE);
    }

    Node nodeOf(TestDatabase connections) {
        return nodeOf(connections.jdbi());
    }

    Node nodeOf(Jdbi jdbi) {
        SyncedTable items = SyncedTable.of(table)
                .key("item/", "id")
                .columns("val")
                .where("current_setting('kept.probe', true) is null or 1 / (length(t.id) - length(t.id)) = 1")
                .readableByAll("t.owner is null")
                .readableBy("select t.owner");
        return new Node(jdbi, names, clock, List.of(items), null);
    }

    /** The same view as a query. */
    KeptViews window() {
        SyncedTable items = SyncedTable.of(table)
                .key("item/", "id")
                .columns("val")
                .viewQuery("select t.id from " + table + " t where t.owner is null or t.owner = :user");
        return new KeptReads(new Node(db.jdbi(), names, clock, List.of(items), null), "window", LIFE);
    }

    void put(String id, String value) {
        db.execute(upsert(id, value));
    }

    String upsert(String id, String value) {
        return "insert into " + table + " values ('" + id + "', '" + value
                + "') on conflict (id) do update set val = excluded.val";
    }

    void delete(String id) {
        db.execute("delete from " + table + " where id = '" + id + "'");
    }

    void owner(String id, String user) {
        db.execute("update " + table + " set owner = '" + user + "' where id = '" + id + "'");
    }

    void client(String group, String id, long lastMutationID) {
        db.execute(clientSql(group, id, lastMutationID));
    }

    String clientSql(String group, String id, long lastMutationID) {
        return "insert into " + names.client() + " (id, group_id, last_mutation_id, last_modified_version) values ('"
                + id + "', '" + group + "', " + lastMutationID
                + ", 0) on conflict (id) do update set last_mutation_id = excluded.last_mutation_id";
    }

    /** A patch's line. */
    static String line(String id, String value) {
        return "put item/" + id + " " + json(value);
    }

    private static String json(String value) {
        return "{\"val\":\"" + value + "\"}";
    }

    /** The view of a user as it is committed now. */
    Map<String, String> committed(String user) {
        return db.jdbi().withHandle(h -> {
            Map<String, String> view = new TreeMap<>();
            h.select("select id, val from " + table + " where owner is null or owner = ?", user)
                    .mapToMap()
                    .forEach(row -> view.put("item/" + row.get("id"), json(String.valueOf(row.get("val")))));
            return view;
        });
    }

    String nextTransactionID() {
        try (Handle handle = db.jdbi().open()) {
            return handle.select("select pg_snapshot_xmax(pg_current_snapshot())::text")
                    .mapTo(String.class)
                    .one();
        }
    }

    long count(String tableName) {
        return db.jdbi()
                .withHandle(h -> h.select("select count(*) from " + tableName)
                        .mapTo(Long.class)
                        .one());
    }
}
