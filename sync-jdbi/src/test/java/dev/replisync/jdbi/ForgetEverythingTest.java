package dev.replisync.jdbi;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.replisync.Mutators;
import dev.replisync.SyncServer;
import dev.replisync.storage.OpenPush;
import dev.replisync.storage.PushTx;
import dev.replisync.strategy.rowversion.RowVersion;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A demonstration that starts again, while its clients are there. */
@Timeout(60)
class ForgetEverythingTest {
    private static final int TIMES = 20;
    private static final int ENOUGH = 1_000_000;

    private static final SyncedTable ITEMS =
            SyncedTable.of("item").key("item/", "id").columns("id").space("space_id");

    @ParameterizedTest
    @EnumSource(DatabaseKind.class)
    void clientsAreSentEverythingAnewAndTheirWorkIsLost(DatabaseKind kind) {
        TestDatabase db = TestDatabase.create(kind);
        db.execute("create table item (id varchar(20) primary key, space_id varchar(20) not null)");
        JdbiStorage storage =
                JdbiStorage.builder(db.jdbi()).tables(ITEMS).build().install();
        storage.createSpace("default");
        try (db;
                SyncServer<Handle> server = SyncServer.builder(storage)
                        .strategy(new RowVersion())
                        .mutators(new Mutators<Handle>()
                                .add("put", String.class, (h, id, ctx) -> ITEMS.put(h, ctx, Map.of("id", id))))
                        .build()) {
            Tab ann = new Tab(server, "ann", "ga", "ca").push("put", "a");
            Tab bob = new Tab(server, "bob", "gb", "cb");
            assertThat(ann.pull()).containsExactly("put item/a {\"id\":\"a\"}");
            assertThat(bob.pull()).containsExactly("put item/a {\"id\":\"a\"}");
            db.execute("delete from item", "insert into item values ('z', 'default')");
            JsonNode epoch = bob.cookie().path("e");

            storage.forgetEverything();

            for (String table : List.of("client_group", "client", "pull", "record", "ledger")) {
                assertThat(rows(db, "\"replisync_" + table + "\"")).as(table).isZero();
            }
            assertThat(rows(db, "\"replisync_space\" where id = 'default'")).isOne();
            assertThat(rows(db, "item")).isOne();
            assertThat(bob.pull()).containsExactly("clear", "put item/z {\"id\":\"z\"}");
            assertThat(bob.cookie().path("e")).as("the epoch").isNotEqualTo(epoch);
            assertThat(ann.pull()).containsExactly("clear", "put item/z {\"id\":\"z\"}");
            ann.push("put", "lost");
            Tab again = new Tab(server, "ann", "ga2", "ca2");
            assertThat(again.pull()).containsExactly("put item/z {\"id\":\"z\"}");
            again.push("put", "b");
            assertThat(again.pull()).containsExactly("put item/b {\"id\":\"b\"}");
            assertThat(bob.pull()).containsExactly("put item/b {\"id\":\"b\"}");
            bob.push("put", "c");
            assertThat(bob.pull()).containsExactly("put item/c {\"id\":\"c\"}");
            assertThat(bob.ids().path("cb").longValue()).isOne();
        }
    }

    /** Whatever their order in the table: else two that lock several of them wait for each other (rule R27). */
    @ParameterizedTest
    @EnumSource(DatabaseKind.class)
    void groupsAreLockedInTheOrderInWhichPushesLockThem(DatabaseKind kind) throws Exception {
        try (TestDatabase db = TestDatabase.create(kind)) {
            JdbiStorage storage = JdbiStorage.builder(db.jdbi()).build().install();
            for (String group : List.of("c", "a", "b")) {
                try (PushTx<Handle> tx = storage.open(push(group))) {
                    tx.commit(closing(group));
                }
            }
            FutureTask<Void> forgetting = new FutureTask<>(storage::forgetEverything, null);
            try (PushTx<Handle> tx = storage.open(push("b"))) {
                new Thread(forgetting).start();
                long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
                while (isFree(db, "a")) {
                    assertThat(System.nanoTime())
                            .as("time at which a is locked, before b")
                            .isLessThan(deadline);
                }
                assertThat(isFree(db, "c")).as("not locked before b").isTrue();
                assertThat(forgetting).isNotDone();
                tx.commit(closing("b"));
            }
            forgetting.get();
            assertThat(rows(db, "\"replisync_client_group\"")).isZero();
        }
    }

    private static boolean isFree(TestDatabase db, String group) {
        return db.jdbi()
                .inTransaction(h -> h.select(
                                "select id from \"replisync_client_group\" where id = ? for update skip locked", group)
                        .mapTo(String.class)
                        .findOne()
                        .isPresent());
    }

    /** Groups that are known and groups that are new, several of them in one transaction as when pushes share it. */
    @ParameterizedTest
    @EnumSource(DatabaseKind.class)
    void pushesAtOnceAndItDoNotDeadlock(DatabaseKind kind) throws Exception {
        try (TestDatabase db = TestDatabase.create(kind)) {
            JdbiStorage storage = JdbiStorage.builder(db.jdbi()).build().install();
            AtomicInteger forgotten = new AtomicInteger();
            AtomicInteger pushed = new AtomicInteger();
            Counters.inParallel(4, i -> {
                if (i == 0) {
                    while (forgotten.get() < TIMES || pushed.get() < TIMES) {
                        storage.forgetEverything();
                        forgotten.incrementAndGet();
                    }
                    forgotten.set(ENOUGH);
                }
                for (int n = 0; forgotten.get() < ENOUGH; n++) {
                    String[] groups = {"g" + (n + i) % 3, "h" + n % 5, "new" + i + "-" + n};
                    try (PushTx<Handle> tx = storage.open(push(groups))) {
                        tx.commit(closing(groups));
                        pushed.incrementAndGet();
                    } catch (StorageException e) {
                        // It was forgotten between two statements; the push is tried again.
                        assertThat(e).hasNoCause().hasMessageContaining("was removed while it was being locked");
                    }
                }
            });
            assertThat(rows(
                            db,
                            "\"replisync_client_group\" g where not exists"
                                    + " (select 1 from \"replisync_client\" c where c.group_id = g.id)"))
                    .as("groups of which the clients' ids are forgotten and the group is not")
                    .isZero();
            db.assertNoConnectionLeaks();
        }
    }

    private static OpenPush push(String... groups) {
        Set<String> clients = Stream.of(groups).map(group -> "c-" + group).collect(Collectors.toSet());
        return new OpenPush(
                Stream.of(groups)
                        .map(group -> new OpenPush.Group(group, "u", JdbiStorage.GLOBAL_SPACE))
                        .toList(),
                clients,
                new TreeSet<>(Set.of(JdbiStorage.GLOBAL_SPACE)),
                false,
                true);
    }

    private static PushTx.Closing closing(String... groups) {
        return new PushTx.Closing(
                Stream.of(groups)
                        .collect(Collectors.toMap(group -> "c-" + group, group -> new PushTx.Client(group, 1))),
                new TreeSet<>(Set.of(JdbiStorage.GLOBAL_SPACE)));
    }

    private static long rows(TestDatabase db, String table) {
        return db.jdbi()
                .withHandle(h -> h.select("select count(*) from " + table)
                        .mapTo(Long.class)
                        .one());
    }
}
