package dev.replisync.jdbi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replisync.Mutators;
import dev.replisync.SyncServer;
import dev.replisync.storage.OpenPush;
import dev.replisync.storage.PushTx;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.Assertions;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Killed connections, poisoned transactions and careless mutators: nothing is lost, doubled or left behind. */
class FaultTest {
    private TestDatabase db;

    @AfterEach
    void noLeaks() {
        db.assertNoConnectionLeaks();
        db.close();
    }

    private static void kill(TestDatabase db, int pid) {
        db.jdbi().useHandle(h -> h.execute("select pg_terminate_backend(?)", pid));
    }

    private static int pid(Handle handle) {
        return handle.select("select pg_backend_pid()").mapTo(Integer.class).one();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aConnectionKilledInAMutatorIsReplaced(boolean atTheEnd) {
        db = TestDatabase.create(DatabaseKind.POSTGRESQL);
        Counters counters = new Counters(db);
        AtomicInteger runs = new AtomicInteger();
        Mutators<Handle> more = new Mutators<Handle>().add("killed", Counters.Name.class, (h, name, ctx) -> {
            int pid = pid(h);
            boolean first = runs.incrementAndGet() == 1;
            if (first && !atTheEnd) {
                kill(db, pid);
            }
            Counters.COUNTERS.put(h, ctx, Map.of("id", name.id(), "n", runs.get()));
            if (first && atTheEnd) {
                kill(db, pid);
            }
        });
        try (SyncServer<Handle> server = counters.node(false, more)) {
            Tab tab = new Tab(server, "u", "g", "c").push("killed", new Counters.Name("a"));
            tab.pull();
            assertThat(runs).hasValue(2);
            assertThat(tab.view()).containsEntry("counter/a", "{\"id\":\"a\",\"n\":2}");
            assertThat(tab.ids().path("c").longValue()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void connectionsKilledUnderLoadLoseAndDoubleNothing(boolean versionLast) throws Exception {
        db = TestDatabase.create(DatabaseKind.POSTGRESQL);
        Counters counters = new Counters(db);
        int writers = 4;
        int each = 30;
        AtomicInteger left = new AtomicInteger(writers);
        AtomicInteger killed = new AtomicInteger();
        // Not from the server's pool: a connection that is killed as it comes back waits there for whoever asks next.
        try (SyncServer<Handle> server = counters.node(versionLast);
                Handle outside = db.outside()) {
            Counters.inParallel(writers + 1, i -> {
                if (i < writers) {
                    try {
                        Tab tab = new Tab(server, "u", "g" + i, "c" + i);
                        for (int id = 1; id <= each; id++) {
                            // As the client does: again until it is confirmed.
                            while (tab.send(id, "increment", new Counters.Name("all")) != 200) {
                                Thread.onSpinWait();
                            }
                        }
                    } finally {
                        left.decrementAndGet();
                    }
                }
                while (i == writers && left.get() > 0) {
                    killed.addAndGet(outside.select(
                                    "select count(*) from (select pg_terminate_backend(pid) from pg_stat_activity where"
                                            + " datname = current_database() and pid <> pg_backend_pid() and state <> 'idle'"
                                            + " order by random() limit 1) x")
                            .mapTo(Integer.class)
                            .one());
                    java.util.concurrent.locks.LockSupport.parkNanos(20_000_000);
                }
            });
            assertThat(killed.get()).as("connections killed").isPositive();
            for (String increments : List.of("select n from counter where id = 'all'", "select count(*) from run")) {
                assertThat(outside.select(increments).mapTo(Integer.class).one())
                        .as(increments)
                        .isEqualTo(writers * each);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(DatabaseKind.class)
    void aMutatorThatEndsTheTransactionFailsAndNothingElse(DatabaseKind kind) {
        db = TestDatabase.create(kind);
        Counters counters = new Counters(db);
        Mutators<Handle> more = new Mutators<Handle>()
                .add("commit", Counters.Name.class, (h, name, ctx) -> {
                    Counters.COUNTERS.insert(h, ctx, Map.of("id", "no1", "n", 1));
                    h.commit();
                })
                .add("rollback", Counters.Name.class, (h, name, ctx) -> {
                    Counters.COUNTERS.insert(h, ctx, Map.of("id", "no2", "n", 1));
                    h.rollback();
                })
                .add("begin", Counters.Name.class, (h, name, ctx) -> h.begin())
                .add("close", Counters.Name.class, (h, name, ctx) -> h.close())
                .add(
                        "nested",
                        Counters.Name.class,
                        (h, name, ctx) -> h.useTransaction(
                                same -> Counters.COUNTERS.insert(same, ctx, Map.of("id", "nested", "n", 1))))
                .add("savepoint", Counters.Name.class, (h, name, ctx) -> {
                    h.savepoint("s");
                    h.execute("insert into counter values ('no3', 1)");
                    h.rollbackToSavepoint("s");
                });
        try (SyncServer<Handle> server = counters.node(false, more)) {
            Tab tab = new Tab(server, "u", "g", "c");
            for (String name : Set.of("commit", "rollback", "begin", "close", "nested", "savepoint")) {
                assertThat(tab.tryPush(name, new Counters.Name("x"))).as(name).isEqualTo(200);
            }
            tab.pull();
            assertThat(tab.view()).containsOnlyKeys("counter/nested");
            assertThat(counters.number("select count(*) from counter")).isEqualTo(1);
            assertThat(tab.ids().path("c").longValue()).isEqualTo(6);
        }
    }

    /** Past Jdbi nothing can be refused, but it is noticed: such a mutation is not taken for done in silence. */
    @Test
    void aCommitPastTheHandleIsNoticed() {
        db = TestDatabase.create(DatabaseKind.POSTGRESQL);
        new Counters(db);
        JdbiStorage storage = Counters.storage(db);
        try (PushTx<Handle> tx = storage.open(push())) {
            Assertions.assertThatCode(() -> tx.handle().getConnection().commit())
                    .doesNotThrowAnyException();
            Assertions.assertThatThrownBy(() -> tx.commit(closing()))
                    .hasStackTraceContaining("the transaction of the SDK was ended by a mutator");
        }
    }

    private static OpenPush push() {
        return new OpenPush(
                List.of(new OpenPush.Group("g", "u", "global")),
                Set.of("c"),
                new TreeSet<>(Set.of("global")),
                true,
                true);
    }

    private static PushTx.Closing closing() {
        return new PushTx.Closing(Map.of("c", new PushTx.Client("g", 1)), new TreeSet<>(Set.of("global")));
    }

    /** Rule R24: the swallowed error may pass, and if it does not the mutation fails, not the client. */
    @Test
    void aSwallowedErrorIsTriedAgainAndThenFinal() {
        db = TestDatabase.create(DatabaseKind.POSTGRESQL);
        Counters counters = new Counters(db);
        AtomicInteger runs = new AtomicInteger();
        Mutators<Handle> more = new Mutators<Handle>().add("swallow", Counters.Name.class, (h, name, ctx) -> {
            runs.incrementAndGet();
            Counters.COUNTERS.insert(h, ctx, Map.of("id", name.id(), "n", 1));
            Assertions.assertThatThrownBy(() -> h.execute("select 1 / 0")).isNotNull();
        });
        try (SyncServer<Handle> server = counters.node(false, more)) {
            Tab tab = new Tab(server, "u", "g", "c").push("swallow", new Counters.Name("a"));
            tab.push("increment", new Counters.Name("b")).pull();
            assertThat(runs).hasValue(3);
            assertThat(tab.view()).containsOnlyKeys("counter/b");
            assertThat(tab.ids().path("c").longValue()).isEqualTo(2);
        }
    }

    /** Rule R24: what deferred constraints and triggers say at the commit is the mutation's fault. */
    @Test
    void aDeferredConstraintFailsTheMutationAndSparesTheOthers() {
        db = TestDatabase.create(DatabaseKind.POSTGRESQL);
        Counters counters = new Counters(db);
        db.execute(
                "create table child (id text primary key, counter text references counter (id) deferrable initially deferred)",
                "create function refuse() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$",
                "create table refused (id text)",
                "create constraint trigger refuse after insert on refused deferrable initially deferred"
                        + " for each row execute function refuse()");
        Mutators<Handle> more = new Mutators<Handle>()
                .add(
                        "orphan",
                        Counters.Name.class,
                        (h, name, ctx) -> h.execute("insert into child values (?, 'none')", name.id()))
                .add("refused", Counters.Name.class, (h, name, ctx) -> h.execute("insert into refused values ('x')"));
        try (SyncServer<Handle> server = counters.node(false, more)) {
            Tab tab = new Tab(server, "u", "g", "c");
            tab.push("orphan", new Counters.Name("a"))
                    .push("refused", new Counters.Name("a"))
                    .push("increment", new Counters.Name("b"));
            tab.pull();
            assertThat(tab.ids().path("c").longValue()).isEqualTo(3);
            assertThat(tab.view()).containsOnlyKeys("counter/b");
            assertThat(counters.number("select count(*) from child")).isZero();
            assertThat(counters.number("select count(*) from refused")).isZero();
        }
    }

    /** A pool gets its connections as it gave them, also those with which something went wrong. */
    @ParameterizedTest
    @EnumSource(DatabaseKind.class)
    void connectionsComeBackAsTheyWere(DatabaseKind kind) throws SQLException {
        db = TestDatabase.create(kind);
        Counters counters = new Counters(db);
        for (boolean autoCommit : new boolean[] {true, false}) {
            AtomicBoolean fail = new AtomicBoolean(true);
            try (var connection = db.pool().getConnection()) {
                connection.setAutoCommit(autoCommit);
                int isolation = connection.getTransactionIsolation();
                var jdbi = org.jdbi.v3.core.Jdbi.create(new org.jdbi.v3.core.ConnectionFactory() {
                    @Override
                    public java.sql.Connection openConnection() {
                        return connection;
                    }

                    @Override
                    public void closeConnection(java.sql.Connection same) {}
                });
                JdbiStorage storage = JdbiStorage.builder(jdbi)
                        .tables(Counters.COUNTERS, Counters.PLACES)
                        .build();
                try (SyncServer<Handle> server = SyncServer.builder(storage)
                        .strategy("global")
                        .mutators(new Mutators<Handle>().add("set", Counters.Name.class, (h, name, ctx) -> {
                            if (fail.get()) {
                                h.execute("select nothing from nowhere");
                            }
                            Counters.COUNTERS.put(h, ctx, Map.of("id", name.id(), "n", 1));
                        }))
                        .build()) {
                    Tab tab = new Tab(server, "u", "g" + autoCommit, "c" + autoCommit);
                    tab.push("set", new Counters.Name("a")).pull();
                    fail.set(false);
                    tab.push("set", new Counters.Name("a")).pull();
                    assertThat(tab.view()).containsKey("counter/a");
                }
                assertThat(connection.getAutoCommit()).isEqualTo(autoCommit);
                assertThat(connection.getTransactionIsolation()).isEqualTo(isolation);
                assertThat(connection.isReadOnly()).isFalse();
            }
        }
        assertThat(counters.counter("a")).isEqualTo(1);
    }
}
