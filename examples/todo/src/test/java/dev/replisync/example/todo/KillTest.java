package dev.replisync.example.todo;

import static org.assertj.core.api.Assertions.assertThat;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A server is killed while clients push. What it acknowledged must be there after a restart, and what the clients send
 * again must not happen twice: moveTodo adds up, so each loss and each repetition shows in the sum.
 */
class KillTest {
    private static final int CLIENTS = 4;
    private static final int MOVES = 50;

    @ParameterizedTest
    @ValueSource(strings = {"global", "space", "row-version"})
    void h2InAFile(String strategy, @TempDir Path dir) throws Exception {
        survivesKill("--strategy", strategy, "--database", "h2:" + dir.resolve("todo"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"global", "row-version"})
    void postgres(String strategy) throws Exception {
        try (EmbeddedPostgres postgres = EmbeddedPostgres.builder().start()) {
            survivesKill("--strategy", strategy, "--database", postgres.getJdbcUrl("postgres", "postgres"));
        }
    }

    /** One client and what it knows. */
    private static final class Mover {
        final Client client;
        int acknowledged;

        Mover(int port) {
            client = new Client(port, "alice");
        }

        void move(int number) {
            var response = client.pushed(client.mutation(number, "moveTodo", "{'id':'t','by':1}"));
            assertThat(response.statusCode()).isEqualTo(200);
            acknowledged = number;
        }
    }

    private static void survivesKill(String... storing) throws Exception {
        String[] arguments =
                Stream.concat(Stream.of("--port", "0"), Stream.of(storing)).toArray(String[]::new);
        List<Mover> movers = new ArrayList<>();
        try (ServerProcess server = new ServerProcess(arguments)) {
            int port = server.port();
            new Client(port, "alice")
                    .push("createList", "{'id':'l','name':'x'}")
                    .push("createTodo", "{'id':'t','listID':'l','text':'x','completed':false}");
            IntStream.range(0, CLIENTS).forEach(i -> movers.add(new Mover(port)));
            killWhilePushing(server, movers);
        }
        assertThat(movers.stream().mapToInt(mover -> mover.acknowledged).sum())
                .as("killed in the middle")
                .isBetween(CLIENTS * MOVES / 3, CLIENTS * MOVES - 1);
        try (TodoServer server = TodoServer.start(Arguments.parse(arguments))) {
            int port = server.port();
            int moved = 0;
            for (Mover mover : movers) {
                mover.client.moveTo(port);
                long confirmed = mover.client.confirmed();
                assertThat(confirmed).isBetween((long) mover.acknowledged, mover.acknowledged + 1L);
                moved += (int) confirmed;
            }
            assertThat(sort(port)).isEqualTo(1 + moved);
            for (Mover mover : movers) {
                // As a browser that heard nothing: everything again, what was done and what was not.
                String[] all = IntStream.rangeClosed(1, MOVES)
                        .mapToObj(n -> mover.client.mutation(n, "moveTodo", "{'id':'t','by':1}"))
                        .toArray(String[]::new);
                assertThat(mover.client.pushed(all).statusCode()).isEqualTo(200);
                assertThat(mover.client.confirmed()).isEqualTo(MOVES);
            }
            assertThat(sort(port)).isEqualTo(1 + CLIENTS * MOVES);
        }
    }

    private static void killWhilePushing(ServerProcess server, List<Mover> movers) throws Exception {
        AtomicInteger acknowledged = new AtomicInteger();
        ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
        try {
            List<Future<?>> done = new ArrayList<>();
            for (Mover mover : movers) {
                done.add(threads.submit(() -> {
                    try {
                        for (int n = 1; n <= MOVES; n++) {
                            mover.move(n);
                            acknowledged.incrementAndGet();
                        }
                    } catch (UncheckedIOException e) {
                        // The server is dead.
                    }
                }));
            }
            Poll.until("half of the pushes", () -> acknowledged.get() >= CLIENTS * MOVES / 2);
            server.kill();
            for (Future<?> each : done) {
                each.get();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private static int sort(int port) {
        return new Client(port, "alice").pull().view.get("todo/t").path("sort").asInt();
    }
}
