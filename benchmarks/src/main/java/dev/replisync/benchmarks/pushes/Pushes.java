package dev.replisync.benchmarks.pushes;

import dev.replisync.benchmarks.lab.Postgres;
import dev.replisync.benchmarks.lab.Report;
import dev.replisync.benchmarks.lab.SlowLink;
import dev.replisync.benchmarks.lab.Transport;
import dev.replisync.benchmarks.lab.Writers;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Measures pushes beside PostgreSQL's own limit, each cell by each. */
public final class Pushes implements AutoCloseable {
    /** From server to database and back takes 2.5 ms more. */
    private static final Duration ONE_WAY = Duration.ofNanos(1_250_000);

    /** How much longer the first cell of a process is warmed up: the compiler takes a core of two for that time. */
    private static final int COLD = 4;

    private final Postgres postgres;
    private final SlowLink slow;
    private final String limitDatabase;
    private final Duration warmUp;
    private final Duration time;
    private final int offlineMutations;
    private boolean cold = true;
    private final Report report = new Report(
            "Pushes of one mutation, fsync on",
            "server",
            "link",
            "spaces",
            "writers",
            "pushes/s",
            "p50 ms",
            "p99 ms",
            "PostgreSQL alone/s",
            "share");
    private final Report offline = new Report(
            "Pushes of many mutations, one writer",
            "server",
            "link",
            "mutations",
            "one push, s",
            "single pushes, s",
            "times faster");

    /**
     * Opens a slow link to the server.
     *
     * @param postgres the server
     * @param warmUp how long each cell is warmed up
     * @param time how long each cell is measured
     * @param offlineMutations how many mutations a client makes offline
     */
    public Pushes(Postgres postgres, Duration warmUp, Duration time, int offlineMutations) throws Exception {
        this.postgres = postgres;
        this.slow = SlowLink.open(postgres.port(), ONE_WAY);
        this.limitDatabase = postgres.createDatabase();
        this.warmUp = warmUp;
        this.time = time;
        this.offlineMutations = offlineMutations;
        Limit.create(limitDatabase, postgres.port());
    }

    /** The way from server to database. */
    public enum Link {
        /** On the same machine. */
        DIRECT("direct"),
        /** With 2.5 ms there and back. */
        SLOW("2.5 ms");

        private final String title;

        Link(String title) {
            this.title = title;
        }

        @Override
        public String toString() {
            return title;
        }
    }

    /** Says that what is measured next is a new process. */
    public void newServer() {
        cold = true;
    }

    /** {@return the port by which the database is reached} */
    public int port(Link link) {
        return link == Link.DIRECT ? postgres.port() : slow.port();
    }

    /** {@return the database server} */
    public Postgres postgres() {
        return postgres;
    }

    /** What the writers write. */
    public interface Item {
        /** {@return the key of a writer's own item, whose value counts the mutations in {@code sort}} */
        String key(String space, int writer);

        /** {@return the arguments of the mutator for that item} */
        String args(String space, int writer);
    }

    /**
     * Measures one cell and adds it to the table.
     *
     * @param title what the server is
     * @param link the link that it uses
     * @param server the server
     * @param mutator a mutator that adds one to {@code sort}
     * @param item the items
     * @param spaces how many spaces are written to
     * @param writers how many write at once
     */
    public void measure(String title, Link link, Transport server, String mutator, Item item, int spaces, int writers)
            throws Exception {
        // Half of it before and half after, because machines have moods.
        double before = limit(link, writers, spaces);
        Duration untilCompiled = cold ? warmUp.multipliedBy(COLD) : warmUp;
        cold = false;
        Writers.Pace pace = new Cell(server, work(mutator, item, spaces)).push(writers, untilCompiled, time);
        double limit = (before + limit(link, writers, spaces)) / 2;
        report.row(
                title,
                link,
                spaces,
                writers,
                pace.perSecond(),
                pace.samples().millis(50),
                pace.samples().millis(99),
                limit,
                Math.round(100 * pace.perSecond() / limit) + " %");
    }

    private double limit(Link link, int writers, int spaces) throws Exception {
        return Limit.measure(limitDatabase, port(link), writers, spaces, warmUp.dividedBy(4), time.dividedBy(2));
    }

    /** Measures a push of many mutations against as many pushes of one, and adds them to the table. */
    public void measureOffline(String title, Link link, Transport server, String mutator, Item item) throws Exception {
        Cell cell = new Cell(server, work(mutator, item, 1));
        // The first run of either warms up.
        List<Double> together = new ArrayList<>();
        List<Double> singly = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            together.add(cell.pushTogether(offlineMutations));
            singly.add(cell.pushSingly(offlineMutations));
        }
        double one = Math.min(together.get(1), together.get(2));
        double many = Math.min(singly.get(1), singly.get(2));
        offline.row(title, link, offlineMutations, one, many, many / one);
    }

    private static Cell.Work work(String mutator, Item item, int spaces) {
        return new Cell.Work() {
            @Override
            public String mutator() {
                return mutator;
            }

            @Override
            public String space(int writer) {
                return "space-" + (1 + writer % spaces);
            }

            @Override
            public String key(int writer) {
                return item.key(space(writer), writer);
            }

            @Override
            public String args(int writer) {
                return item.args(space(writer), writer);
            }
        };
    }

    /** {@return the tables} */
    public List<Report> reports() {
        return List.of(report, offline);
    }

    @Override
    public void close() throws IOException {
        slow.close();
    }
}
