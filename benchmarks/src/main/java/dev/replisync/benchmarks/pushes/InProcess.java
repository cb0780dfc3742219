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
    private final boolean full;
    private final String share;

    private InProcess(Pushes pushes, boolean full, String share) {
        this.pushes = pushes;
        this.full = full;
        this.share = share;
    }

    /**
     * Measures all servers.
     *
     * @param pushes where to
     * @param full whether to measure version columns too, eight spaces, slow mutators and pushes of many mutations
     * @param share only what has this in its name, empty for all
     * @param writers how many write at once, in each of the cells
     */
    public static void measure(Pushes pushes, boolean full, String share, int... writers) throws Exception {
        InProcess all = new InProcess(pushes, full, share);
        for (Pushes.Link link : Pushes.Link.values()) {
            all.measure(link, writers);
        }
    }

    private void measure(Pushes.Link link, int... writers) throws Exception {
        int most = writers[writers.length - 1];
        for (Map.Entry<String, UnaryOperator<SyncServerBuilder<Handle>>> options : new TreeMap<>(OPTIONS).entrySet()) {
            String name = "in process, " + options.getKey();
            boolean versioned = !options.getKey().equals("row-version");
            run(versioned ? name + ", ledger" : name, link, App.Versions.LEDGER, options.getValue(), (title, app) -> {
                for (int n : writers) {
                    pushes.measure(title, link, app, "change", ITEM, 1, n);
                }
                if (full) {
                    pushes.measure(title, link, app, "change", ITEM, SPACES, most);
                }
            });
            if (full && versioned) {
                run(
                        name + ", version column",
                        link,
                        App.Versions.COLUMN,
                        options.getValue(),
                        (title, app) -> pushes.measure(title, link, app, "change", ITEM, 1, most));
            }
            if (full) {
                run(
                        name + ", mutator of " + App.SLOW_MILLIS + " ms",
                        link,
                        App.Versions.LEDGER,
                        options.getValue(),
                        (title, app) -> pushes.measure(title, link, app, "slow", ITEM, 1, most));
            }
        }
        for (int batch : full ? List.of(1, 10, 100, 500) : List.<Integer>of()) {
            run(
                    "in process, space, version first, batch " + batch,
                    link,
                    App.Versions.LEDGER,
                    builder -> builder.strategy("space").batch(batch),
                    (title, app) -> pushes.measureOffline(title, link, app, "change", ITEM));
        }
    }

    private static final Map<String, UnaryOperator<SyncServerBuilder<Handle>>> OPTIONS = Map.of(
            "row-version", builder -> builder.strategy("row-version"),
            "space, version first", builder -> builder.strategy("space"),
            "space, version last", builder -> builder.strategy("space").versionLast());

    private interface Cells {
        void measure(String title, App app) throws Exception;
    }

    private void run(
            String title,
            Pushes.Link link,
            App.Versions versions,
            UnaryOperator<SyncServerBuilder<Handle>> options,
            Cells cells)
            throws Exception {
        if (title.contains(share)) {
            try (HikariDataSource pool = pool(link);
                    App app = start(pool, versions, options)) {
                cells.measure(title, app);
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
