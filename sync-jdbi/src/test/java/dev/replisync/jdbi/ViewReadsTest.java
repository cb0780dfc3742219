package dev.replisync.jdbi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.replisync.storage.OpenPush;
import dev.replisync.storage.OpenPush.Group;
import dev.replisync.storage.PushTx;
import dev.replisync.storage.Storage.Failure;
import dev.replisync.storage.Storage.Where;
import dev.replisync.storage.ViewReads;
import dev.replisync.storage.ViewReads.Pull;
import dev.replisync.storage.ViewRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The reads of client views at the port: counters, locks, much at once, and what is not even looked at. */
@Timeout(60)
class ViewReadsTest {
    private TestDatabase db;
    private JdbiStorage storage;
    private ViewReads views;

    private void open(DatabaseKind kind, String... more) {
        db = TestDatabase.create(kind);
        db.execute("create table item (id int primary key, txt varchar(100))");
        db.execute(more);
        open(SyncedTable.of("item").key("item/", "id").columns("id", "txt"));
    }

    private void open(SyncedTable... tables) {
        storage = JdbiStorage.builder(db.jdbi()).tables(tables).build().install();
        views = storage.views().orElseThrow();
    }

    @AfterEach
    void close() {
        db.assertNoConnectionLeaks();
        db.close();
    }

    private PushTx<Handle> push(String group) {
        return storage.open(
                new OpenPush(List.of(new Group(group, "u", "s")), Set.of("c"), new TreeSet<>(), false, true));
    }

    private static PushTx.Closing processed(long id) {
        return new PushTx.Closing(Map.of("c", new PushTx.Client("g", id)), new TreeSet<>());
    }

    /** A push holds its group locked for as long as its mutators take. */
    @ParameterizedTest
    @EnumSource(DatabaseKind.class)
    void pullsAndPushesOfAGroupDoNotWaitForEachOther(DatabaseKind kind) {
        open(kind);
        Holding tab = new Holding(views, "g");
        assertThat(tab.pull()).isEmpty();
        try (PushTx<Handle> push = push("g")) {
            push.handle().execute("insert into item values (1, 'a')");
            db.execute("insert into item values (2, 'b')");
            assertThat(tab.pull()).containsExactly("put item/2 {\"id\":2,\"txt\":\"b\"}");
            push.commit(processed(1));
        }
        assertThat(tab.pull()).containsExactly("put item/1 {\"id\":1,\"txt\":\"a\"}");
        many(3, 3_000);
        try (Pull pull = tab.open()) {
            try (PushTx<Handle> push = push("g")) {
                push.handle().execute("update item set txt = 'pushed' where id = 3000");
                push.commit(processed(2));
            }
            assertThat(tab.take(pull)).hasSize(2_998).doesNotContain("put item/3000 {\"id\":3000,\"txt\":\"pushed\"}");
            assertThat(pull.state().clients()).isEqualTo(Map.of("c", 1L));
            pull.commit(tab.counter + 1);
        }
        assertThat(tab.pull()).containsExactly("put item/3000 {\"id\":3000,\"txt\":\"pushed\"}");
        assertThat(tab.counter).isEqualTo(5);
    }

    private void many(int from, int to) {
        db.jdbi().useTransaction(h -> {
            try (var batch = h.prepareBatch("insert into item values (?, 'x')")) {
                IntStream.rangeClosed(from, to).forEach(batch::add);
                batch.execute();
            }
        });
    }

    /** More than is read ahead; what is not committed was not counted. */
    @ParameterizedTest
    @EnumSource(DatabaseKind.class)
    void muchIsReadAsOneMoment(DatabaseKind kind) {
        open(kind);
        Holding tab = new Holding(views, "g");
        for (int size : new int[] {2_000, 2_001, 4_500}) {
            db.execute("delete from item");
            tab.pull();
            long before = tab.counter;
            many(1, size);
            try (Pull pull = tab.open()) {
                db.execute("update item set txt = 'later' where id = 1");
                assertThat(tab.take(pull)).hasSize(size).contains("put item/1 {\"id\":1,\"txt\":\"x\"}");
                tab.versions.clear();
            }
            tab.versions.clear();
            assertThat(tab.pull()).hasSize(size).contains("put item/1 {\"id\":1,\"txt\":\"later\"}");
            assertThat(tab.counter).isBetween(before + 1, before + 2);
            db.execute("delete from item where id > 1");
            assertThat(tab.pull()).hasSize(size - 1).allMatch(line -> line.startsWith("del item/"));
            assertThat(tab.pull()).isEmpty();
        }
    }

