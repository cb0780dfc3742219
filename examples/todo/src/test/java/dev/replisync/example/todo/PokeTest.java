package dev.replisync.example.todo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Pokes as server-sent events. */
@Timeout(60)
class PokeTest {
    private TodoServer server;
    private Client alice;
    private final List<AutoCloseable> open = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        server = TodoServer.start(Arguments.parse("--port", "0", "--admin"), Duration.ofMillis(100));
        alice = new Client(server.port(), "alice");
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable closeable : open) {
            closeable.close();
        }
        server.close();
    }

    /** The lines of an event stream. The first one is there: a poke from now on is not missed. */
    private BufferedReader listen(String user, String path) throws IOException {
        HttpResponse<InputStream> response = Client.send(
                new Client(server.port(), user)
                        .request("/api/replicache/poke" + path)
                        .build(),
                BodyHandlers.ofInputStream());
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type")).contains("text/event-stream;charset=utf-8");
        assertThat(response.headers().firstValue("Content-Encoding")).isEmpty();
        BufferedReader lines = new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));
        open.add(response.body());
        assertThat(lines.readLine()).isEqualTo(":");
        assertThat(lines.readLine()).isEmpty();
        return lines;
    }

    private static List<String> next(BufferedReader lines) {
        try {
            List<String> event = new ArrayList<>();
            for (String line = lines.readLine(); !line.isEmpty(); line = lines.readLine()) {
                event.add(line);
            }
            return event;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void awaitPoke(BufferedReader lines) {
        List<String> event = next(lines);
        for (int heartbeats = 0; heartbeats < 200 && event.equals(List.of(":")); heartbeats++) {
            event = next(lines);
        }
        assertThat(event).containsExactly("event: poke", "data: {}");
    }

    @Test
    void aPushPokesEverybody() throws IOException {
        BufferedReader bob = listen("bob", "");
        BufferedReader carol = listen("", "?user=carol&space=other");
        alice.push("createList", "{'id':'l','name':'x'}");
        awaitPoke(bob);
        awaitPoke(carol);
        alice.push("createList", "{'id':'m','name':'x'}");
        awaitPoke(bob);
        awaitPoke(carol);
    }

    @Test
    void anAdministratorPokesToo() throws IOException {
        BufferedReader bob = listen("bob", "");
        alice.post("/admin/wipe", "");
        awaitPoke(bob);
    }

    @Test
    void whatWasNotCommittedDoesNotPoke() throws IOException {
        alice.push("createList", "{'id':'l','name':'x'}");
        BufferedReader bob = listen("bob", "");
        // Processed already, from the future, somebody else's: nothing is committed by any of them.
        alice.pushed(alice.mutation(1, "createList", "{'id':'l','name':'x'}"));
        alice.pushed(alice.mutation(7, "createList", "{'id':'n','name':'x'}"));
        new Client(server.port(), "mallory")
                .post(
                        "/api/replicache/push",
                        Client.json("{'pushVersion':1,'clientGroupID':'" + alice.group
                                        + "','profileID':'','schemaVersion':'','mutations':[")
                                + alice.mutation(2, "createList", "{'id':'o','name':'x'}") + "]}");
        for (int heartbeats = 0; heartbeats < 5; heartbeats++) {
            assertThat(next(bob)).containsExactly(":");
        }
        alice.push("createList", "{'id':'p','name':'x'}");
        awaitPoke(bob);
    }

    @Test
    void heartbeatsComeAndEndWithTheConnection() throws Exception {
        BufferedReader bob = listen("bob", "");
        for (int heartbeats = 0; heartbeats < 3; heartbeats++) {
            assertThat(next(bob)).containsExactly(":");
        }
        assertThat(server.listeners()).isEqualTo(1);
        bob.close();
        Poll.until("the subscription and its heartbeats have ended", () -> server.listeners() == 0);
    }

    @Test
    void stoppingTheServerEndsTheStreamsAtOnce() throws Exception {
        BufferedReader bob = listen("bob", "");
        long started = System.nanoTime();
        server.close();
        assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(5));
        assertThat(endOf(bob)).doesNotContain("event: poke");
    }

    /** What is left of a stream. */
    private static List<String> endOf(BufferedReader lines) {
        List<String> left = new ArrayList<>();
        try {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                left.add(line);
            }
        } catch (IOException e) {
            // Cut off: an end as good as any for a client that connects again.
        }
        return left;
    }
}
