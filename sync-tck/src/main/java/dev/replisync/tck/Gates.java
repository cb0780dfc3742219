package dev.replisync.tck;

import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Gates by name: a mutator that comes to one waits until the test opens it. */
final class Gates {
    private final ConcurrentMap<String, Gate> gates = new ConcurrentHashMap<>();

    /** Comes to a gate and waits until it is open. */
    void pass(String name) throws InterruptedException {
        gate(name).arrived.countDown();
        // Longer than the test waits for others to come, which would else come because this one gave up.
        await(gate(name).opened, StoreContract.deadline().multipliedBy(2), "gate " + name + " was never opened");
    }

    /** Waits until somebody has come to a gate. */
    void awaitArrival(String name) {
        try {
            await(gate(name).arrived, StoreContract.deadline(), "nobody came to gate " + name);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    boolean hasArrived(String name) {
        return gate(name).arrived.getCount() == 0;
    }

    void open(String name) {
        gate(name).opened.countDown();
    }

    private Gate gate(String name) {
        return gates.computeIfAbsent(name, n -> new Gate(new CountDownLatch(1), new CountDownLatch(1)));
    }

    private static void await(CountDownLatch latch, Duration patience, String otherwise) throws InterruptedException {
        if (!latch.await(patience.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new AssertionError(otherwise);
        }
    }

    private record Gate(CountDownLatch arrived, CountDownLatch opened) {}
}
