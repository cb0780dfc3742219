package dev.replisync.benchmarks.pulls;

import com.zaxxer.hikari.HikariDataSource;
import dev.replisync.benchmarks.app.App;
import dev.replisync.benchmarks.lab.Client;
import dev.replisync.benchmarks.lab.CountingSockets;
import dev.replisync.benchmarks.lab.Postgres;
import dev.replisync.benchmarks.lab.Report;
import java.io.OutputStream;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyManager;

/**
 * What one pull costs per strategy: round trips to the database and bytes from it, counted at the socket, and the median
 * of the time from the request's body to the last byte of the answer, in process. One client pulls, another one writes.
 */
public final class PullCosts {
    private static final String USER = "u";
    private static final String SPACE = "space-1";
    private static final String COPY =
            "copy (select 'item/' || id, row_to_json(r) from (select id, list_id as \"listID\","
                    + " text, completed, sort from item) r) to stdout";
    private static final int STRANGERS_ROWS = 10;

    private final Postgres postgres;
    private final Report report = new Report(
            "Pulls, in process, database on the same machine",
            "strategy",
            "database",
            "rows",
            "pull",
            "round trips",
            "bytes from database",
            "bytes to database",
            "answer, bytes",
            "median ms");

    private final int most;

    private PullCosts(Postgres postgres, int most) {
        this.postgres = postgres;
        this.most = most;
    }

    /**
     * Measures strategies.
     *
     * @param postgres the server
     * @param full whether to measure all strategies, and not only each one's default
     * @param most how often each pull is measured at most; large ones less often
     * @param share only what has this in its name, empty for all
     * @param sizes how many rows the view has
     * @return the table
     */
    public static Report measure(Postgres postgres, boolean full, int most, String share, int... sizes)
            throws Exception {
        PullCosts costs = new PullCosts(postgres, most);
        for (int size : sizes) {
            costs.copy(size);
        }
        try (Redis redis = Redis.start()) {
            for (Candidate candidate : Candidate.all(redis.records())) {
                if ((full || candidate.isUsual()) && candidate.fullName().contains(share)) {
                    for (int size : sizes) {
                        costs.measure(candidate, size);
                    }
                }
            }
        }
        return costs.report;
    }

    /** What happens before each pull. */
    private interface Before {
        void run() throws Exception;
    }

    private void measure(Candidate candidate, int rows) throws Exception {
        try (HikariDataSource pool = pool(candidate.database());
                App app = open(candidate, Jdbi.create(pool), rows)) {
            int many = Math.min(most, Math.max(9, 2_000_000 / rows));
            int few = Math.min(most, Math.max(5, 200_000 / rows));
            Client reader = new Client(app, USER, SPACE);
            // In the global strategy, where everybody sees everything, a stranger's mutation writes nothing. The writer
            // has a group of
            // its own, so that nothing of it but entities reaches the reader.
            Client writer = new Client(app, USER, SPACE);
            Client stranger = new Client(app, USER, "space-2");
            writer.push("nothing", App.args("-"));
            stranger.push("nothing", App.args("-"));
            first(candidate, app, rows, few);
            reader.pull();
            // What has pulled only once may still be completed in the background of the storage.
            reader.pull();
            row(candidate, rows, "nothing changed, nobody wrote", app, reader, many, 0, () -> {});
            row(
                    candidate,
                    rows,
                    "nothing changed, others wrote",
                    app,
                    reader,
                    many,
                    0,
                    () -> stranger.push(candidate.isGlobal() ? "nothing" : "change", App.args("item-2-1")));
            int[] next = {0};
            row(
                    candidate,
                    rows,
                    "one row changed",
                    app,
                    reader,
                    many,
                    1,
                    () -> writer.push("change", App.args("item-1-" + (1 + next[0]++ % rows))));
        }
    }

