package dev.replisync.jdbi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.replisync.Mutators;
import dev.replisync.SyncServer;
import dev.replisync.SyncServerBuilder;
import dev.replisync.error.ConfigurationException;
import dev.replisync.storage.OpenPush.Group;
import dev.replisync.strategy.DiffStrategy;
import dev.replisync.strategy.DiffStrategyProvider;
import dev.replisync.strategy.StrategyContext;
import dev.replisync.strategy.global.GlobalVersion;
import dev.replisync.strategy.rowversion.RowVersion;
import dev.replisync.strategy.space.SpaceVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the kit cannot see: messages, mappings that are refused, versions in columns, nodes that start at once. */
class StrategyChangeTest {
    private static final SyncedTable ITEMS = SyncedTable.of("item")
            .key("item/", "id")
            .columns("id", "text")
            .space("space_id")
            .versionColumn("ver");

    private static TestDatabase database(DatabaseKind kind) {
        TestDatabase db = TestDatabase.create(kind);
        db.execute(
                "create table item (id varchar(20) primary key, space_id varchar(20) not null, text varchar, ver bigint)");
        storage(db).install();
        return db;
    }

    private static JdbiStorage storage(TestDatabase db) {
        return JdbiStorage.builder(db.jdbi()).tables(ITEMS).build();
    }

    private static SyncServer<Handle> server(JdbiStorage storage, DiffStrategyProvider strategy) {
        return builder(storage, strategy).createSpaces().build();
    }

    private static SyncServerBuilder<Handle> builder(JdbiStorage storage, DiffStrategyProvider strategy) {
        return SyncServer.builder(storage)
                .strategy(strategy)
                .mutators(new Mutators<Handle>()
                        .add("put", String.class, (h, id, ctx) -> ITEMS.put(h, ctx, Map.of("id", id, "text", "x"))));
    }

    /** The global strategy under another name, as an application's own would be. */
    private record Custom(String id) implements DiffStrategyProvider {
        @Override
        public List<String> problems(StrategyContext context) {
            return List.of();
        }

        @Override
        public DiffStrategy create(StrategyContext context) {
            return new GlobalVersion().create(context);
        }
    }

    private static SyncServer<Handle> server(TestDatabase db, String strategyID) {
        return server(storage(db), new Custom(strategyID));
    }

    private static String meta(TestDatabase db, String column) {
        return db.jdbi()
                .withHandle(h -> h.select("select " + column + " from \"replisync_meta\"")
                        .mapTo(String.class)
                        .findOne()
                        .orElse("none"));
    }

    private static long number(TestDatabase db, String sql) {
        return db.jdbi().withHandle(h -> h.select(sql).mapTo(Long.class).one());
    }

    @ParameterizedTest
    @EnumSource(DatabaseKind.class)
    void theFirstServerDecides(DatabaseKind kind) {
        try (TestDatabase db = database(kind)) {
            assertThat(meta(db, "strategy")).isEqualTo("none");
            try (SyncServer<Handle> one = server(db, "mine");
                    SyncServer<Handle> two = server(db, "mine")) {
                assertThat(one).isNotSameAs(two);
                assertThat(meta(db, "strategy")).isEqualTo("mine");
                assertThatThrownBy(() -> server(db, "other"))
                        .isInstanceOf(ConfigurationException.class)
                        .hasMessage("strategy was 'other' but the servers of this database run 'mine'; start with that"
                                + " one, or stop all of them and call JdbiStorage.changeStrategy(\"other\", …)");
            }
            assertThat(meta(db, "strategy")).isEqualTo("mine");
        }
    }

    @ParameterizedTest
    @EnumSource(DatabaseKind.class)
    void ofNodesThatStartAtOnceOneDecides(DatabaseKind kind) throws Exception {
        try (TestDatabase db = database(kind)) {
            int nodes = 6;
            CountDownLatch all = new CountDownLatch(nodes);
            ConcurrentLinkedQueue<String> started = new ConcurrentLinkedQueue<>();
            ConcurrentLinkedQueue<String> refused = new ConcurrentLinkedQueue<>();
            Counters.inParallel(nodes, i -> {
                String id = i % 2 == 0 ? "even" : "odd";
                all.countDown();
                all.await();
                try (SyncServer<Handle> server = server(db, id)) {
                    started.add(id);
                } catch (ConfigurationException e) {
                    refused.add(id);
                }
            });
            assertThat(started).hasSize(nodes / 2).containsOnly(meta(db, "strategy"));
            assertThat(refused).hasSize(nodes / 2).doesNotContain(meta(db, "strategy"));
        }
    }

