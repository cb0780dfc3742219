package dev.replisync.jdbi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replisync.Mutators;
import dev.replisync.SyncServer;
import dev.replisync.protocol.Caller;
import dev.replisync.protocol.Json;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Pulls that are read together, on PostgreSQL: each is answered as if it came alone (R6, R44, R45, R53, R55). */
@Timeout(60)
class PullsAtOnceTest {
    private final TestDatabase db = TestDatabase.postgres("&socketFactory=" + CountingSockets.class.getName());
    private final TestClock clock = new TestClock();
    private final List<Thread> threads = new ArrayList<>();
    private SyncServer<Handle> server;
    private JdbiStorage storage;

    record Item(String id, String owner, String text) {}

    private void open(boolean rules) {
        db.execute("create table item (id text primary key, owner text, text text)");
        SyncedTable table = SyncedTable.of("item").key("item/", "id").columns("id", "text");
        SyncedTable items = rules ? table.readableBy("select t.owner") : table;
        storage = JdbiStorage.builder(db.jdbi())
                .tables(items)
                .clock(clock)
                .connectionsAlike()
                .build()
                .install();
        server = SyncServer.builder(storage)
                .strategy("global")
                .mutators(new Mutators<Handle>().add("put", Item.class, (h, item, ctx) -> items.put(h, ctx, item)))
                .build();
    }

    @AfterEach
    void close() {
        server.close();
        db.assertNoConnectionLeaks();
        db.close();
    }

    private Tab tab(String user, String group) {
        Tab tab = new Tab(server, user, group, "c-" + group);
        tab.pull();
        return tab;
    }

    private static String put(String id, String text) {
        return "put item/" + id + " {\"id\":\"" + id + "\",\"text\":\"" + text + "\"}";
    }

    /** Holds up the first pull until all others wait behind it. Returns the number of round trips that they took. */
    private int atOnce(FutureTask<?> first, List<FutureTask<?>> others) throws Exception {
        try (Connection connection = db.pool().getConnection();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("lock table replisync_meta in access exclusive mode");
            run(first);
            awaitLockWaiter();
            int before = CountingSockets.TURNS.get();
            others.forEach(this::run);
            awaitAllWaiting();
            connection.rollback();
            for (Thread thread : threads) {
                thread.join();
            }
            // Without the rollback's own.
            return CountingSockets.TURNS.get() - before - 1;
        }
    }

    private void run(FutureTask<?> task) {
        Thread thread = new Thread(task);
        threads.add(thread);
        thread.start();
    }

    private void awaitLockWaiter() {
        while (lockWaiters() == 0) {
            Thread.onSpinWait();
        }
    }

    /** For the pull that reads for them, or, who lost patience on a busy machine, for the lock itself. */
    private void awaitAllWaiting() {
        while (lockWaiters()
                        + threads.stream()
                                .filter(thread -> thread.getState() == Thread.State.TIMED_WAITING
                                        || thread.getState() == Thread.State.WAITING)
                                .count()
                < threads.size()) {
            Thread.onSpinWait();
        }
    }

    /** Asked past the sockets that count. */
    private int lockWaiters() {
        return Jdbi.create(TestDatabase.url(db.pool().getJdbcUrl().replaceAll("^.*/|\\?.*$", "")), "postgres", "")
                .withHandle(h -> h.createQuery("select count(*) from pg_locks where not granted")
                        .mapTo(Integer.class)
                        .one());
    }

    private static FutureTask<List<String>> pulling(Tab tab) {
        return new FutureTask<>(() -> List.copyOf(tab.pull()));
    }

