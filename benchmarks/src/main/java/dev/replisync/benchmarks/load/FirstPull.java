package dev.replisync.benchmarks.load;

import dev.replisync.benchmarks.lab.Client;
import dev.replisync.benchmarks.lab.Postgres;
import dev.replisync.benchmarks.lab.Report;
import java.io.IOException;
import java.io.OutputStream;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import org.postgresql.PGConnection;

/** First pulls of large spaces from the example over HTTP, beside COPY of the same rows, in a heap that is small. */
public final class FirstPull {
    private static final String SPACE = "space-1";
    private static final String COPY =
            "copy (select 'todo/' || id, row_to_json(r) from (select id, list_id as \"listID\","
                    + " text, completed, sort from todo) r) to stdout";
    private static final int MEGA = 1 << 20;

    private final Postgres postgres;
    private final Report report = new Report(
            "First pulls over HTTP, PostgreSQL",
            "strategy",
            "todos",
            "heap at most, MB",
            "answer, MB",
            "heap / answer",
            "median s",
            "COPY, median s",
            "times COPY");

    private FirstPull(Postgres postgres) {
        this.postgres = postgres;
    }

    /**
     * Measures the version strategies.
     *
     * @param full whether to pull a million entities too
     * @return the table
     */
    public static Report measure(Postgres postgres, boolean full) throws Exception {
        FirstPull first = new FirstPull(postgres);
        for (String strategy : List.of("space", "global")) {
            // Three times the answer of 22 MB.
            first.measure(strategy, 100_000, 64, full ? 15 : 3);
            if (full) {
                first.measure(strategy, 1_000_000, 512, 3);
            }
        }
        return first.report;
    }

    private void measure(String strategy, int todos, int heapMega, int times) throws Exception {
        String database = Postgres.url(postgres.createDatabase(), postgres.port());
        try (TodoServer server = TodoServer.start(
                        List.of("-Xmx" + heapMega + "m"), List.of("--strategy", strategy, "--database", database));
                Connection connection = DriverManager.getConnection(database)) {
            fill(connection, todos);
            HttpTransport http = new HttpTransport(server.address());
            double[] pulls = new double[times];
            double[] copies = new double[times];
            int length = 0;
            for (int i = -times; i < times; i++) {
                long start = System.nanoTime();
                byte[] answer = http.pull(Todos.USER, SPACE, new Client(http, Todos.USER, SPACE).pullBody());
                double pulled = (System.nanoTime() - start) / 1e9;
                start = System.nanoTime();
                long copied = connection
                        .unwrap(PGConnection.class)
                        .getCopyAPI()
                        .copyOut(COPY, OutputStream.nullOutputStream());
                double copy = (System.nanoTime() - start) / 1e9;
                if (copied != todos) {
                    throw new IOException("COPY gave " + copied + " rows, not " + todos);
                }
                length = answer.length;
                if (i >= 0) {
                    pulls[i] = pulled;
                    copies[i] = copy;
                }
            }
            check(http, todos);
            Arrays.sort(pulls);
            Arrays.sort(copies);
            report.row(
                    strategy,
                    todos,
                    heapMega,
                    length / (double) MEGA,
                    heapMega * (double) MEGA / length,
                    pulls[times / 2],
                    copies[times / 2],
                    pulls[times / 2] / copies[times / 2]);
        }
    }

    /** As if it had been there before the server. */
    private static void fill(Connection connection, int todos) throws SQLException {
        try (PreparedStatement list = connection.prepareStatement("insert into list (id, space_id, name, owner_id)"
                        + " values ('" + SPACE + "', '" + SPACE + "', 'list', '" + Todos.USER + "')");
                PreparedStatement rows = connection.prepareStatement(
                        "insert into todo (id, space_id, list_id, text, completed, sort) select '" + SPACE
                                + "-' || i, '" + SPACE + "', '" + SPACE
                                + "', repeat('x', 100), false, 0 from generate_series(1, ?) i");
                PreparedStatement vacuum = connection.prepareStatement("vacuum analyze")) {
            list.execute();
            rows.setInt(1, todos);
            rows.execute();
            vacuum.execute();
        }
    }

    private static void check(HttpTransport http, int todos) throws Exception {
        Client client = new Client(http, Todos.USER, SPACE);
        client.push("moveTodo", "{\"id\":\"" + Todos.id(SPACE, 1) + "\",\"by\":1}");
        client.pull();
        if (client.view().size() != todos + 1 || client.confirmed() != 1) {
            throw new IllegalStateException(
                    "a first pull gave " + client.view().size() + " entities, not " + todos + " and a list");
        }
    }
}
