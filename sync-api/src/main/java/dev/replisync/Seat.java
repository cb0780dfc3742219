package dev.replisync;

import dev.replisync.error.RequestException;
import dev.replisync.storage.OpenPush;
import dev.replisync.storage.PushTx;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A push that waits for the turn of its space. It has a part in the turn of another push by doing, on its own thread, what
 * that one tells it to: mutators run where their request is, with all that the application keeps there.
 */
final class Seat<T> {
    private static final Logger LOG = LoggerFactory.getLogger(Seat.class);

    private final Thread owner = Thread.currentThread();
    private final PushLoop<T> push;
    private final Set<String> clients;
    private final Backoff time;
    private final BlockingQueue<Runnable> orders = new LinkedBlockingQueue<>();
    private Attempt<T> attempt;
    private @Nullable End end;

    /** How the waiting ended. */
    enum End {
        /** This push has the turn. */
        LEADS,
        /** The attempt is over; it tells how. */
        DONE,
        /** This push must see for itself. */
        ALONE
    }

    /** For the push of this thread. */
    Seat(PushLoop<T> push, Set<String> clients, Backoff time) {
        this.push = push;
        this.clients = clients;
        this.time = time;
        this.attempt = push.newAttempt();
    }

    String groupID() {
        return attempt.group().id();
    }

    OpenPush.Group group() {
        return attempt.group();
    }

    /** The clients of which it holds mutations. */
    Set<String> clients() {
        return clients;
    }

    int mutations() {
        return push.size();
    }

    Attempt<T> attempt() {
        return attempt;
    }

    /**
     * Waits, and does what it is told to.
     *
     * @param longest how long to wait for a turn to begin
     * @param leaves tries to leave; false if another push has taken this one into its turn, which must be waited for then
     */
    End await(Duration longest, BooleanSupplier leaves) {
        long deadline = time.now() + longest.toNanos();
        boolean interrupted = false;
        boolean taken = false;
        while (end == null) {
            try {
                Runnable order = time.take(orders, taken ? Long.MAX_VALUE : deadline - time.now());
                if (order != null) {
                    order.run();
                    continue;
                }
            } catch (InterruptedException e) {
                interrupted = true;
            }
            if (!taken && leaves.getAsBoolean()) {
                end = End.ALONE;
            }
            taken = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return end;
    }

    /** Ends the waiting. To be called by the push that has the turn, once for each that waits. */
    void end(End how) {
        if (owner.equals(Thread.currentThread())) {
            end = how;
        } else {
            orders.add(() -> end = how);
        }
    }

    boolean isDone() {
        return end == End.DONE;
    }

    /** Begins another attempt. Returns whether it has something to run. */
    boolean plans(PushTx.State state) {
        attempt = push.newAttempt();
        try {
            return push.plans(attempt, state, clients);
        } catch (RequestException e) {
            return false;
        }
    }

    /** Runs the mutators of this push, on its own thread; returns when they have run, and whether they ran well. */
    boolean runs(PushTx<T> tx) {
        Attempt<T> now = attempt;
        if (owner.equals(Thread.currentThread())) {
            return runs(now, tx);
        }
        BlockingQueue<Boolean> ran = new LinkedBlockingQueue<>();
        orders.add(() -> ran.add(runs(now, tx)));
        boolean interrupted = false;
        Boolean well = null;
        while (well == null) {
            try {
                well = time.take(ran, Long.MAX_VALUE);
            } catch (InterruptedException e) {
                // The transaction is in use: it cannot be left now.
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return well;
    }

    /** Whatever happens, whoever waits for it is told. */
    private static <T> boolean runs(Attempt<T> attempt, PushTx<T> tx) {
        try {
            return attempt.runs(tx);
        } catch (Throwable e) {
            LOG.debug("a push failed in a transaction that it shared; it is on its own now", e);
            return false;
        }
    }
}
