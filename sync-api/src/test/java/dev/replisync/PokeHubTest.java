package dev.replisync;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

class PokeHubTest {
    private final Queue<Runnable> waiting = new ArrayDeque<>();
    private final PokeHub hub = new PokeHub(waiting::add);
    private final List<String> heard = new ArrayList<>();

    @Test
    void reachesEachSubscriberOfTheChannelAndNoOther() {
        hub.subscribe("a", () -> heard.add("first"));
        hub.subscribe("a", () -> heard.add("second"));
        hub.subscribe("b", () -> heard.add("other"));

        hub.poke("a");
        deliver();

        assertThat(heard).containsExactlyInAnyOrder("first", "second");
    }

    @Test
    void pokesThatWaitAreOne() {
        hub.subscribe("a", () -> heard.add("x"));
        hub.poke("a");
        hub.poke("a");
        deliver();
        assertThat(heard).hasSize(1);

        hub.poke("a");
        deliver();
        assertThat(heard).hasSize(2);
    }

    @Test
    void aChangeDuringDeliveryPokesAgain() {
        hub.subscribe("a", () -> {
            heard.add("x");
            if (heard.size() == 1) {
                hub.poke("a");
            }
        });
        hub.poke("a");
        deliver();
        assertThat(heard).hasSize(2);
    }

    @Test
    void endsWithTheSubscription() throws Exception {
        AutoCloseable ended = hub.subscribe("a", () -> heard.add("ended"));
        hub.subscribe("a", () -> heard.add("stays"));
        ended.close();
        ended.close();
        hub.poke("a");
        deliver();
        assertThat(heard).containsExactly("stays");
    }

    @Test
    void aFailingSubscriberDisturbsNobody() {
        hub.subscribe("a", () -> {
            throw new IllegalStateException("on purpose");
        });
        hub.subscribe("a", () -> heard.add("fine"));
        hub.poke("a");
        deliver();
        hub.poke("a");
        deliver();
        assertThat(heard).containsExactly("fine", "fine");
    }

    @Test
    void aClosedServerDropsPokes() {
        PokeHub closed = new PokeHub(task -> {
            throw new RejectedExecutionException("closed");
        });
        closed.subscribe("a", () -> heard.add("x"));
        closed.poke("a");
        assertThat(heard).isEmpty();
    }

    private void deliver() {
        while (!waiting.isEmpty()) {
            waiting.remove().run();
        }
    }
}
