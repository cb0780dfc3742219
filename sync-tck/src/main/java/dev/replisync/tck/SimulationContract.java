package dev.replisync.tck;

import dev.replisync.strategy.DiffStrategyProvider;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Contract of a whole server, as a deterministic simulation: random histories of users with several devices and tabs, who
 * work offline, reload, and begin new client groups; of a network that loses, doubles, delays and reorders; of two servers
 * that are killed, and a store that fails at any call, before and after a commit; of permissions that change, entities that
 * move, writes of the servers themselves, tombstones that are purged, groups that are collected and backups that are
 * restored; and where the subclass names several strategies, of changes from one to the next. A model of the server says
 * what must come out.
 *
 * <p>Checked are, after each answer: each mutation has its effect once; what was answered with success is processed; what a
 * client confirms is a state that the server had while it answered, with the ids of that state; cookies go up and no higher
 * one carries an older state; nobody is told of what he may not see; whoever sees something else since a commit, or has a
 * mutation confirmed by it, is poked after it. In the end each client's view is what the reset strategy answers.
 *
 * <p>A history follows from its seed. One that fails is made as short as possible and printed with its seed; system
 * property {@code replisync.tck.seed} runs only that one again. Each run has the same histories, so that a build fails for
 * what was changed and not by chance; {@code -Dreplisync.tck.seed=fresh} draws new ones, to look for what nobody knows
 * yet. Some are run by default, and many more by a test that is tagged {@code long}; {@code replisync.tck.histories} says
 * how many these are in all, if not as many as the contract was made for.
 *
 * @param <T> the storage's handle
 */
@ExtendWith(RuleWatch.class)
public abstract class SimulationContract<T> {
    /** System property: the one seed to run, or {@link #FRESH}. */
    static final String SEED = "replisync.tck.seed";

    private static final String FRESH = "fresh";

    /** System property: how many histories to run. */
    static final String HISTORIES = "replisync.tck.histories";

    /** Of histories that once found something, here or in what users build. */
    private static final List<Long> PAST =
            List.of(157096407047L, 93746607153883L, 77021283907464L, 14L, 15L, 173L, 255387477105052L);

    private final ServerSetup<T> setup;
    private final List<DiffStrategyProvider> others;
    private final int some;
    private final int many;

    /**
     * For subclasses. The long test makes it ten times as many histories.
     *
     * @param setup what is tested
     * @param histories how many histories a run has, at least 1; a thousand take a few seconds on a store in memory
     */
    protected SimulationContract(ServerSetup<T> setup, int histories) {
        this(setup, histories, 10 * histories);
    }

    /**
     * For subclasses.
     *
     * @param setup what is tested
     * @param some how many histories each run has, at least 1
     * @param many how many there are with those of the test that is tagged {@code long}, more than {@code some}
     */
    protected SimulationContract(ServerSetup<T> setup, int some, int many) {
        this(setup, List.of(), some, many);
    }

    /**
     * For subclasses whose store has the feature {@link Feature#STRATEGY_CHANGE}.
     *
     * @param setup what is tested
     * @param others strategies that the servers are stopped and started with, one after the other, in each history
     * @param some how many histories each run has, at least 1
     * @param many how many there are with those of the test that is tagged {@code long}, at least {@code some}
     */
    protected SimulationContract(ServerSetup<T> setup, List<DiffStrategyProvider> others, int some, int many) {
        this.setup = setup;
        this.others = List.copyOf(others);
        this.some = some;
        this.many = many;
    }

    @Test
    @Rule({"R5", "R6", "R17", "R20", "R22", "R36", "R40", "R67"})
    final void newHistoriesKeepAllPromises(TestReporter reporter) {
        String asked = System.getProperty(SEED, "");
        if (asked.isEmpty() || asked.equals(FRESH)) {
            keepAllPromises(from(0, Math.min(some, all())), reporter);
        } else {
            keepAllPromises(LongStream.of(Long.parseLong(asked)), reporter);
        }
    }

    @Test
    @Tag("long")
    @Rule({"R5", "R6", "R17", "R20", "R22", "R36", "R40", "R67"})
    final void manyMoreHistoriesKeepAllPromises(TestReporter reporter) {
        String asked = System.getProperty(SEED, "");
        Assumptions.assumeTrue(
                asked.isEmpty() || asked.equals(FRESH), StoreContract.SKIPPED + "one history was asked for");
        Assumptions.assumeTrue(all() > some, StoreContract.SKIPPED + "no more histories were asked for");
        keepAllPromises(from(some, all()), reporter);
    }

    private int all() {
        return Integer.getInteger(HISTORIES, many);
    }

    private static LongStream from(int first, int end) {
        boolean fresh = System.getProperty(SEED, "").equals(FRESH);
        long begin = fresh ? new SplittableRandom().nextLong() >>> 16 : 0;
        return LongStream.range(begin + first, begin + end);
    }

    @Test
    @Rule({"R35", "R39", "R41", "R51", "R54", "R55", "R57"})
    final void historiesThatOnceFailedKeepAllPromises(TestReporter reporter) {
        keepAllPromises(PAST.stream().limit(some).mapToLong(Long::longValue), reporter);
    }

    private void keepAllPromises(LongStream seeds, TestReporter reporter) {
        Histories<T> all = new Histories<>(setup, others);
        LongStream run = all.mayRunInParallel() ? seeds.parallel() : seeds.sequential();
        Optional<Histories.Failed> failed = run.mapToObj(
                        seed -> Optional.ofNullable(all.run(seed)).map(failure -> all.shorten(seed, failure)))
                .flatMap(Optional::stream)
                .findAny();
        reporter.publishEntry("simulation", all.toString());
        if (failed.isPresent()) {
            throw new AssertionError(
                    failed.get().report() + "run it again with -D" + SEED + "="
                            + failed.get().seed(),
                    failed.get().failure());
        }
    }
}