    /** Rule R40: of two tabs, the one with the higher counter has never read the older view. */
    @ParameterizedTest
    @EnumSource(DatabaseKind.class)
    void aHigherCounterHasReadLater(DatabaseKind kind) throws Exception {
        open(kind, "insert into item values (1, '0')");
        AtomicBoolean over = new AtomicBoolean();
        Map<Long, Long> seen = new TreeMap<>();
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<Integer>> tabs = new ArrayList<>();
            for (int t = 0; t < 3; t++) {
                tabs.add(threads.submit(tab(over, seen)));
            }
            for (int i = 1; i <= 200; i++) {
                db.execute("update item set txt = '" + i + "' where id = 1");
            }
            over.set(true);
            int pulls = 0;
            for (Future<Integer> tab : tabs) {
                pulls += tab.get();
            }
            assertThat(pulls).isGreaterThan(20);
            assertThat(seen)
                    .as("each counter but for those counted in vain is told once")
                    .hasSize(pulls);
            assertThat(new ArrayList<>(seen.values())).isSorted();
        } finally {
            threads.shutdownNow();
        }
    }

    private Callable<Integer> tab(AtomicBoolean over, Map<Long, Long> seen) {
        return () -> {
            Holding tab = new Holding(views, "g");
            int counted = 0;
            while (!over.get()) {
                List<String> changes = tab.pull();
                if (!changes.isEmpty()) {
                    long value = Long.parseLong(changes.get(0).replaceAll(".*\"txt\":\"(\\d+)\".*", "$1"));
                    synchronized (seen) {
                        assertThat(seen.put(tab.counter, value))
                                .as("counter %d again", tab.counter)
                                .isNull();
                    }
                    counted++;
                }
            }
            return counted;
        };
    }

    /** Where nothing of the view changed the counter is free until the commit, which must notice who took it. */
    @ParameterizedTest
    @EnumSource(DatabaseKind.class)
    void aCommitThatIsTooLateIsToBeTriedAgain(DatabaseKind kind) {
        open(kind);
        Holding one = new Holding(views, "g");
        Holding two = new Holding(views, "g");
        one.pull();
        two.pull();
        try (Pull late = one.open()) {
            one.take(late);
            db.execute("insert into item values (1, 'a')");
            two.pull();
            assertThatThrownBy(() -> late.commit(one.counter + 1))
                    .hasMessage("another pull of the client group has counted since this one read")
                    .satisfies(e -> assertThat(storage.classify(e, Where.SDK)).isEqualTo(Failure.TRANSIENT));
        }
        one.pull();
        assertThat(one.counter).isEqualTo(4);
        try (Pull early = two.open()) {
            two.take(early);
            early.commit(two.counter + 1);
        }
        assertThat(two.counter).isEqualTo(4);
    }

    /** What is of no table any more is gone. */
    @ParameterizedTest
    @EnumSource(DatabaseKind.class)
    void keysOfNoTableAreGone(DatabaseKind kind) {
        open(kind, "insert into item values (1, 'a')");
        Holding tab = new Holding(views, "g");
        tab.pull();
        tab.versions.put("a/", "1");
        tab.versions.put("item", "1");
        tab.versions.put("item/-1", "1");
        tab.versions.put("z/1", "1");
        tab.proof = null;
        assertThat(tab.pull()).containsExactlyInAnyOrder("del a/", "del item", "del item/-1", "del z/1");
        assertThat(tab.pull()).isEmpty();
        open();
        Holding none = new Holding(views, "none");
        assertThat(none.pull()).isEmpty();
        none.versions.putAll(Map.of("item/1", "1"));
        none.proof = null;
        assertThat(none.pull()).containsExactly("del item/1");
    }

    /** A view, whose rows have no xmin, and a table in parts, whose rows have. */
    @Test
    void viewsAndPartitionedTablesHaveVersions() {
        db = TestDatabase.postgres("");
        db.execute(
                "create table item (id int primary key, txt varchar(100))",
                "create view short as select id, left(txt, 1) as txt from item",
                "create table part (id int primary key, txt text) partition by range (id)",
                "create table part1 partition of part for values from (0) to (10)",
                "create table part2 partition of part for values from (10) to (20)",
                "insert into item values (1, 'aa')",
                "insert into part values (1, 'a'), (11, 'b')");
        open(
                SyncedTable.of("short").key("short/", "id").columns("id", "txt"),
                SyncedTable.of("part").key("part/", "id").columns("id", "txt"));
        Holding tab = new Holding(views, "g");
        assertThat(tab.pull()).hasSize(3);
        assertThat(tab.versions.get("short/1")).matches("[0-9a-f]{32}");
        assertThat(tab.versions.get("part/1")).matches("\\d+");
        db.execute("update item set txt = 'ab'");
        assertThat(tab.pull()).isEmpty();
        db.execute("update item set txt = 'ba'", "update part set id = 12 where id = 1");
        assertThat(tab.pull())
                .containsExactlyInAnyOrder(
                        "put short/1 {\"id\":1,\"txt\":\"b\"}", "del part/1", "put part/12 {\"id\":12,\"txt\":\"a\"}");
    }

    /** As long as the proof stands the view is not read, whether its record is long or short. */
    @Test
    void aProvenViewIsNotRead() {
        db = TestDatabase.postgres("");
        db.execute(
                "create table item (id int primary key, txt varchar(100))",
                "create function looked() returns boolean language plpgsql as $$ begin if exists (select 1 from pg_locks"
                        + " where locktype = 'advisory' and objid = 4711) then raise exception 'looked'; end if; return"
                        + " true; end $$",
                "insert into item select n, 'x' from generate_series(1, 3000) n");
        open(SyncedTable.query("select * from item where looked()")
                .key("item/", "id")
                .columns("id", "txt"));
        for (int size : new int[] {3_000, 10}) {
            db.execute("delete from item where id > " + size);
            Holding tab = new Holding(views, "g" + size);
            assertThat(tab.pull()).hasSize(size);
            try (Handle guard = db.jdbi().open()) {
                guard.execute("select pg_advisory_lock(4711)");
                assertThat(tab.pull()).isEmpty();
                tab.proof = "1:1:/x";
                assertThatThrownBy(tab::pull).rootCause().hasMessageContaining("looked");
                guard.execute("select pg_advisory_unlock(4711)");
            }
        }
    }

    /** Rule R66: a view that is larger than the heap, a first time and with its record handed over. */
    @Test
    @Tag("long")
    void aHundredThousandRowsNeedLittleMemory() throws Exception {
        db = TestDatabase.postgres("");
        db.execute(
                "create table item (id int primary key, txt text)",
                "insert into item select n, repeat('x', 1000) from generate_series(1, 100000) n",
                "analyze item");
        Process process = new ProcessBuilder(
                        System.getProperty("java.home") + "/bin/java",
                        "-Xmx64m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        LargePull.class.getName(),
                        db.pool().getJdbcUrl())
                .redirectErrorStream(true)
                .start();
        List<String> lines = process.inputReader().lines().toList();
        assertThat(lines).contains("first 100000", "one change 1", "nothing 0");
    }

    /** Run in a process of its own, with little memory. */
    static final class LargePull {
        private LargePull() {}

        public static void main(String[] args) {
            org.jdbi.v3.core.Jdbi jdbi = org.jdbi.v3.core.Jdbi.create(args[0], "postgres", "");
            ViewReads views = JdbiStorage.builder(jdbi)
                    .tables(SyncedTable.of("item").key("item/", "id").columns("id", "txt"))
                    .build()
                    .install()
                    .views()
                    .orElseThrow();
            ViewRecord record = pull("first", views, Optional.empty());
            jdbi.useHandle(h -> h.execute("update item set txt = 'y' where id = 50000"));
            record = pull("one change", views, Optional.of(record));
            pull("nothing", views, Optional.of(record));
        }

        private static ViewRecord pull(String name, ViewReads views, Optional<ViewRecord> since) {
            Map<String, String> puts = new TreeMap<>();
            try (Pull pull = views.open(new ViewReads.Request("u", "s", "g", "p", since, null))) {
                pull.changes(new ViewReads.ViewSink() {
                    @Override
                    public void put(String key, String version, byte[] json) {
                        puts.put(key, version);
                    }

                    @Override
                    public void del(String key) {
                        throw new AssertionError(key);
                    }
                });
                if (!puts.isEmpty()) {
                    pull.commit(pull.state().counter() + 1);
                }
            }
            System.out.println(name + " " + puts.size());
            return since.orElse(ViewRecord.of(Map.of())).with(puts, Set.of());
        }
    }
}
