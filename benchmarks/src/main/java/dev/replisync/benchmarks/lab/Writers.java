package dev.replisync.benchmarks.lab;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Several threads that each do the same thing again and again, as fast as they are answered. */
public final class Writers {
    private Writers() {}

    /** What a writer does. */
    @FunctionalInterface
    public interface Task {
        /** Does it once. */
        void run() throws Exception;
    }

    /**
     * What came of it.
     *
     * @param perSecond how often it was done per second, by all together
     * @param samples how long each took
     */
    public record Pace(double perSecond, Samples samples) {}

    /**
     * Runs all writers, first to warm up, then for the record.
     *
     * @param writers one task for each thread
     * @param warmUp how long to warm up
     * @param measured how long to measure
     * @return the pace while measured
     * @throws ExecutionException if one of them failed; the others have ended then
     */
    public static Pace run(List<? extends Task> writers, Duration warmUp, Duration measured)
            throws InterruptedException, ExecutionException {
        run(writers, warmUp);
        return run(writers, measured);
    }

    private static Pace run(List<? extends Task> writers, Duration time)
            throws InterruptedException, ExecutionException {
        Samples samples = new Samples();
        CyclicBarrier together = new CyclicBarrier(writers.size());
        ExecutorService threads = Executors.newFixedThreadPool(writers.size());
        try {
            List<Future<?>> all = new ArrayList<>();
            for (Task writer : writers) {
                all.add(threads.submit(() -> {
                    together.await();
                    long start = System.nanoTime();
                    while (System.nanoTime() - start < time.toNanos()) {
                        long began = System.nanoTime();
                        writer.run();
                        samples.since(began);
                    }
                    return samples;
                }));
            }
            long start = System.nanoTime();
            for (Future<?> one : all) {
                one.get();
            }
            return new Pace(samples.count() * 1e9 / (System.nanoTime() - start), samples);
        } finally {
            threads.shutdownNow();
        }
    }
}
