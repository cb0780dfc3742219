package dev.replisync;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Waits between attempts, doubling and jittered, so that those who collided do not collide again; and keeps time. */
final class Backoff {
    static final int ATTEMPTS = 10;
    private static final double FIRST_MILLIS = 4;
    private static final double LONGEST_MILLIS = 500;
    private static final Duration GLANCE = Duration.ofMillis(1);

    private final LongSupplier nanoTime;
    private final DoubleSupplier random;
    private final Sleeper sleeper;
    private final boolean ofMachine;

    /** How to wait. */
    interface Sleeper {
        void sleep(Duration time) throws InterruptedException;
    }

    private Backoff(LongSupplier nanoTime, Sleeper sleeper, boolean ofMachine) {
        this.nanoTime = nanoTime;
        this.random = () -> ThreadLocalRandom.current().nextDouble();
        this.sleeper = sleeper;
        this.ofMachine = ofMachine;
    }

    /** By the machine's clock. */
    static Backoff ofMachine() {
        return new Backoff(System::nanoTime, time -> Thread.sleep(time.toMillis()), true);
    }

    /** By a time that is made up: whoever waits for anything sleeps in it, again and again. */
    static Backoff in(LongSupplier nanoTime, Sleeper sleeper) {
        return new Backoff(nanoTime, sleeper, false);
    }

    long now() {
        return nanoTime.getAsLong();
    }

    /**
     * Waits before the attempt after {@code attempt}.
     *
     * @return false if the thread was interrupted, and so must give up; it stays interrupted
     */
    boolean await(int attempt) {
        double ceiling = Math.min(LONGEST_MILLIS, FIRST_MILLIS * Math.pow(2, attempt - 1.0));
        double millis = ceiling * (0.5 + random.getAsDouble() / 2);
        try {
            sleeper.sleep(Duration.ofNanos((long) (millis * 1_000_000)));
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /**
     * Takes the first of a queue, waiting until there is one.
     *
     * @return null if there was none for so long
     */
    <E> @Nullable E take(BlockingQueue<E> queue, long nanos) throws InterruptedException {
        if (ofMachine) {
            return queue.poll(nanos, TimeUnit.NANOSECONDS);
        }
        long began = now();
        E first = queue.poll();
        while (first == null && now() - began < nanos) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            sleeper.sleep(GLANCE);
            first = queue.poll();
        }
        return first;
    }
}
