package dev.replisync.tck;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Exclusive locks by name, held to the end of a transaction. Who would wait in a circle is refused at once. */
final class MemoryLocks {
    /** After so many turns of others a lock is not given back any more. */
    private static final int MOST_TURNS = 200;

    private final Duration patience;
    private final Map<Name, MemoryTx> owners = new HashMap<>();
    private final Map<MemoryTx, Name> waiting = new HashMap<>();
    private volatile @Nullable Runnable giveWay;

    /** What can be locked. Taken in the order of the kinds, as the port demands (rule R27). */
    enum Kind {
        GROUP,
        CLIENT,
        SPACE,
        NAMED,
        ROW
    }

    record Name(Kind kind, String space, String id) {}

    MemoryLocks(Duration patience) {
        this.patience = patience;
    }

    /** From now on nobody waits on a monitor: who cannot have a lock yet calls this and tries again. */
    void insteadOfWaiting(Runnable other) {
        giveWay = other;
    }

    void take(MemoryTx tx, Name lock) {
        Runnable instead = giveWay;
        if (instead == null) {
            takeOrWait(tx, lock);
            return;
        }
        for (int i = 0; !isTaken(tx, lock); i++) {
            if (i == MOST_TURNS) {
                gaveUp(tx);
                throw new MemoryConflict("time-out while waiting for " + lock);
            }
            instead.run();
        }
    }

    private synchronized void gaveUp(MemoryTx tx) {
        waiting.remove(tx);
    }

    private synchronized boolean isTaken(MemoryTx tx, Name lock) {
        MemoryTx owner = owners.putIfAbsent(lock, tx);
        if (owner == null || owner.equals(tx)) {
            waiting.remove(tx);
            return true;
        }
        waiting.put(tx, lock);
        if (waitsFor(owner, tx)) {
            waiting.remove(tx);
            throw new MemoryConflict("deadlock on " + lock);
        }
        return false;
    }

    private synchronized void takeOrWait(MemoryTx tx, Name lock) {
        long deadline = System.nanoTime() + patience.toNanos();
        waiting.put(tx, lock);
        try {
            MemoryTx owner = owners.putIfAbsent(lock, tx);
            while (owner != null && !owner.equals(tx)) {
                long millis = (deadline - System.nanoTime()) / 1_000_000;
                if (waitsFor(owner, tx)) {
                    throw new MemoryConflict("deadlock on " + lock);
                }
                if (millis <= 0) {
                    throw new MemoryConflict("time-out while waiting for " + lock);
                }
                wait(millis);
                owner = owners.putIfAbsent(lock, tx);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new MemoryConflict("interrupted while waiting for " + lock);
        } finally {
            waiting.remove(tx);
        }
    }

    synchronized void release(MemoryTx tx) {
        owners.values().removeIf(tx::equals);
        notifyAll();
    }

    private boolean waitsFor(MemoryTx waiter, MemoryTx tx) {
        @Nullable MemoryTx next = waiter;
        for (int i = 0; i <= waiting.size() && next != null; i++) {
            if (next.equals(tx)) {
                return true;
            }
            Name lock = waiting.get(next);
            next = lock == null ? null : owners.get(lock);
        }
        return false;
    }
}