    @ParameterizedTest
    @EnumSource(DatabaseKind.class)
    void versionsBeginAboveAllThatThereWere(DatabaseKind kind) {
        try (TestDatabase db = database(kind)) {
            JdbiStorage storage = storage(db);
            try (SyncServer<Handle> server = server(storage, new GlobalVersion())) {
                new Tab(server, "u", "g", "c").push("put", "a").push("put", "b").pull();
            }
            db.execute("update item set ver = 700 where id = 'a'");

            storage.changeStrategy("space", group -> "red");

            assertThat(number(db, "select min(version) from \"replisync_space\""))
                    .isEqualTo(702);
            assertThat(number(db, "select min(floor) from \"replisync_space\"")).isEqualTo(702);
            // Where groups are, where rows are, and where the global strategy would be again.
            List<String> spaces = db.jdbi()
                    .withHandle(h -> h.select("select id from \"replisync_space\" order by id")
                            .mapTo(String.class)
                            .list());
            assertThat(spaces).containsExactly("default", "global", "red");
            assertThat(number(db, "select min(last_modified_version) from \"replisync_client\""))
                    .isEqualTo(702);
            assertThat(number(db, "select count(*) from \"replisync_ledger\"")).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource(DatabaseKind.class)
    void aSecondTimeChangesNothing(DatabaseKind kind) {
        try (TestDatabase db = database(kind)) {
            JdbiStorage storage = storage(db);
            storage.changeStrategy("space", group -> "red");
            long version = number(db, "select max(version) from \"replisync_space\"");
            String secret = meta(db, "secret");

            storage.changeStrategy("space", group -> {
                throw new AssertionError("nobody is asked");
            });

            assertThat(number(db, "select max(version) from \"replisync_space\""))
                    .isEqualTo(version);
            assertThat(meta(db, "secret")).isEqualTo(secret);
            storage.changeStrategy("row-version", Group::spaceID);
            assertThat(meta(db, "secret")).isNotEqualTo(secret);
            assertThat(number(db, "select max(version) from \"replisync_space\""))
                    .isGreaterThan(version);
        }
    }

    @ParameterizedTest
    @EnumSource(DatabaseKind.class)
    void aMappingThatCannotBeIsRefusedAndNothingIsChanged(DatabaseKind kind) {
        try (TestDatabase db = database(kind)) {
            JdbiStorage storage = storage(db);
            try (SyncServer<Handle> server = server(storage, new GlobalVersion())) {
                new Tab(server, "u", "g1", "c1").push("put", "a");
                new Tab(server, "u", "g2", "c2").push("put", "b");
            }
            List<Object> before = state(db);

            String group = "for client group 'g2' of user 'u', but strategy ";
            refused(storage, "space", g -> g.id().equals("g1") ? "red" : null)
                    .hasMessage("spaceOfGroup gave null " + group
                            + "'space' needs the space that the group's requests ask for");
            refused(storage, "mine", g -> g.id().equals("g1") ? "red" : "")
                    .hasMessage("spaceOfGroup gave '' " + group
                            + "'mine' needs the space that the group's requests ask for");
            refused(storage, "row-version", g -> g.id().equals("g1") ? "red" : "global")
                    .hasMessage("spaceOfGroup gave 'global' " + group + "'row-version' has no such space");
            db.execute("update \"replisync_meta\" set strategy = 'space'");
            refused(storage(db), "global", g -> g.id().equals("g1") ? "global" : "red")
                    .hasMessage("spaceOfGroup gave 'red' " + group + "'global' keeps everything in space 'global'");
            db.execute("update \"replisync_meta\" set strategy = 'global'");
            refused(storage, " ", Group::spaceID).hasMessage("the strategy to change to has no id");
            assertThatThrownBy(() -> storage.changeStrategy("space", g -> {
                        throw new IllegalStateException("the application's own");
                    }))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("the application's own");

            assertThat(state(db)).isEqualTo(before);
            db.assertNoConnectionLeaks();
        }
    }

    private static org.assertj.core.api.AbstractThrowableAssert<?, ?> refused(
            JdbiStorage storage, String to, Function<Group, String> spaceOfGroup) {
        return assertThatThrownBy(() -> storage.changeStrategy(to, spaceOfGroup))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static List<Object> state(TestDatabase db) {
        List<Object> all = new ArrayList<>();
        for (String table : List.of("meta", "space", "client_group", "client", "ledger", "epoch")) {
            all.add(db.jdbi()
                    .withHandle(h -> h.select("select * from \"replisync_" + table + "\" order by 1")
                            .mapToMap()
                            .list()));
        }
        return all;
    }

    @ParameterizedTest
    @EnumSource(DatabaseKind.class)
    void manyGroupsAreMoved(DatabaseKind kind) {
        try (TestDatabase db = database(kind)) {
            db.execute("insert into \"replisync_client_group\" (id, user_id, space_id, last_seen) select cast(i as"
                    + " varchar), concat('u', mod(i, 7)), 'global', 0 from "
                    + (kind == DatabaseKind.H2 ? "system_range(1, 2500) r (i)" : "generate_series(1, 2500) r (i)"));
            storage(db).changeStrategy("space", group -> "of-" + group.userID());
            assertThat(number(
                            db,
                            "select count(*) from \"replisync_client_group\" where space_id = concat('of-', user_id)"))
                    .isEqualTo(2500);
            assertThat(number(db, "select count(*) from \"replisync_space\"")).isEqualTo(8);
        }
    }

    /** The versions are in the application's rows, the floors in the SDK's, and neither stays behind. */
    @ParameterizedTest
    @EnumSource(DatabaseKind.class)
    void spacesThatAreRowsOfTheApplicationChangeToo(DatabaseKind kind) {
        try (TestDatabase db = database(kind)) {
            db.execute(
                    "create table org (id varchar(20) primary key, sync bigint default 0 not null)",
                    "insert into org values ('red', 40), ('blue', 7)");
            JdbiStorage storage = JdbiStorage.builder(db.jdbi())
                    .tables(ITEMS)
                    .spacesIn("org", "id", "sync")
                    .build();
            Tab first;
            try (SyncServer<Handle> server =
                    builder(storage, new SpaceVersion()).build()) {
                first = new Tab(server, "u", "red", "g", "c").push("put", "a").push("put", "b");
                assertThat(first.pull()).hasSize(2);
            }
            assertThat(number(db, "select max(sync) from org")).isEqualTo(42);

            storage.changeStrategy("row-version", Group::spaceID);

            assertSpaces(db, 44);
            Tab second;
            try (SyncServer<Handle> server = builder(storage, new RowVersion()).build()) {
                second = new Tab(server, "u", "red", "g", "c").continuing(first);
                assertThat(second.send(3, "put", "c")).isEqualTo(200);
                assertThat(second.pull()).hasSize(4).startsWith("clear");
                assertThat(second.ids().path("c").longValue()).isEqualTo(3);
            }

            storage.changeStrategy("space", Group::spaceID);

            assertSpaces(db, 46);
            try (SyncServer<Handle> server =
                    builder(storage, new SpaceVersion()).build()) {
                for (Tab before : List.of(first, second)) {
                    Tab tab = new Tab(server, "u", "red", "g", "c").continuing(before);
                    assertThat(tab.pull()).hasSize(4).startsWith("clear");
                    assertThat(tab.view()).containsOnlyKeys("item/a", "item/b", "item/c");
                }
                Tab tab = new Tab(server, "u", "red", "g2", "c2");
                assertThat(tab.pull()).hasSize(3);
                assertThat(tab.push("put", "d").pull()).hasSize(1);
                assertThat(number(db, "select sync from org where id = 'red'")).isEqualTo(47);
            }
        }
    }

    private static void assertSpaces(TestDatabase db, long version) {
        assertThat(number(db, "select count(*) from org where sync = " + version))
                .as("spaces at version %s", version)
                .isEqualTo(2);
        assertThat(number(
                        db,
                        "select count(*) from \"replisync_space\" where id in ('red', 'blue') and floor = " + version))
                .as("floors at version %s", version)
                .isEqualTo(2);
    }

    /** A write that has begun before is committed before, and none begins in between. */
    @Test
    void aChangeWaitsForWritesAndKeepsOthersOut() throws Exception {
        try (TestDatabase db = database(DatabaseKind.POSTGRESQL)) {
            JdbiStorage storage = storage(db);
            CountDownLatch writing = new CountDownLatch(1);
            CountDownLatch goOn = new CountDownLatch(1);
            try (SyncServer<Handle> server = server(storage, new GlobalVersion())) {
                Thread write = new Thread(() -> server.<RuntimeException>write("red", (h, ctx) -> {
                    ITEMS.put(h, ctx, Map.of("id", "late", "text", "x"));
                    writing.countDown();
                    try {
                        goOn.await();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                }));
                write.start();
                writing.await();
                Thread change = new Thread(() -> storage(db).changeStrategy("space", Group::spaceID));
                change.start();
                while (number(db, "select count(*) from pg_locks where not granted") == 0 && change.isAlive()) {
                    Thread.onSpinWait();
                }
                assertThat(change.isAlive()).isTrue();
                goOn.countDown();
                write.join(30_000);
                change.join(30_000);
                assertThat(meta(db, "strategy")).isEqualTo("space");
                assertThat(number(db, "select ver from item where id = 'late'"))
                        .isLessThan(number(db, "select min(version) from \"replisync_space\""));
            }
        }
    }
}
