package dev.replisync;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class PokeHubTest {
    private final Queue<Runnable> waiting = new ArrayDeque<>();
    private final PokeHub hub = new PokeHub(waiting::add);
    private final List<String> heard = new ArrayList<>();

    @Test
    void reachesEachSubscriberOfTheChannelAndNoOther() {
        hub.subscribe(Set.of("a"), () -> heard.add("first"));
        hub.subscribe(Set.of("a"), () -> heard.add("second"));
        hub.subscribe(Set.of("b"), () -> heard.add("other"));

        hub.poke(Set.of("a"));
        deliver();

        assertThat(heard).containsExactlyInAnyOrder("first", "second");
    }

    @Test
    void pokesThatWaitAreOne() {
        hub.subscribe(Set.of("a"), () -> heard.add("x"));
        hub.poke(Set.of("a"));
        hub.poke(Set.of("a"));
        deliver();
        assertThat(heard).hasSize(1);

        hub.poke(Set.of("a"));
        deliver();
        assertThat(heard).hasSize(2);
    }

    @Test
    void aChangeDuringDeliveryPokesAgain() {
        hub.subscribe(Set.of("a"), () -> {
            heard.add("x");
            if (heard.size() == 1) {
                hub.poke(Set.of("a"));
            }
        });
        hub.poke(Set.of("a"));
        deliver();
        assertThat(heard).hasSize(2);
    }

    @Test
    void endsWithTheSubscription() throws Exception {
        AutoCloseable ended = hub.subscribe(Set.of("a"), () -> heard.add("ended"));
        hub.subscribe(Set.of("a"), () -> heard.add("stays"));
        ended.close();
        ended.close();
        hub.poke(Set.of("a"));
        deliver();
        assertThat(heard).containsExactly("stays");
    }

    @Test
    void aFailingSubscriberDisturbsNobody() {
        hub.subscribe(Set.of("a"), () -> {
            throw new IllegalStateException("on purpose");
        });
        hub.subscribe(Set.of("a"), () -> heard.add("fine"));
        hub.poke(Set.of("a"));
        deliver();
        hub.poke(Set.of("a"));
        deliver();
        assertThat(heard).containsExactly("fine", "fine");
    }

    @Test
    void aClosedServerDropsPokes() {
        PokeHub closed = new PokeHub(task -> {
            throw new RejectedExecutionException("closed");
        });
        closed.subscribe(Set.of("a"), () -> heard.add("x"));
        closed.poke(Set.of("a"));
        assertThat(heard).isEmpty();
    }

    /** The subscriber writes to one connection: two threads at once would mix what they write. */
    @Test
    void deliversOneAtATime() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            PokeHub concurrent = new PokeHub(threads);
            CountDownLatch entered = new CountDownLatch(1);
            CountDownLatch leave = new CountDownLatch(1);
            CountDownLatch twice = new CountDownLatch(2);
            AtomicInteger inside = new AtomicInteger();
            AtomicInteger most = new AtomicInteger();
            concurrent.subscribe(Set.of("a"), () -> {
                most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                entered.countDown();
                awaitQuietly(leave);
                inside.decrementAndGet();
                twice.countDown();
            });
            concurrent.poke(Set.of("a"));
            assertThat(entered.await(10, TimeUnit.SECONDS)).isTrue();
            concurrent.poke(Set.of("a"));
            concurrent.poke(Set.of("a"));
            CountDownLatch otherWork = new CountDownLatch(3);
            for (int i = 0; i < 3; i++) {
                threads.execute(otherWork::countDown);
            }
            assertThat(otherWork.await(10, TimeUnit.SECONDS)).isTrue();
            leave.countDown();
            assertThat(twice.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(most.get()).isEqualTo(1);
        } finally {
            threads.shutdownNow();
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void deliver() {
        while (!waiting.isEmpty()) {
            waiting.remove().run();
        }
    }
}