    private FutureTask<Integer> pullingAs(String user, String group, Tab cookieOf) {
        String body = "{\"pullVersion\":1,\"profileID\":\"p\",\"schemaVersion\":\"\",\"clientGroupID\":"
                + Json.of(group) + ",\"cookie\":" + cookieOf.cookie() + "}";
        return new FutureTask<>(
                () -> server.pull(Caller.of(user), new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8)))
                        .status());
    }

    @Test
    void eachIsToldWhatIsItsOwn() throws Exception {
        open(true);
        Tab first = tab("ann", "a0");
        Tab late = tab("ann", "a1");
        Tab writer = tab("ann", "a2");
        // Another client of that group, which is told of it once.
        new Tab(server, "ann", "a2", "c-quiet").push("put", new Item("1", "ann", "w"));
        writer.push("put", new Item("1", "ann", "x"));
        writer.pull();
        assertThat(writer.ids().size()).as("clients of the group").isEqualTo(2);
        Tab bob = tab("bob", "b1");
        Tab alsoBob = tab("bob", "b2");
        Tab eve = tab("eve", "e1");
        writer.push("put", new Item("2", "ann", "y"));
        bob.push("put", new Item("3", "bob", "z"));
        FutureTask<List<String>> pullsLate = pulling(late);
        FutureTask<List<String>> pullsWriter = pulling(writer);
        FutureTask<List<String>> pullsBob = pulling(bob);
        FutureTask<List<String>> pullsAlsoBob = pulling(alsoBob);
        FutureTask<List<String>> pullsEve = pulling(eve);
        FutureTask<Integer> thief = pullingAs("eve", "b1", eve);
        FutureTask<Integer> stranger = pullingAs("bob", "nobody's", bob);

        atOnce(pulling(first), List.of(pullsLate, pullsWriter, pullsBob, pullsAlsoBob, pullsEve, thief, stranger));

        assertThat(pullsLate.get()).containsExactlyInAnyOrder(put("1", "x"), put("2", "y"));
        assertThat(late.ids()).as("another group's client").isEmpty();
        assertThat(pullsWriter.get()).containsExactly(put("2", "y"));
        assertThat(writer.ids()).hasToString("{\"c-a2\":2}");
        assertThat(pullsBob.get()).containsExactly(put("3", "z"));
        assertThat(bob.ids()).hasToString("{\"c-b1\":1}");
        assertThat(pullsAlsoBob.get()).containsExactly(put("3", "z"));
        assertThat(alsoBob.ids()).isEmpty();
        assertThat(pullsEve.get()).as("a stranger").isEmpty();
        assertThat(thief.get()).as("status for another user's group").isEqualTo(403);
        assertThat(stranger.get()).as("status for an unknown group").isEqualTo(200);
    }

    @Test
    void whatAllAreToldIsReadOnce() throws Exception {
        open(false);
        Tab writer = tab("ann", "a");
        Tab first = tab("bob", "b");
        List<Tab> others = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            others.add(tab("user-" + i, "g" + i));
        }
        for (int i = 0; i < 12; i++) {
            // So that statements are prepared.
            writer.push("put", new Item("1", "", "x" + i));
            others.get(0).pull();
        }
        first.pull();
        others.forEach(Tab::pull);
        writer.push("put", new Item("1", "", "y")).push("put", new Item("2", "", "z"));
        List<FutureTask<?>> pulls = new ArrayList<>();
        others.forEach(tab -> pulls.add(pulling(tab)));

        int roundTrips = atOnce(pulling(first), pulls);

        for (int i = 0; i < others.size(); i++) {
            assertThat((List<?>) pulls.get(i).get()).isEqualTo(List.of(put("1", "y"), put("2", "z")));
            assertThat(others.get(i).cookie()).isEqualTo(first.cookie());
        }
        assertThat(roundTrips).as("round trips of 13 pulls").isLessThan(8);
    }

    @Test
    void whoMissedMuchIsSentItAmongOthers() throws Exception {
        open(false);
        Tab first = tab("ann", "a");
        Tab late = tab("bob", "b");
        server.<RuntimeException>write("default", (h, ctx) -> {
            h.execute("insert into item select 'i' || n, '', 'x' from generate_series(1, 2500) n");
            for (int i = 1; i <= 2500; i++) {
                ctx.touch("item/i" + i);
            }
        });
        Tab present = tab("eve", "e");
        present.push("put", new Item("i1", "", "y"));
        FutureTask<List<String>> pullsLate = pulling(late);
        FutureTask<List<String>> pullsPresent = pulling(present);

        atOnce(pulling(first), List.of(pullsLate, pullsPresent));

        assertThat(pullsLate.get()).hasSize(2500).contains(put("i1", "y"));
        assertThat(pullsPresent.get()).containsExactly(put("i1", "y"));
        assertThat(present.ids()).hasToString("{\"c-e\":1}");
        assertThat(late.view()).isEqualTo(present.view());
    }

    @Test
    void eachGroupIsMarkedAsSeen() throws Exception {
        open(false);
        Tab first = tab("ann", "a");
        Tab other = tab("bob", "b");
        first.push("put", new Item("1", "", "x"));
        other.push("put", new Item("2", "", "x"));
        first.pull();
        other.pull();
        tab("cid", "c").push("put", new Item("3", "", "x"));
        long before = clock.millis();
        clock.pass(Node.SEEN_INTERVAL);

        atOnce(pulling(first), List.of(pulling(other), pullingAs("eve", "c", other)));

        List<Long> seen = db.jdbi()
                .withHandle(h -> h.createQuery("select last_seen from replisync_client_group order by id")
                        .mapTo(Long.class)
                        .list());
        assertThat(seen)
                .as("groups whose owners pulled, and one that somebody else asked for")
                .containsExactly(clock.millis(), clock.millis(), before);
    }

    @Test
    void aNewEpochIsNoticedByAll() throws Exception {
        open(false);
        Tab first = tab("ann", "a");
        Tab other = tab("bob", "b");
        first.push("put", new Item("1", "", "x"));
        first.pull();
        other.pull();
        storage.newEpoch();
        FutureTask<List<String>> pullsOther = pulling(other);

        atOnce(pulling(first), List.of(pullsOther));

        assertThat(pullsOther.get()).containsExactly("clear", put("1", "x"));
    }
}
