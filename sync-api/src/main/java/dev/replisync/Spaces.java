package dev.replisync;

import dev.replisync.error.RejectedException;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * The spaces, as kept, that a transaction is opened with. Locks are taken in one order, so a space that turns out to be
 * needed later is not locked then: the attempt ends and is run again with it (rules R27, R54). Used by one thread.
 */
final class Spaces {
    private final String own;
    private final boolean locked;
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

    /**
     * Demands another space.
     *
     * @param unknown those known not to exist
     * @throws NotOpened if the transaction was opened without it; it is known from now on
     */
    String require(String kept, Set<String> unknown) {
        if (unknown.contains(kept)) {
            throw new RejectedException("space '" + kept + "' does not exist");
        }
        if (locked && known.add(kept)) {
            throw new NotOpened(kept);
        }
        return kept;
    }

    /** Ends an attempt at a transaction that needs another space. */
    static final class NotOpened extends RuntimeException {
        private static final long serialVersionUID = 1L;

        NotOpened(String space) {
            super(
                    "space '" + space
                            + "' was not named when this transaction was opened; the transaction is run again,"
                            + " or must be: do not catch this",
                    null,
                    false,
                    false);
        }
    }
}
