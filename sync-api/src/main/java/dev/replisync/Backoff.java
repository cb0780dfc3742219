package dev.replisync;

import java.time.Duration;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;

/** Waits between attempts, doubling and jittered, so that those who collided do not collide again; and keeps time. */
final class Backoff {
    static final int ATTEMPTS = 10;
    private static final double FIRST_MILLIS = 4;
    private static final double LONGEST_MILLIS = 500;

    private final LongSupplier nanoTime;
    private final DoubleSupplier random;
    private final Sleeper sleeper;

    /** How to wait. */
    interface Sleeper {
        void sleep(Duration time) throws InterruptedException;
    }

    Backoff(LongSupplier nanoTime, DoubleSupplier random, Sleeper sleeper) {
        this.nanoTime = nanoTime;
        this.random = random;
        this.sleeper = sleeper;
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
}
