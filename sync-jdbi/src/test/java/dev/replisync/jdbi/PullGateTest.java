package dev.replisync.jdbi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.replisync.Mutators;
import dev.replisync.SyncServer;
import dev.replisync.storage.KeptViews;
import dev.replisync.storage.PatchSink;
import dev.replisync.storage.Storage.Failure;
import dev.replisync.storage.Storage.Where;
import dev.replisync.storage.ViewReads;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Many pulls of client views at once leave connections to pushes. */
@Timeout(60)
class PullGateTest {
    private static final int AT_ONCE = 2;

    record Item(String id, String text) {}

    private static final SyncedTable ITEMS =
            SyncedTable.of("item").key("item/", "id").columns("id", "text");

    private static JdbiStorage storage(TestDatabase db, int pullsAtOnce) {
        db.execute("create table item (id varchar(40) primary key, text varchar(40))");
        return JdbiStorage.builder(db.jdbi())
                .tables(ITEMS)
                .pullsAtOnce(pullsAtOnce)
                .build()
                .install();
    }

    private static Thread start(Runnable task) {
        Thread thread = new Thread(task);
        thread.start();
        return thread;
    }

    /** Waits, or did not have to. */
    private static boolean stands(Thread thread) {
        return thread.getState() == Thread.State.TIMED_WAITING
                || thread.getState() == Thread.State.WAITING
                || !thread.isAlive();
    }

    @Test
    void pushesPassPullsThatTheDatabaseHoldsUp() throws Exception {
        try (TestDatabase db = TestDatabase.postgres("")) {
            // One more for the push, one for the lock.
            db.pool().setMaximumPoolSize(AT_ONCE + 2);
            db.pool().setConnectionTimeout(1_000);
            try (SyncServer<Handle> server = SyncServer.builder(storage(db, AT_ONCE))
                    .strategy("row-version")
                    .mutators(new Mutators<Handle>().add("put", Item.class, (h, item, ctx) -> ITEMS.put(h, ctx, item)))
                    .build()) {
                Tab writer = new Tab(server, "ann", "a", "c-a");
                writer.push("put", new Item("1", "x"));
                List<Tab> tabs = new ArrayList<>();
                for (int i = 0; i < 8; i++) {
                    tabs.add(new Tab(server, "user-" + i, "g" + i, "c" + i));
                }
                List<Thread> threads = new ArrayList<>();
                List<FutureTask<List<String>>> pulls = new ArrayList<>();
                try (Connection connection = db.pool().getConnection();
                        Statement statement = connection.createStatement()) {
                    connection.setAutoCommit(false);
                    statement.execute("lock table replisync_view in access exclusive mode");
                    tabs.forEach(tab -> pulls.add(new FutureTask<>(() -> List.copyOf(tab.pull()))));
                    pulls.forEach(pull -> threads.add(start(pull)));
                    while (lockWaiters(db) < AT_ONCE
                            || threads.stream().filter(PullGateTest::stands).count() < tabs.size() - AT_ONCE) {
                        Thread.onSpinWait();
                    }
                    for (int i = 0; i < 20; i++) {
                        writer.push("put", new Item("1", "y" + i));
                    }
                    assertThat(lockWaiters(db)).as("pulls in the database").isEqualTo(AT_ONCE);
                    assertThat(pulls)
                            .as("pulls that are held up")
                            .noneMatch(FutureTask::isDone)
                            .hasSize(8);
                    connection.rollback();
                }
                for (FutureTask<List<String>> pull : pulls) {
                    assertThat(pull.get()).containsExactly("put item/1 {\"id\":\"1\",\"text\":\"y19\"}");
                }
                db.assertNoConnectionLeaks();
            }
        }
    }

    /** Asked past the pool. */
    private static int lockWaiters(TestDatabase db) {
        return Jdbi.create(db.pool().getJdbcUrl(), "postgres", "")
                .withHandle(h -> h.createQuery("select count(*) from pg_locks where not granted and relation ="
                                + " 'replisync_view'::regclass")
                        .mapTo(Integer.class)
                        .one());
    }

    @ParameterizedTest
    @EnumSource(DatabaseKind.class)
    void aPullLeavesWhenItIsClosed(DatabaseKind kind) throws Exception {
        try (TestDatabase db = TestDatabase.create(kind)) {
            JdbiStorage storage = storage(db, 1);
            ViewReads views = storage.views().orElseThrow();
            ViewReads.Request request = new ViewReads.Request("ann", "s", "g1", "p", Optional.empty(), null);
            FutureTask<String> next = new FutureTask<>(() -> {
                try (ViewReads.Pull pull =
                        views.open(new ViewReads.Request("bob", "s", "g2", "p", Optional.empty(), null))) {
                    return pull.state().group().userID();
                }
            });
            try (ViewReads.Pull pull = views.open(request)) {
                Thread second = start(next);
                while (!stands(second)) {
                    Thread.onSpinWait();
                }
                assertThat(pull.state().group().userID()).isEqualTo("ann");
                assertThat(next.isDone()).as("the second of one at once").isFalse();
            }
            assertThat(next.get()).isEqualTo("bob");
            db.assertNoConnectionLeaks();
        }
    }

    @Test
    void whoWaitsTooLongMayComeBack() {
        PullGate gate = new PullGate(1, Duration.ofMillis(1));
        KeptViews.Pull first = gate.kept(Nothing::new);
        Throwable thrown = catching(gate);
        assertThat(thrown)
                .isInstanceOf(StorageException.class)
                .hasMessage("a pull waited for PT0.001S, because 1 others were reading all that time; allow more with"
                        + " pullsAtOnce, or see what they wait for");
        assertThat(Classifier.classify(thrown, Where.SDK, new Names(null, "x_")))
                .isEqualTo(Failure.TRANSIENT);
        first.close();
        first.close();
        try (KeptViews.Pull second = gate.kept(Nothing::new)) {
            assertThat(second.state()).isNull();
            assertThat(catching(gate)).as("closed twice, but left once").hasMessageContaining("waited");
        }
    }

    @Test
    void whoCannotOpenOrIsInterruptedTakesNoPlace() {
        PullGate gate = new PullGate(1, Duration.ofMillis(1));
        assertThatThrownBy(() -> gate.view(() -> {
                    throw new IllegalStateException("no connection");
                }))
                .hasMessage("no connection");
        Thread.currentThread().interrupt();
        assertThat(catching(gate)).hasMessage("a pull was interrupted while it waited for others");
        assertThat(Thread.interrupted()).as("still interrupted").isTrue();
        assertThat(catching(gate)).isNull();
    }

    @Test
    void atLeastOne() {
        try (TestDatabase db = TestDatabase.h2()) {
            assertThatThrownBy(
                            () -> JdbiStorage.builder(db.jdbi()).pullsAtOnce(0).build())
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("pullsAtOnce was '0' but it must be 1 or more");
        }
    }

    /** What one more pull fails with. */
    private static Throwable catching(PullGate gate) {
        try (KeptViews.Pull pull = gate.kept(Nothing::new)) {
            return null;
        } catch (RuntimeException e) {
            return e;
        }
    }

    private static final class Nothing implements KeptViews.Pull {
        @Override
        public KeptViews.State state() {
            return null;
        }

        @Override
        public void changes(PatchSink sink) {}

        @Override
        public void close() {}
    }
}
