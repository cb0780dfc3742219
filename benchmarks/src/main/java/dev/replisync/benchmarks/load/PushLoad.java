package dev.replisync.benchmarks.load;

import dev.replisync.benchmarks.lab.Postgres;
import dev.replisync.benchmarks.lab.Transport;
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

    private record Setup(String title, boolean spaces, List<String> arguments) {}

    private static final List<Setup> SETUPS = List.of(
            new Setup("example, global, version first", false, List.of("--strategy", "global")),
            new Setup("example, global, version last", false, List.of("--strategy", "global", "--version", "last")),
            new Setup("example, space, version first", true, List.of("--strategy", "space")),
            new Setup("example, space, version last", true, List.of("--strategy", "space", "--version", "last")),
            new Setup("example, row-version", true, List.of("--strategy", "row-version")));

    /** Measures all setups. */
    public static void measure(Pushes pushes, int... writers) throws Exception {
        for (Pushes.Link link : Pushes.Link.values()) {
            for (Setup setup : SETUPS) {
                List<String> arguments = new ArrayList<>(setup.arguments);
                String database = Postgres.url(pushes.postgres().createDatabase(), pushes.port(link));
                arguments.addAll(List.of("--pool", "40", "--database", database));
                try (TodoServer server = TodoServer.start(List.of(), arguments)) {
                    measure(pushes, link, setup, new HttpTransport(server.address()), writers);
                }
            }
        }
    }

    private static void measure(Pushes pushes, Pushes.Link link, Setup setup, Transport http, int... writers)
            throws Exception {
        for (int space = 1; space <= (setup.spaces ? SPACES : 1); space++) {
            Todos.fill(http, "space-" + space, ENTITIES);
        }
        for (int n : writers) {
            pushes.measure(setup.title, link, http, "moveTodo", MOVED, 1, n);
        }
        if (setup.spaces) {
            pushes.measure(setup.title, link, http, "moveTodo", MOVED, SPACES, writers[writers.length - 1]);
        }
        pushes.measureOffline(setup.title, link, http, "moveTodo", MOVED);
    }
}
