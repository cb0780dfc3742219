package dev.replisync.example.mvstore;

import java.util.HashMap;
import java.util.Map;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.MVStoreException;

/**
 * Locks by name, each held to the end of a transaction. MVStore has row locks too, but loses one now and then: a row that
 * is locked while its former holder is committing is free again after a rollback (seen in H2 2.3.232 and 2.5.252; its SQL
 * did not show it). Safe for use by several threads.
 */
final class Locks {
    private static final long TIMEOUT_NANOS = 5_000_000_000L;

    private final Map<String, MvHandle> holders = new HashMap<>();
    private final Map<MvHandle, String> waiting = new HashMap<>();

    /** Waits until nobody else holds the lock. Throws what the storage calls transient if that would take for ever. */
    synchronized void take(MvHandle who, String name) {
        long until = System.nanoTime() + TIMEOUT_NANOS;
        waiting.put(who, name);
        try {
            for (MvHandle holder; (holder = holders.putIfAbsent(name, who)) != null && holder != who; ) {
                if (waitsFor(holder, who)) {
                    throw failure(DataUtils.ERROR_TRANSACTIONS_DEADLOCK, "a deadlock at ", name);
                }
                long millis = (until - System.nanoTime()) / 1_000_000;
                if (millis <= 0) {
                    throw failure(DataUtils.ERROR_TRANSACTION_LOCKED, "another transaction holds ", name);
                }
                wait(millis);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failure(DataUtils.ERROR_TRANSACTION_LOCKED, "interrupted while waiting for ", name);
        } finally {
            waiting.remove(who);
        }
    }

    /** Lets go of all that a transaction holds; after its commit is visible. */
    synchronized void release(MvHandle who) {
        holders.values().removeIf(holder -> holder == who);
        notifyAll();
    }

    private boolean waitsFor(MvHandle one, MvHandle other) {
        MvHandle next = one;
        while (next != null && next != other) {
            next = holders.get(waiting.get(next));
        }
        return next == other;
    }

    private static MVStoreException failure(int code, String what, String name) {
        return DataUtils.newMVStoreException(code, "{0}", what + name);
    }
}
