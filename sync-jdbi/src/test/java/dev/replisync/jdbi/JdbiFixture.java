package dev.replisync.jdbi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replisync.WriteContext;
import dev.replisync.protocol.Json;
import dev.replisync.storage.OpenPush;
import dev.replisync.storage.PushTx;
import dev.replisync.storage.Storage;
import dev.replisync.tck.Feature;
import dev.replisync.tck.KitHandle;
import dev.replisync.tck.Operator;
import dev.replisync.tck.StoreView;
import dev.replisync.tck.SyncFixture;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/** The storage as the kit wants it: a table of items, and one of their readers. */
final class JdbiFixture implements SyncFixture<Handle> {
    private static final AtomicInteger COUNT = new AtomicInteger();

    /** Tables that a test is done with: to empty them is quicker than to create others. */
    private static final Map<String, Queue<Integer>> FREE = new ConcurrentHashMap<>();

    private final int number;
    private final TestDatabase db;
    private final Jdbi jdbi;
    private final Mapping mapping;
    private final String item;
    private final String prefix;
    private final SyncedTable items;
    private final TestClock clock = new TestClock();

    /** Whether spaces are rows of a table of the application. */
    private final boolean organizations;

    /** Tables of its own in a database that others use too. */
    JdbiFixture(DatabaseKind kind, Mapping mapping) {
        this(kind, mapping, false);
    }

    JdbiFixture(DatabaseKind kind, Mapping mapping, boolean organizations) {
        this.organizations = organizations;
        Integer free = free(kind, mapping, organizations).poll();
        this.number = free == null ? COUNT.incrementAndGet() : free;
        this.db = TestDatabase.shared(kind);
        this.jdbi = db.jdbi();
        this.mapping = mapping;
        this.item = "item" + number;
        this.prefix = "kit" + number + "_";
        this.items = mapping.of(SyncedTable.of(item)
                .key("item/", "id")
                .value("val")
                .space("space_id")
                .readableByAll("t.everybody")
                .readableBy("select r.user_id from " + item + "_reader r where r.item_id = t.id"));
        if (free == null) {
            create();
        } else {
            db.execute(tables().stream()
                    .filter(table -> !table.contains("meta"))
                    .map(table -> "delete from " + table)
                    .collect(Collectors.joining("; ", "", "; update \"" + prefix + "meta\" set strategy = null")));
        }
    }

    private static Queue<Integer> free(DatabaseKind kind, Mapping mapping, boolean organizations) {
        return FREE.computeIfAbsent(kind + "/" + mapping + "/" + organizations, k -> new ConcurrentLinkedQueue<>());
    }

    private void create() {
        String text = db.isPostgres() ? "text collate \"C\"" : "varchar";
        db.execute(
                "create table " + item + " (id " + text + " primary key, space_id " + text + " not null, val "
                        + (db.isPostgres() ? "json" : "varchar") + ", everybody boolean default true not null"
                        + mapping.columns() + ")",
                "create table " + item + "_reader (item_id " + text + ", user_id " + text
                        + ", primary key (item_id, user_id))",
                "create table " + item + "_org (name " + text + " primary key, sync bigint not null default 0)");
        storage().install();
    }

    private List<String> tables() {
        List<String> kept =
                db.isPostgres() ? List.of("view", "view_position", "view_bucket", "view_change") : List.of();
        return Stream.of(
                        Stream.of(
                                        "meta",
                                        "epoch",
                                        "space",
                                        "client_group",
                                        "client",
                                        "pull",
                                        "record",
                                        "ledger",
                                        "audience",
                                        "mark")
                                .map(name -> '"' + prefix + name + '"'),
                        kept.stream().map(name -> '"' + prefix + name + '"'),
                        Stream.of(item, item + "_reader", item + "_org"))
                .flatMap(tables -> tables)
                .toList();
    }

    private JdbiStorage storage() {
        JdbiStorageBuilder builder = JdbiStorage.builder(db.jdbi())
                .tables(items)
                .tablePrefix(prefix)
                .clock(clock)
                .connectionsAlike();
        return (organizations ? builder.spacesIn(item + "_org", "name", "sync") : builder).build();
    }

    @Override
    public Storage<Handle> node() {
        return storage();
    }

    @Override
    public KitHandle kit(Handle tx, WriteContext ctx) {
        return new Items(tx, ctx);
    }

    private final class Items implements KitHandle {
        private final Handle tx;
        private final WriteContext ctx;

        Items(Handle tx, WriteContext ctx) {
            this.tx = tx;
            this.ctx = ctx;
        }

        private String id(String key) {
            return key.substring("item/".length());
        }

        @Override
        public Optional<Json> get(String key) {
            return items.find(tx, id(key)).map(row -> json(row.getOrDefault("val", row.get("VAL"))));
        }

        @Override
        public void put(String key, Json value) {
            items.put(tx, ctx, Map.of("id", id(key), "val", value));
        }

        /** One after the other takes long where each goes to a server and back. */
        @Override
        public void putAll(List<String> keys, Json value) {
            if (!db.isPostgres() || mapping == Mapping.ROW_GUID_AND_DELETED) {
                KitHandle.super.putAll(keys, value);
                return;
            }
            String[] ids = keys.stream().map(this::id).toArray(String[]::new);
            tx.registerArrayType(String.class, "varchar");
            tx.execute(
                    "insert into " + item + " (id, space_id, val) select u.id, ?, cast(? as json) from unnest(?) u (id)"
                            + " on conflict (id) do update set val = excluded.val"
                            + (mapping.marksDeleted() ? ", gone = false" : ""),
                    ctx.space(),
                    value.toString(),
                    ids);
            items.touchWhere(tx, ctx, Set.of(), "t.id = any(?)", (Object) ids);
        }

