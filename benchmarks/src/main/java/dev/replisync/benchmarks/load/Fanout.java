package dev.replisync.benchmarks.load;

import dev.replisync.benchmarks.lab.Client;
import dev.replisync.benchmarks.lab.Postgres;
import dev.replisync.benchmarks.lab.Report;
import dev.replisync.benchmarks.lab.Samples;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/** One writer, and clients that pull after every poke: the example over HTTP, on PostgreSQL. */
public final class Fanout {
    private static final int CLIENTS = 50;
    private static final int ENTITIES = 1_000;
    private static final String SPACE = "space-1";
    private static final int ITEM = 7;
    private static final String KEY = "todo/" + Todos.id(SPACE, ITEM);
    private static final int MOST_PER_SECOND = 5_000;
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /** What the server may use; a server that keeps more than it needs fails. */
    private static final List<String> JVM = List.of("-Xmx256m");

    private final Postgres postgres;
    private final Duration warmUp;
    private final Duration time;
    private final Report report = new Report(
            "Fan-out: one writer, " + CLIENTS + " clients that pull after every poke",
            "example",
            "todos",
            "writes/s asked for",
            "writes/s",
            "pokes/s",
            "pulls/s",
            "lag p50 ms",
            "lag p95 ms",
            "lag p99 ms",
            "cores busy: server + PostgreSQL + load",
            "heap used before, after, MB");

    private record Setup(String title, List<String> arguments, int todos) {}

    private static final List<Setup> SETUPS = List.of(
            new Setup("space", List.of("--strategy", "space"), ENTITIES),
            new Setup("global", List.of("--strategy", "global"), ENTITIES),
            new Setup("row-version", List.of("--strategy", "row-version"), ENTITIES),
            new Setup("row-version", List.of("--strategy", "row-version"), ENTITIES / 20));

    private Fanout(Postgres postgres, Duration warmUp, Duration time) {
        this.postgres = postgres;
        this.warmUp = warmUp;
        this.time = time;
    }

    /**
     * Measures all strategies.
     *
     * @param warmUp how long to write before
     * @param time how long to measure each
     * @param share only those that have this in their name, empty for all
     * @param paces how many writes per second, 0 for as many as are acknowledged
     * @return the table
     */
    public static Report measure(Postgres postgres, Duration warmUp, Duration time, String share, int... paces)
            throws Exception {
        Fanout fanout = new Fanout(postgres, warmUp, time);
        for (Setup setup : SETUPS) {
            if (setup.title.contains(share)) {
                fanout.measure(setup, paces);
            }
        }
        return fanout.report;
    }

    private void measure(Setup setup, int... paces) throws Exception {
        List<String> arguments = new ArrayList<>(setup.arguments);
        arguments.addAll(
                List.of("--pool", "20", "--database", Postgres.url(postgres.createDatabase(), postgres.port())));
        List<String> jvm = new ArrayList<>(JVM);
        jvm.addAll(List.of(System.getProperty("benchmarks.fanout.jvm", "").split(" ")));
        jvm.removeIf(String::isEmpty);
        try (TodoServer server = TodoServer.start(jvm, arguments)) {
            HttpTransport http = new HttpTransport(server.address());
            Todos.fill(http, SPACE, setup.todos);
            Client writer = new Client(http, Todos.USER, SPACE);
            List<String> users =
                    IntStream.range(0, CLIENTS).mapToObj(i -> "reader-" + i).toList();
            List<Client> clients = new ArrayList<>();
            for (String user : users) {
                writer.push(
                        "createShare",
                        "{\"id\":\"" + user + "\",\"listID\":\"" + SPACE + "\",\"userID\":\"" + user + "\"}");
                Client client = new Client(http, user, SPACE);
                client.pull();
                clients.add(client);
            }
            // After all first pulls, or the server ends the first connections because they are idle.
            List<Member> members = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                members.add(new Member(clients.get(i), server.address(), users.get(i), SPACE));
            }
            run(server, http, writer, members, setup, paces);
        }
    }

    private void run(
            TodoServer server, HttpTransport http, Client writer, List<Member> members, Setup setup, int... paces)
            throws Exception {
        long most = (warmUp.plus(time).toSeconds() + 2) * MOST_PER_SECOND * paces.length;
        AtomicLongArray sentAt = new AtomicLongArray(Math.toIntExact(most));
        Writes writes = new Writes(writer, sentAt);
        try (Crowd crowd = new Crowd(members, KEY, sentAt)) {
            for (int pace : paces) {
                writes.run(pace, warmUp, crowd);
                crowd.await(writes.count, PATIENCE);
                long heapBefore = server.heapInUse();
                crowd.restart();
                Usage before = Usage.now(server.process(), postgres);
                long countBefore = writes.count;
                writes.run(pace, time, crowd);
                Usage after = Usage.now(server.process(), postgres);
                crowd.await(writes.count, PATIENCE);
                Samples lags = crowd.lags();
                double seconds = (after.nanos() - before.nanos()) / 1e9;
                report.row(
                        setup.title,
                        setup.todos,
                        pace == 0 ? "all" : pace,
                        (writes.count - countBefore) / seconds,
                        crowd.pokes() / seconds,
                        crowd.pulls() / seconds,
                        lags.millis(50),
                        lags.millis(95),
                        lags.millis(99),
                        after.coresSince(before),
                        mega(heapBefore) + ", " + mega(server.heapInUse()));
            }
        }
        checkViews(http, writer, members);
    }

    private static String mega(long bytes) {
        return Report.number(bytes / 1e6);
    }

    /** Nothing that was acknowledged is lost, and each client sees what a new one of its user sees. */
    private static void checkViews(HttpTransport http, Client writer, List<Member> members) throws Exception {
        writer.pull();
        if (writer.confirmed() != writer.acknowledged()) {
            throw new IllegalStateException(
                    writer.acknowledged() + " mutations were acknowledged, but pulls confirm " + writer.confirmed());
        }
        for (int i = 0; i < members.size(); i++) {
            Client fresh = new Client(http, "reader-" + i, SPACE);
            fresh.pull();
            if (!fresh.view().equals(members.get(i).client().view())) {
                throw new IllegalStateException("what reader-" + i + " sees is not what a new client of theirs sees");
            }
        }
    }

    /** The writer. */
    private static final class Writes {
        private final Client writer;
        private final AtomicLongArray sentAt;
        private long count;

        Writes(Client writer, AtomicLongArray sentAt) {
            this.writer = writer;
            this.sentAt = sentAt;
        }

        void run(int perSecond, Duration time, Crowd crowd) throws Exception {
            long start = System.nanoTime();
            for (long i = 0; System.nanoTime() - start < time.toNanos(); i++) {
                if (perSecond > 0) {
                    long due = start + i * TimeUnit.SECONDS.toNanos(1) / perSecond;
                    while (System.nanoTime() < due) {
                        LockSupport.parkNanos(due - System.nanoTime());
                    }
                }
                count++;
                sentAt.set((int) count, System.nanoTime());
                writer.push("moveTodo", "{\"id\":\"" + Todos.id(SPACE, ITEM) + "\",\"by\":1}");
                crowd.check();
            }
        }
    }
}
