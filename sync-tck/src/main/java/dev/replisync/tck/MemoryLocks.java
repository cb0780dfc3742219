package dev.replisync.tck;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Exclusive locks by name, held to the end of a transaction. Who would wait in a circle is refused at once. */
final class MemoryLocks {
    private final Duration patience;
    private final Map<Name, MemoryTx> owners = new HashMap<>();
    private final Map<MemoryTx, Name> waiting = new HashMap<>();

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

    synchronized void take(MemoryTx tx, Name lock) {
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
