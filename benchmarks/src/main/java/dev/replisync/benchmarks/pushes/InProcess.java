package dev.replisync.benchmarks.pushes;

import com.zaxxer.hikari.HikariDataSource;
import dev.replisync.SyncServerBuilder;
import dev.replisync.benchmarks.app.App;
import dev.replisync.benchmarks.lab.Postgres;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * Pushes to servers in this process, with a mutator of one statement: what the ledger costs beside version columns,
 * what taking the version last gains, and what mutations gain that share a transaction.
 */
public final class InProcess {
    private static final int SPACES = 8;
    private static final int ROWS = 1_000;

    /** The application's items. */
    public static final Pushes.Item ITEM = new Pushes.Item() {
        @Override
        public String key(String space, int writer) {
            return "item/" + id(space, writer);
        }

        @Override
        public String args(String space, int writer) {
            return App.args(id(space, writer));
        }

        private String id(String space, int writer) {
            return space.replace("space", "item") + "-" + (writer + 1);
        }
    };

    private final Pushes pushes;

    private InProcess(Pushes pushes) {
        this.pushes = pushes;
    }

    /** Measures all servers. */
    public static void measure(Pushes pushes, int... writers) throws Exception {
        InProcess all = new InProcess(pushes);
        for (Pushes.Link link : Pushes.Link.values()) {
            all.measure(link, writers);
        }
    }

    private void measure(Pushes.Link link, int... writers) throws Exception {
        for (Map.Entry<String, UnaryOperator<SyncServerBuilder<Handle>>> options : new TreeMap<>(OPTIONS).entrySet()) {
            for (App.Versions versions : List.of(App.Versions.LEDGER, App.Versions.COLUMN)) {
                String title = "in process, " + options.getKey() + ", "
                        + (versions == App.Versions.LEDGER ? "ledger" : "version column");
                try (HikariDataSource pool = pool(link);
                        App app = start(pool, versions, options.getValue())) {
                    for (int n : writers) {
                        pushes.measure(title, link, app, "change", ITEM, 1, n);
                    }
                    pushes.measure(title, link, app, "change", ITEM, SPACES, writers[writers.length - 1]);
                }
            }
        }
        slow(link, writers[writers.length - 1]);
        batches(link);
    }

    private static final Map<String, UnaryOperator<SyncServerBuilder<Handle>>> OPTIONS = Map.of(
            "space, version first", builder -> builder.strategy("space"),
            "space, version last", builder -> builder.strategy("space").versionLast());

    private void slow(Pushes.Link link, int writers) throws Exception {
        for (boolean last : new boolean[] {false, true}) {
            try (HikariDataSource pool = pool(link);
                    App app = start(
                            pool,
                            App.Versions.LEDGER,
                            builder -> last ? builder.strategy("space").versionLast() : builder.strategy("space"))) {
                String title = "in process, space, version " + (last ? "last" : "first") + ", mutator of "
                        + App.SLOW_MILLIS + " ms";
                pushes.measure(title, link, app, "slow", ITEM, 1, writers);
            }
        }
    }

    private void batches(Pushes.Link link) throws Exception {
        for (int batch : List.of(1, 10, 50, 500)) {
            try (HikariDataSource pool = pool(link);
                    App app = start(
                            pool,
                            App.Versions.LEDGER,
                            builder -> builder.strategy("space").batch(batch))) {
                pushes.measureOffline("in process, space, version first, batch " + batch, link, app, "change", ITEM);
            }
        }
    }

    private HikariDataSource pool(Pushes.Link link) throws Exception {
        HikariDataSource pool = new HikariDataSource();
        pool.setJdbcUrl(Postgres.url(pushes.postgres().createDatabase(), pushes.port(link)));
        pool.setMaximumPoolSize(40);
        return pool;
    }

    private static App start(
            HikariDataSource pool, App.Versions versions, UnaryOperator<SyncServerBuilder<Handle>> options)
            throws Exception {
        Jdbi jdbi = Jdbi.create(pool);
        int[] rows = new int[SPACES];
        Arrays.fill(rows, ROWS);
        App.create(jdbi, rows);
        return App.start(jdbi, versions, options);
    }
}
