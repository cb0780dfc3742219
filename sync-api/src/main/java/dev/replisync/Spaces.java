package dev.replisync;

import dev.replisync.error.RejectedException;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * The spaces, as kept, that a transaction is opened with. Locks are taken in one order, so a space that turns out to be
 * needed later is not locked then: the attempt ends and is run again with it (rules R27, R54). Used by one thread.
 */
final class Spaces {
    /** How many a transaction may write to: who asks for another one on each run would be run for ever. */
    private static final int MOST = 100;

    private final String own;
    private final boolean locked;
    private boolean fixed;
    private final SortedSet<String> known = new TreeSet<>();

    /**
     * Knows one space.
     *
     * @param own the space that is written to
     * @param locked whether versions move, so that spaces are locked at all
     */
    Spaces(String own, boolean locked) {
        this.own = own;
        this.locked = locked;
        forget();
    }

    String own() {
        return own;
    }

    /** All that are known now, sorted. */
    SortedSet<String> known() {
        return new TreeSet<>(known);
    }

    /** Forgets all but the own space. */
    void forget() {
        known.clear();
        if (locked) {
            known.add(own);
        }
    }

    /** Opens the next transaction with another space. */
    void expect(String kept) {
        if (locked) {
            known.add(kept);
        }
    }

    /** No further space can be had: what runs now cannot be run again. */
    void fix() {
        fixed = true;
    }

    /**
     * Demands another space.
     *
     * @param exists whether a space exists that the transaction was opened with
     * @throws NotOpened if the transaction was opened without it; it is known from now on
     */
    String require(String kept, Predicate<String> exists) {
        if (locked && !known.contains(kept)) {
            if (fixed) {
                throw new IllegalStateException("space '" + Limits.forLog(kept)
                        + "' was not named when the write began; pass it to writeWithin(…) as one of otherSpaces");
            }
            if (known.size() >= MOST) {
                throw new RejectedException("more than " + MOST + " spaces were asked for in one transaction; name them"
                        + " the same way on each run of a mutator, and write to fewer at once");
            }
            known.add(kept);
            throw new NotOpened(kept);
        }
        if (!exists.test(kept)) {
            throw new RejectedException("space '" + Limits.forLog(kept) + "' does not exist");
        }
        return kept;
    }

    /** Ends an attempt at a transaction that needs another space. */
    static final class NotOpened extends RuntimeException {
        private static final long serialVersionUID = 1L;

        NotOpened(String space) {
            super(
                    "space '" + space
                            + "' was not named when this transaction was opened; the transaction is run again"
                            + " with it: do not catch this",
                    null,
                    false,
                    false);
        }
    }
}
