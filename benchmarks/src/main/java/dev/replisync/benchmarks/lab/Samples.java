package dev.replisync.benchmarks.lab;

import java.time.Duration;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** How long something took each time. Safe for use by several threads. */
public final class Samples {
    private static final Duration LONGEST = Duration.ofMinutes(5);

    private final Histogram micros = new ConcurrentHistogram(LONGEST.toNanos() / 1000, 3);

    /** No sample yet. */
    public Samples() {}

    /** Adds what began at the given {@link System#nanoTime} and ends now. */
    public void since(long startedNanos) {
        micros.recordValue(Math.min((System.nanoTime() - startedNanos) / 1000, LONGEST.toNanos() / 1000));
    }

    /** {@return the milliseconds that the given share of the samples, 0 to 100, does not exceed} */
    public double millis(double percentile) {
        return micros.getValueAtPercentile(percentile) / 1000.0;
    }

    /** {@return the number of samples} */
    public long count() {
        return micros.getTotalCount();
    }
}
