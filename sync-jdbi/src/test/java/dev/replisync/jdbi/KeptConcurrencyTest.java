package dev.replisync.jdbi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replisync.storage.KeptViews;
import dev.replisync.storage.KeptViews.Position;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.Test;

/** Several groups and tabs of a user pull from two nodes while others write and garbage is collected. */
class KeptConcurrencyTest {
    private static final int ROWS = 40;
    private static final int WRITERS = 3;
    private static final int PULLERS = 6;
    private static final int ROUNDS = 120;

    /** Writers move amounts between rows, so that the sum stays: a view of two moments would show another one. */
    @Test
    void eachViewIsOfOneMomentAndAllConverge() throws InterruptedException {
        try (TestDatabase db = TestDatabase.postgres("")) {
            TestClock clock = new TestClock();
            KeptStore store = new KeptStore(db, clock);
            for (int i = 0; i < ROWS; i++) {
                store.put("r" + i, "100/start");
            }
            List<Holder> tabs = new ArrayList<>();
            KeptViews[] nodes = {store.node("v"), store.node("v")};
            for (int i = 0; i < PULLERS; i++) {
                tabs.add(new Holder(nodes[i % 2], "ann", "g" + i / 2));
            }
            Map<Position, Map<String, String>> told = new ConcurrentHashMap<>();
            List<Long> moments = Collections.synchronizedList(new ArrayList<>());
            AtomicInteger writing = new AtomicInteger(WRITERS);
            Counters.inParallel(WRITERS + PULLERS + 1, number -> {
                Random random = new Random(number);
                if (number < WRITERS) {
                    try {
                        for (int i = 0; i < ROUNDS; i++) {
                            move(db, store, random, number, i + 1);
                        }
                    } finally {
                        writing.decrementAndGet();
                    }
                } else if (number < WRITERS + PULLERS) {
                    Holder tab = tabs.get(number - WRITERS);
                    List<Holder> older = new ArrayList<>();
                    while (writing.get() > 0) {
                        pull(tab, told);
                        older.add(tab.tab());
                        // A lost answer or a slow tab: an older position comes back.
                        pull(older.get(random.nextInt(older.size())), told);
                        moments.add(tab.position().number());
                    }
                } else {
                    while (writing.get() > 0) {
                        new Garbage(store.nodeOf(db))
                                .collect(Duration.ofDays(1), Duration.ofDays(1), Duration.ofDays(1));
                    }
                }
            });
            assertThat(moments).hasSizeGreaterThan(PULLERS);
            for (Holder tab : tabs) {
                tab.pull();
                assertThat(tab.view()).isEqualTo(store.committed("ann"));
                assertThat(tab.pull()).isEmpty();
            }
            db.assertNoConnectionLeaks();
        }
    }

    private static void move(TestDatabase db, KeptStore store, Random random, int writer, long mutation) {
        int from = random.nextInt(ROWS);
        int to = (from + 1 + random.nextInt(ROWS - 1)) % ROWS;
        int first = Math.min(from, to);
        int second = Math.max(from, to);
        db.jdbi().useTransaction((Handle handle) -> {
            // In one order, so that writers do not deadlock.
            add(handle, store, first, first == from ? -1 : 1, writer + "-" + mutation);
            add(handle, store, second, second == from ? -1 : 1, writer + "-" + mutation);
            handle.execute(store.clientSql("g" + writer, "c" + writer, mutation));
        });
    }

    /** No value comes twice, so that a change is one. */
    private static void add(Handle handle, KeptStore store, int row, int amount, String by) {
        handle.execute("update " + store.table() + " set val = (split_part(val, '/', 1)::int + " + amount + ") || '/"
                + by + "' where id = 'r" + row + "'");
    }

    private static void pull(Holder tab, Map<Position, Map<String, String>> told) {
        tab.pull();
        int sum = tab.view().values().stream()
                .mapToInt(json -> Integer.parseInt(json.replaceAll(".*\"(-?[0-9]+)/.*", "$1")))
                .sum();
        assertThat(sum).as("the sum of %s", tab.view()).isEqualTo(100 * ROWS);
        assertThat(told.computeIfAbsent(tab.position(), p -> Map.copyOf(tab.view())))
                .as("what goes with %s", tab.position())
                .isEqualTo(tab.view());
    }
}
