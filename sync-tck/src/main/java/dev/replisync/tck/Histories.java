package dev.replisync.tck;

import dev.replisync.strategy.DiffStrategyProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Runs histories by their seeds, and makes those that fail as short as they can be. Safe for use by several threads. */
final class Histories<T> {
    /** So often is a failing history tried with less. */
    private static final int MOST_TRIES = 600;

    private final ServerSetup<T> setup;
    private final List<DiffStrategyProvider> others;

    /** What has happened in all of them. */
    private final Map<String, LongAdder> totals = new ConcurrentSkipListMap<>();

    Histories(ServerSetup<T> setup) {
        this(setup, List.of());
    }

    /**
     * Histories of a setup.
     *
     * @param others strategies that servers are started with instead, in the midst of each history
     */
    Histories(ServerSetup<T> setup, List<DiffStrategyProvider> others) {
        this.setup = setup;
        this.others = others;
    }

    private List<HistoryStep> steps(long seed) {
        List<HistoryStep> steps = HistoryStep.history(seed);
        return others.isEmpty() ? steps : HistoryStep.withChanges(steps, seed);
    }

    /** Stores in memory do not get in each other's way. */
    boolean mayRunInParallel() {
        try (SyncFixture<T> fixture = setup.store().get()) {
            return fixture instanceof GivesWay;
        }
    }

    /** How many histories there were, and what has happened in them. */
    @Override
    public String toString() {
        return totals.toString();
    }

    /** A history that failed. */
    record Failed(long seed, SimulationFailure failure, List<HistoryStep> steps, List<String> trace) {
        /** For people: what failed, with which seed, and how it came to that. */
        String report() {
            return trace.stream()
                    .collect(Collectors.joining(
                            "\n  ",
                            failure.getMessage() + "\nseed " + seed + ", shortened to " + steps.size() + " steps:\n  ",
                            "\n"));
        }
    }

    /** Runs the history of a seed; null if all promises were kept. */
    @Nullable
    SimulationFailure run(long seed) {
        return run(seed, steps(seed), null);
    }

    private @Nullable SimulationFailure run(long seed, List<HistoryStep> steps, @Nullable List<String> trace) {
        return Coroutines.call(() -> live(seed, steps, trace));
    }

    private @Nullable SimulationFailure live(long seed, List<HistoryStep> steps, @Nullable List<String> trace) {
        try (SyncFixture<T> fixture = setup.store().get()) {
            Simulation<T> simulation = new Simulation<>(setup, others, fixture, seed, trace);
            simulation.run(steps);
            simulation.totals((what, count) ->
                    totals.computeIfAbsent(what, w -> new LongAdder()).add(count));
            return null;
        } catch (SimulationFailure e) {
            return e;
        } catch (Exception e) {
            throw new AssertionError("the history of seed " + seed + " could not be run: " + e, e);
        }
    }

    /** Runs the history of a seed again with less and less, as long as the same promise is broken. */
    Failed shorten(long seed, SimulationFailure failure) {
        List<HistoryStep> steps = steps(seed);
        int tries = 0;
        for (int part = steps.size() / 2; part > 0; part = part == 1 ? 0 : (part + 1) / 2) {
            for (int at = 0; at < steps.size() && tries < MOST_TRIES; tries++) {
                List<HistoryStep> less = new ArrayList<>(steps.subList(0, at));
                less.addAll(steps.subList(Math.min(steps.size(), at + part), steps.size()));
                SimulationFailure still = run(seed, less, null);
                if (still != null && still.promise() == failure.promise()) {
                    steps = less;
                } else {
                    at += part;
                }
            }
        }
        List<String> trace = new ArrayList<>();
        SimulationFailure last = run(seed, steps, trace);
        return new Failed(seed, last == null ? failure : last, steps, trace);
    }
}