        @Override
        public void delete(String key) {
            items.delete(tx, ctx, id(key));
        }

        @Override
        public void readers(String key, Set<String> users) {
            Set<String> lost = SdkTransaction.of(tx).writer(items).readers(id(key));
            tx.execute("delete from " + item + "_reader where item_id = ?", id(key));
            users.forEach(user -> tx.execute("insert into " + item + "_reader values (?, ?)", id(key), user));
            tx.execute("update " + item + " set everybody = false where id = ?", id(key));
            items.touchWhere(tx, ctx, lost, "t.id = ?", id(key));
        }

        @Override
        public void move(String key, String space, Json value) {
            items.update(tx, ctx, Map.of("id", id(key), "space_id", space, "val", value));
        }

        @Override
        public void swallowError() {
            try {
                tx.execute("select 1 / 0");
            } catch (RuntimeException e) {
                assertThat(e).isNotNull();
            }
        }
    }

    private static Json json(Object value) {
        return value instanceof Json json ? json : Json.parse(String.valueOf(value));
    }

    @Override
    public StoreView look() {
        return new Look();
    }

    private final class Look implements StoreView {
        private String table(String name) {
            return '"' + prefix + name + '"';
        }

        @Override
        public long version(String spaceID) {
            // The strategy's own space is no row of the application.
            String sql = organizations && !spaceID.equals("global")
                    ? "select sync from " + item + "_org where name = ?"
                    : "select version from " + table("space") + " where id = ?";
            return jdbi.withHandle(
                    h -> h.select(sql, spaceID).mapTo(Long.class).findOne().orElse(0L));
        }

        @Override
        public Map<String, OpenPush.Group> groups() {
            return jdbi.withHandle(h -> h.createQuery("select id, user_id, space_id from " + table("client_group"))
                    .reduceRows(new java.util.HashMap<>(), (map, row) -> {
                        String id = row.getColumn("id", String.class);
                        map.put(
                                id,
                                new OpenPush.Group(
                                        id,
                                        row.getColumn("user_id", String.class),
                                        row.getColumn("space_id", String.class)));
                        return map;
                    }));
        }

        @Override
        public Map<String, PushTx.Client> clients() {
            return jdbi.withHandle(h -> h.createQuery("select id, group_id, last_mutation_id from " + table("client"))
                    .reduceRows(new java.util.HashMap<>(), (map, row) -> {
                        map.put(
                                row.getColumn("id", String.class),
                                new PushTx.Client(
                                        row.getColumn("group_id", String.class),
                                        row.getColumn("last_mutation_id", Long.class)));
                        return map;
                    }));
        }

        /** The living rows of a space; the global one holds all. */
        private String living() {
            return "(space_id = ? or ? = 'global')" + (mapping.marksDeleted() ? " and not gone" : "");
        }

        @Override
        public long entities(String spaceID) {
            return jdbi.withHandle(
                    h -> h.select("select count(*) from " + item + " where " + living(), spaceID, spaceID)
                            .mapTo(Long.class)
                            .one());
        }

        @Override
        public Optional<Json> value(String spaceID, String key) {
            return jdbi.withHandle(h -> h.select(
                            "select val from " + item + " where " + living() + " and id = ?",
                            spaceID,
                            spaceID,
                            key.substring("item/".length()))
                    .mapTo(String.class)
                    .findOne()
                    .map(Json::parse));
        }
    }

    @Override
    public Operator<Handle> operator() {
        return new Verbs();
    }

    private final class Verbs implements Operator<Handle> {
        @Override
        public Set<Feature> features() {
            Set<Feature> features = EnumSet.allOf(Feature.class);
            features.remove(Feature.NUL_CHARACTERS);
            if (organizations) {
                features.remove(Feature.SPACES_ON_FIRST_USE);
            }
            if (!db.isPostgres()) {
                features.remove(Feature.POISONED_TRANSACTIONS);
            }
            return features;
        }

        @Override
        public void createSpace(String spaceID) {
            if (organizations) {
                // As the application does it, and without the SDK.
                jdbi.useHandle(h -> h.execute(
                        "insert into " + item + "_org (name) select cast(? as varchar) where not exists (select 1 from "
                                + item + "_org where name = ?)",
                        spaceID,
                        spaceID));
            } else {
                storage().createSpace(spaceID);
            }
        }

        @Override
        public void purgeTombstones() {
            storage().collectGarbage(Duration.ofDays(10_000), Duration.ZERO);
        }

        @Override
        public void collectClientGroups() {
            clock.pass(Duration.ofDays(400));
            storage().collectGarbage(Duration.ofDays(365), Duration.ofDays(10_000));
        }

        @Override
        public Runnable backup() {
            List<String> tables = tables();
            String copy = prefix + "copy" + COUNT.incrementAndGet() + "_";
            for (int i = 0; i < tables.size(); i++) {
                db.execute("create table " + copy + i + " as select * from " + tables.get(i));
            }
            return () -> jdbi.useTransaction(handle -> {
                for (int i = 0; i < tables.size(); i++) {
                    handle.execute("delete from " + tables.get(i));
                    handle.execute("insert into " + tables.get(i) + " select * from " + copy + i);
                }
            });
        }

        @Override
        public void newEpoch() {
            storage().newEpoch();
        }

        @Override
        public void changeStrategy(String toStrategyID, Function<OpenPush.Group, String> spaceOfGroup) {
            storage().changeStrategy(toStrategyID, spaceOfGroup);
        }

        @Override
        public void transaction(Consumer<Handle> work) {
            // Another Jdbi than the look, which would be given the same handle on this thread.
            db.jdbi().useTransaction(work::accept);
        }
    }

    @Override
    public void close() {
        db.assertNoConnectionLeaks();
        free(db.kind(), mapping, organizations).add(number);
    }
}
