package dev.replisync.benchmarks.load;

import dev.replisync.benchmarks.lab.Postgres;
import dev.replisync.benchmarks.pushes.Pushes;
import java.util.ArrayList;
import java.util.List;

/** Pushes to the example over HTTP. */
public final class PushLoad {
    private static final int SPACES = 8;
    private static final int ENTITIES = 1_000;

    private static final Pushes.Item MOVED = new Pushes.Item() {
        @Override
        public String key(String space, int writer) {
            return "todo/" + Todos.id(space, writer);
        }

        @Override
        public String args(String space, int writer) {
            return "{\"id\":\"" + Todos.id(space, writer) + "\",\"by\":1}";
        }
    };

    private PushLoad() {}

    /** @param spaces whether to write to several spaces too */
    private record Setup(String title, boolean spaces, List<String> arguments) {}

    private static final List<Setup> SETUPS = List.of(
            new Setup("example, global, version first", false, List.of("--strategy", "global")),
            new Setup("example, global, version last", false, List.of("--strategy", "global", "--version", "last")),
            new Setup("example, space, version first", true, List.of("--strategy", "space")),
            new Setup("example, space, version last", true, List.of("--strategy", "space", "--version", "last")),
            new Setup("example, row-version", true, List.of("--strategy", "row-version")));

    /**
     * Measures all setups.
     *
     * @param pushes where to
     * @param full whether to measure the global strategy too, eight spaces, and pushes of many mutations
     * @param share only what has this in its name, empty for all
     * @param writers how many write at once, in each of the cells
     */
    public static void measure(Pushes pushes, boolean full, String share, int... writers) throws Exception {
        for (Pushes.Link link : Pushes.Link.values()) {
            for (Setup setup : SETUPS) {
                if ((full || setup.spaces) && setup.title.contains(share)) {
                    measure(pushes, link, setup, full, writers);
                }
            }
        }
    }

    private static void measure(Pushes pushes, Pushes.Link link, Setup setup, boolean full, int... writers)
            throws Exception {
        List<String> arguments = new ArrayList<>(setup.arguments);
        String database = Postgres.url(pushes.postgres().createDatabase(), pushes.port(link));
        arguments.addAll(List.of("--pool", "40", "--database", database));
        try (TodoServer server = TodoServer.start(List.of(), arguments)) {
            HttpTransport http = new HttpTransport(server.address());
            boolean spaces = full && setup.spaces;
            for (int space = 1; space <= (spaces ? SPACES : 1); space++) {
                Todos.fill(http, "space-" + space, ENTITIES);
            }
            pushes.newServer();
            for (int n : writers) {
                pushes.measure(setup.title, link, http, "moveTodo", MOVED, 1, n);
            }
            if (spaces) {
                pushes.measure(setup.title, link, http, "moveTodo", MOVED, SPACES, writers[writers.length - 1]);
            }
            if (spaces && !setup.title.contains("last")) {
                pushes.measureOffline(setup.title, link, http, "moveTodo", MOVED);
            }
        }
    }
}
