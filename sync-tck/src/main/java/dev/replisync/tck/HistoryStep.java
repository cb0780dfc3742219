package dev.replisync.tck;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * One step of a simulated history. The numbers choose among what there is when the step is taken, so a step can be left
 * out of a history and the others still mean something.
 *
 * @param kind what happens
 * @param a chooses who
 * @param b chooses what
 * @param c chooses how
 */
record HistoryStep(Kind kind, int a, int b, int c) {

    /** What can happen, and how often beside the others. */
    enum Kind {
        MUTATE(26),
        PUSH(20),
        PULL(14),
        /** A request reaches a server; which one, and when, is a matter of luck. */
        DELIVER(40),
        /** An answer reaches its client. */
        ANSWER(26),
        /** A server goes on with a request that it had begun. */
        RESUME(24),
        /** A tab pushes and pulls, and nothing goes wrong. */
        SYNC(4),
        LOSE_REQUEST(3),
        LOSE_ANSWER(3),
        DOUBLE_REQUEST(3),
        DOUBLE_ANSWER(2),
        OPEN_TAB(3),
        CLOSE_TAB(2),
        PERSIST(5),
        REFRESH(5),
        UPGRADE(1),
        RECOVER(4),
        RESTART(2),
        PURGE(2),
        COLLECT(1),
        BACKUP(2),
        RESTORE(1),
        DELETE_BEHIND(3),
        /** A server writes for itself. Put between the others afterwards, so that seeds mean what they meant before. */
        SERVER_WRITE(0),
        /** All servers stop, and start with another strategy. Put between the others where there is another. */
        CHANGE_STRATEGY(0);

        private final int weight;

        Kind(int weight) {
            this.weight = weight;
        }

        /** Without these a history goes nowhere. */
        private boolean isEssential() {
            return weight > PERSIST.weight || this == SYNC;
        }
    }

    /** The history of a seed: of the kinds of steps that are not essential each has some. */
    static List<HistoryStep> history(long seed) {
        SplittableRandom random = new SplittableRandom(seed).split();
        Map<Kind, Integer> weights = new EnumMap<>(Kind.class);
        for (Kind kind : Kind.values()) {
            if (kind.weight > 0 && (kind.isEssential() || random.nextInt(2) == 0)) {
                weights.put(kind, kind.weight);
            }
        }
        int all = weights.values().stream().mapToInt(Integer::intValue).sum();
        int length = 40 + random.nextInt(160);
        List<HistoryStep> steps = new ArrayList<>();
        for (int i = 0; i < length; i++) {
            int at = random.nextInt(all);
            for (Map.Entry<Kind, Integer> weight : weights.entrySet()) {
                at -= weight.getValue();
                if (at < 0) {
                    steps.add(new HistoryStep(
                            weight.getKey(), random.nextInt() >>> 1, random.nextInt() >>> 1, random.nextInt() >>> 1));
                    break;
                }
            }
        }
        putServerWrites(steps, new SplittableRandom(~seed));
        return steps;
    }

    private static void putServerWrites(List<HistoryStep> steps, SplittableRandom random) {
        int writes = random.nextInt(3) == 0 ? 1 + random.nextInt(8) : 0;
        for (int i = 0; i < writes; i++) {
            steps.add(
                    random.nextInt(steps.size()),
                    new HistoryStep(Kind.SERVER_WRITE, random.nextInt() >>> 1, random.nextInt() >>> 1, 0));
        }
    }

    /** Puts changes of the strategy between the steps of a seed. */
    static List<HistoryStep> withChanges(List<HistoryStep> steps, long seed) {
        SplittableRandom random = new SplittableRandom(~seed).split();
        List<HistoryStep> all = new ArrayList<>(steps);
        for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
            all.add(random.nextInt(all.size()), new HistoryStep(Kind.CHANGE_STRATEGY, random.nextInt() >>> 1, 0, 0));
        }
        return all;
    }

    /** Chooses one of several. */
    static <E> E pick(List<E> of, int by) {
        return of.get(by % of.size());
    }
}