    /** The yardstick of a first pull: PostgreSQL's own way to hand out rows as JSON. */
    private void copy(int rows) throws Exception {
        try (HikariDataSource pool = pool(Candidate.Kind.POSTGRESQL);
                Connection connection = pool.getConnection()) {
            App.create(Jdbi.create(pool), rows);
            CopyManager copying = connection.unwrap(PGConnection.class).getCopyAPI();
            double[] millis = new double[Math.min(most, 20)];
            CountingSockets.Count network = CountingSockets.count();
            for (int i = -millis.length; i < millis.length; i++) {
                CountingSockets.Count before = CountingSockets.count();
                long start = System.nanoTime();
                copying.copyOut(COPY, OutputStream.nullOutputStream());
                if (i >= 0) {
                    millis[i] = (System.nanoTime() - start) / 1e6;
                }
                network = CountingSockets.count().since(before);
            }
            Arrays.sort(millis);
            report.row(
                    "PostgreSQL's COPY of the rows as JSON",
                    Candidate.Kind.POSTGRESQL,
                    rows,
                    "first",
                    network.roundTrips(),
                    network.received(),
                    network.sent(),
                    "–",
                    millis[millis.length / 2]);
        }
    }

    private void first(Candidate candidate, App app, int rows, int times) throws Exception {
        Cost[] costs = new Cost[times];
        for (int i = 0; i < times + 1; i++) {
            // Of a user who has none yet: another client of one who has a record may find it right.
            Client client = new Client(app, "new-" + i, SPACE);
            Cost cost = pull(app, client);
            if (client.view().size() < rows) {
                throw new IllegalStateException(
                        "a first pull gave " + client.view().size() + " of " + rows + " rows");
            }
            if (i > 0) {
                costs[i - 1] = cost;
            }
        }
        add(candidate, rows, "first", costs);
    }

    private void row(
            Candidate candidate, int rows, String name, App app, Client reader, int times, int changes, Before before)
            throws Exception {
        Cost[] costs = new Cost[times];
        for (int i = -times / 2; i < times; i++) {
            before.run();
            Cost cost = pull(app, reader);
            if (cost.operations != changes) {
                throw new IllegalStateException(
                        candidate.name() + ", " + name + ": " + cost.operations + " operations, not " + changes);
            }
            if (i >= 0) {
                costs[i] = cost;
            }
        }
        add(candidate, rows, name, costs);
    }

    private record Cost(CountingSockets.Count network, double millis, long bytes, int operations) {}

    private static Cost pull(App app, Client client) throws Exception {
        byte[] body = client.pullBody();
        CountingSockets.Count before = CountingSockets.count();
        long start = System.nanoTime();
        byte[] answer = app.pull(USER, SPACE, body);
        double millis = (System.nanoTime() - start) / 1e6;
        CountingSockets.Count network = CountingSockets.count().since(before);
        return new Cost(network, millis, answer.length, client.apply(answer));
    }

    private void add(Candidate candidate, int rows, String name, Cost[] costs) {
        Cost[] sorted = costs.clone();
        Arrays.sort(sorted, Comparator.comparingDouble(Cost::millis));
        Cost median = sorted[sorted.length / 2];
        boolean network = candidate.database() == Candidate.Kind.POSTGRESQL;
        report.row(
                candidate.name(),
                candidate.database(),
                rows,
                name,
                network ? median.network.roundTrips() : "–",
                network ? median.network.received() : "–",
                network ? median.network.sent() : "–",
                median.bytes,
                median.millis);
    }

    /** A pool that never asks whether a connection is alive. */
    private HikariDataSource pool(Candidate.Kind kind) throws SQLException {
        System.setProperty(
                "com.zaxxer.hikari.aliveBypassWindowMs",
                Long.toString(Duration.ofHours(1).toMillis()));
        HikariDataSource pool = new HikariDataSource();
        if (kind == Candidate.Kind.H2) {
            pool.setJdbcUrl("jdbc:h2:mem:" + UUID.randomUUID());
            pool.setUsername("sa");
        } else {
            pool.setJdbcUrl(Postgres.url(postgres.createDatabase(), postgres.port()) + CountingSockets.parameter());
        }
        pool.setMaximumPoolSize(3);
        return pool;
    }

    private static App open(Candidate candidate, Jdbi jdbi, int rows) throws SQLException {
        App.create(jdbi, rows, STRANGERS_ROWS);
        return App.start(jdbi, candidate.versions(), candidate.options());
    }
}
