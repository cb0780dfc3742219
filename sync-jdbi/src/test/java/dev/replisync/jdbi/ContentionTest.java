package dev.replisync.jdbi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replisync.SyncServer;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Many threads on two nodes, and invariants that a lost update breaks. */
class ContentionTest {
    private static final int THREADS = 8;

    static Stream<Arguments> kinds() {
        return Stream.of(DatabaseKind.values())
                .flatMap(kind -> Stream.of(Arguments.of(kind, false), Arguments.of(kind, true)));
    }

    /** Rule R17: there is no client row to lock yet. */
    @ParameterizedTest(name = "{0}, version last {1}")
    @MethodSource("kinds")
    void theSameNewMutationSentManyTimesRunsOnce(DatabaseKind kind, boolean versionLast) throws Exception {
        try (TestDatabase db = TestDatabase.create(kind)) {
            Counters counters = new Counters(db);
            try (SyncServer<Handle> one = counters.node(versionLast);
                    SyncServer<Handle> two = counters.node(versionLast)) {
                for (int round = 0; round < 6; round++) {
                    String group = "g" + round;
                    String client = "c" + round;
                    Counters.inParallel(
                            THREADS,
                            i -> assertThat(new Tab(i % 2 == 0 ? one : two, "u", group, client)
                                            .push("increment", new Counters.Name(client)))
                                    .isNotNull());
                    assertThat(counters.counter(client)).as("round %d", round).isEqualTo(1);
                }
                assertThat(counters.number("select count(*) from run"))
                        .as("committed runs")
                        .isEqualTo(6);
            }
            db.assertNoConnectionLeaks();
        }
    }

    /** Rules R5, R19 and R26: several groups, two tabs each, all send each mutation twice, all on one counter. */
    @ParameterizedTest(name = "{0}, version last {1}")
    @MethodSource("kinds")
    void countersCountEachMutationOnce(DatabaseKind kind, boolean versionLast) throws Exception {
        try (TestDatabase db = TestDatabase.create(kind)) {
            Counters counters = new Counters(db);
            int each = 15;
            try (SyncServer<Handle> one = counters.node(versionLast);
                    SyncServer<Handle> two = counters.node(versionLast)) {
                Counters.inParallel(THREADS, i -> {
                    // Two threads share each client, as a retry overtakes an answer.
                    Tab tab = new Tab(i % 2 == 0 ? one : two, "u" + i / 4, "g" + i / 4, "c" + i / 2);
                    for (int id = 1; id <= each; id++) {
                        int status = tab.send(id, "increment", new Counters.Name("all"));
                        assertThat(status).isEqualTo(200);
                    }
                });
                assertThat(counters.counter("all")).isEqualTo(THREADS / 2 * each);
                assertThat(counters.number("select count(*) from run")).isEqualTo(THREADS / 2 * each);
                assertThat(counters.number(
                                "select max(n) from (select count(*) n from run group by client, mutation) x"))
                        .as("runs of one mutation")
                        .isEqualTo(1);
            }
            db.assertNoConnectionLeaks();
        }
    }

    /** The lock of the context makes max + 1 unique also where mutators run side by side. */
    @ParameterizedTest(name = "{0}, version last {1}")
    @MethodSource("kinds")
    void placesAreUniqueAndWithoutGaps(DatabaseKind kind, boolean versionLast) throws Exception {
        try (TestDatabase db = TestDatabase.create(kind)) {
            Counters counters = new Counters(db);
            int each = 12;
            try (SyncServer<Handle> server = counters.node(versionLast)) {
                Counters.inParallel(THREADS, i -> {
                    Tab tab = new Tab(server, "u", "g" + i, "c" + i);
                    for (int n = 0; n < each; n++) {
                        tab.push("append", new Counters.Name("c" + i + "-" + n));
                    }
                });
            }
            assertThat(counters.number("select count(distinct sort) from place"))
                    .isEqualTo(THREADS * each);
            assertThat(counters.number("select max(sort) from place")).isEqualTo(THREADS * each);
        }
    }

    /** Rules R5 and R6: who pulls while others commit misses nothing, and never sees half a commit. */
    @ParameterizedTest(name = "{0}, version last {1}")
    @MethodSource("kinds")
    void pullsBetweenCommitsMissNothing(DatabaseKind kind, boolean versionLast) throws Exception {
        try (TestDatabase db = TestDatabase.create(kind)) {
            Counters counters = new Counters(db);
            int writers = 4;
            int each = 25;
            try (SyncServer<Handle> server = counters.node(versionLast)) {
                Tab[] readers = {new Tab(server, "u", "g0", "r0"), new Tab(server, "u", "g1", "r1")};
                AtomicInteger left = new AtomicInteger(writers);
                Counters.inParallel(writers + readers.length, i -> {
                    if (i < writers) {
                        try {
                            Tab tab = new Tab(server, "u", "g" + i % 2, "c" + i);
                            for (int n = 0; n < each; n++) {
                                tab.push("increment", new Counters.Name("c" + i));
                            }
                        } finally {
                            left.decrementAndGet();
                        }
                    }
                    while (i >= writers && left.get() > 0) {
                        pullWholeCommits(readers[i - writers]);
                    }
                });
                Tab fresh = new Tab(server, "u", "g9", "r9");
                fresh.pull();
                assertThat(fresh.view()).hasSize(writers);
                for (Tab reader : readers) {
                    reader.pull();
                    assertThat(reader.view()).isEqualTo(fresh.view());
                }
                assertThat(Map.copyOf(fresh.view()).values()).allMatch(v -> v.contains("\"n\":" + each));
            }
        }
    }

    /** A mutation's effect comes with its id: neither without the other. */
    private static void pullWholeCommits(Tab reader) {
        reader.pull();
        reader.ids()
                .properties()
                .forEach(id -> assertThat(reader.view().getOrDefault("counter/" + id.getKey(), "{\"n\":0}"))
                        .endsWith("\"n\":" + id.getValue() + "}"));
    }
}
