package dev.replisync.example.todo;

import static org.assertj.core.api.Assertions.assertThat;

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

    private PokeListener listen(String user, String query) {
        PokeListener listener = new PokeListener(new Client(server.port(), user), query);
        open.add(listener);
        return listener;
    }

    @Test
    void aPushPokesEverybody() {
        PokeListener bob = listen("bob", "");
        PokeListener carol = listen("", "?user=carol&space=other");
        alice.push("createList", "{'id':'l','name':'x'}");
        bob.awaitPoke();
        carol.awaitPoke();
        alice.push("createList", "{'id':'m','name':'x'}");
        bob.awaitPoke();
        carol.awaitPoke();
    }

    @Test
    void anAdministratorPokesToo() {
        PokeListener bob = listen("bob", "");
        alice.post("/admin/wipe", "");
        bob.awaitPoke();
    }

    @Test
    void whatWasNotCommittedDoesNotPoke() {
        alice.push("createList", "{'id':'l','name':'x'}");
        PokeListener bob = listen("bob", "");
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
            assertThat(bob.event()).containsExactly(":");
        }
        alice.push("createList", "{'id':'p','name':'x'}");
        bob.awaitPoke();
    }

    @Test
    void heartbeatsComeAndEndWithTheConnection() throws Exception {
        PokeListener bob = listen("bob", "");
        for (int heartbeats = 0; heartbeats < 3; heartbeats++) {
            assertThat(bob.event()).containsExactly(":");
        }
        assertThat(server.listeners()).isEqualTo(1);
        bob.close();
        Poll.until("the subscription and its heartbeats have ended", () -> server.listeners() == 0);
    }

    @Test
    void stoppingTheServerEndsTheStreamsAtOnce() throws Exception {
        PokeListener bob = listen("bob", "");
        long started = System.nanoTime();
        server.close();
        assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(15));
        assertThat(bob.rest()).doesNotContain("event: poke");
    }
}
