package dev.replisync.jdbi;

import static dev.replisync.jdbi.KeptStore.line;
import static org.assertj.core.api.Assertions.assertThat;

import dev.replisync.storage.KeptViews;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Kept records go when nobody uses them, and only then. */
class KeptGarbageTest {
    private static final Duration LONG = Duration.ofDays(10_000);

    private static TestDatabase db;

    private final TestClock clock = new TestClock();
    private KeptStore store;
    private KeptViews views;

    @BeforeAll
    static void open() {
        db = TestDatabase.postgres("");
    }

    @AfterAll
    static void close() {
        db.close();
    }

    @BeforeEach
    void create() {
        store = new KeptStore(db, clock);
        views = store.node("v");
    }

    /** One row at a time, so that no step gets away with one transaction. */
    private void collect() {
        new Garbage(store.nodeOf(db), 1).collect(LONG, LONG, KeptStore.LIFE);
    }

    @Test
    void whatIsUsedStays() {
        store.put("a", "1");
        Holder busy = new Holder(views, "ann", "g");
        busy.pull();
        Holder idle = busy.tab();
        for (int day = 0; day < 80; day++) {
            clock.pass(Duration.ofDays(1));
            if (day % 3 == 0) {
                // Another user's: nothing to tell, so that the tab's position grows old.
                new Holder(views, "eve", "e").pull();
                assertThat(idle.pull()).isEmpty();
            }
            collect();
        }
        store.put("a", "2");
        assertThat(idle.pull()).as("used every third day").containsExactly(line("a", "2"));
    }

    @Test
    void positionsThatNobodyUsesGoAndWithThemWhatEndedBefore() {
        store.put("a", "1");
        store.put("b", "1");
        Holder lagging = new Holder(views, "ann", "g");
        lagging.pull();
        Holder tab = lagging.tab();
        clock.pass(Duration.ofDays(20));
        store.put("a", "2");
        tab.pull();
        Holder behind = tab.tab();
        store.put("a", "3");
        tab.pull();
        collect();
        assertThat(store.count(store.names().viewChange())).isEqualTo(2);
        clock.pass(Duration.ofDays(12));
        collect();
        assertThat(store.count(store.names().viewPosition())).isEqualTo(2);
        assertThat(store.count(store.names().viewChange()))
                .as("how a changed last")
                .isEqualTo(1);
        assertThat(behind.pull()).containsExactly(line("a", "3"));
        assertThat(lagging.pull()).as("a purged position").containsExactly("clear", line("a", "3"), line("b", "1"));
        store.put("b", "2");
        assertThat(tab.pull()).as("the history goes on").containsExactly(line("b", "2"));
    }

    @Test
    void aHistoryThatNobodyUsesGoesAsAWhole() {
        store.put("a", "1");
        Holder tab = new Holder(views, "ann", "g");
        tab.pull();
        Holder deployed = tab.as(store.node("v2"), "ann", "g", "profile");
        clock.pass(Duration.ofDays(20));
        deployed.pull();
        clock.pass(Duration.ofDays(20));
        collect();
        assertThat(store.count(store.names().view())).isEqualTo(1);
        assertThat(store.count(store.names().viewBucket())).isEqualTo(1);
        assertThat(deployed.pull()).isEmpty();
        assertThat(tab.pull()).containsExactly("clear", line("a", "1"));
        clock.pass(Duration.ofDays(40));
        collect();
        for (String table : new String[] {
            store.names().view(),
            store.names().viewPosition(),
            store.names().viewBucket(),
            store.names().viewChange()
        }) {
            assertThat(store.count(table)).as(table).isZero();
        }
        assertThat(tab.pull()).containsExactly("clear", line("a", "1"));
        assertThat(tab.pull()).isEmpty();
    }

    @Test
    void onlySoManyPositionsAreKept() {
        store.put("a", "0");
        Holder tab = new Holder(views, "ann", "g");
        tab.pull();
        Holder first = tab.tab();
        tab.pull();
        store.put("a", "1");
        tab.pull();
        Holder second = tab.tab();
        for (int i = 2; i <= 1000; i++) {
            store.client("g", "c", i);
            tab.pull();
        }
        collect();
        assertThat(store.count(store.names().viewPosition())).isEqualTo(1000);
        assertThat(second.pull()).isEmpty();
        assertThat(first.pull()).contains("clear");
    }

    @Test
    void aHistoryThatIsBeingWrittenToStays() throws SQLException {
        store.put("a", "1");
        Holder tab = new Holder(views, "ann", "g");
        tab.pull();
        clock.pass(Duration.ofDays(40));
        try (Connection pulling = db.pool().getConnection()) {
            pulling.setAutoCommit(false);
            new Flush(DatabaseKind.POSTGRESQL)
                    .add(
                            "select pg_advisory_xact_lock(" + LockKey.sql("?", store.names()) + ")",
                            java.util.List.of(KeptPull.historyLock(
                                    store.names(), "ann", JdbiStorage.GLOBAL_SPACE, "profile", "v")))
                    .run(pulling);
            collect();
            assertThat(store.count(store.names().view())).isEqualTo(1);
            assertThat(store.count(store.names().viewBucket())).isEqualTo(1);
            pulling.rollback();
        }
        collect();
        assertThat(store.count(store.names().view())).isZero();
    }
}
