package dev.replisync;

import dev.replisync.storage.OpenPush;
import dev.replisync.storage.PushTx;
import dev.replisync.storage.Storage.Failure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pushes of several client groups to one space in one transaction: one lock, their mutators one after the other, one
 * commit. Each is answered after the commit as if it had been alone. It is all or nothing: one that fails is put out and
 * must see for itself, because what it failed on may have been rolled back; the others are run again without it.
 */
final class SharedTurn<T> {
    private static final Logger LOG = LoggerFactory.getLogger(SharedTurn.class);

    /** How often the others are run again before each must see for itself. */
    private static final int MOST_RERUNS = 2;

    /** After this time no further push is begun: those that ran wait for the commit. */
    private static final Duration LONG = Duration.ofMillis(50);

    private final Settings<T> settings;
    private final String space;
    private List<Seat<T>> together;
    private List<Seat<T>> unserved = List.of();

    SharedTurn(Settings<T> settings, String space, List<Seat<T>> together) {
        this.settings = settings;
        this.space = space;
        this.together = together;
    }

    /** Serves them, but for those that are returned. */
    List<Seat<T>> run() {
        try {
            for (int rerun = 0; rerun <= MOST_RERUNS && together.size() > 1; rerun++) {
                attempt();
            }
        } finally {
            together.forEach(seat -> seat.end(Seat.End.ALONE));
        }
        return unserved;
    }

    private void attempt() {
        boolean over = false;
        try (PushTx<T> tx = settings.storage().open(opening())) {
            List<Seat<T>> idle =
                    together.stream().filter(seat -> !seat.plans(tx.state())).toList();
            if (!idle.isEmpty()) {
                // Nothing of theirs must be stored, not even a new client group.
                putOut(idle);
            } else if (run(tx)) {
                commit(tx);
                over = true;
            }
        } catch (Throwable e) {
            LOG.debug("a transaction that pushes share failed", e);
            if (!over) {
                together.forEach(seat -> seat.attempt().failed(e, Failure.TRANSIENT));
                over = true;
            }
        }
        // The connection is given back before anybody goes on.
        if (over) {
            together.forEach(seat -> seat.end(Seat.End.DONE));
            together = List.of();
        }
    }

    /** All pushes lock their groups in one order, whoever leads them. */
    private OpenPush opening() {
        Set<String> clients = new TreeSet<>();
        together.forEach(seat -> clients.addAll(seat.clients()));
        return settings.opening(together.stream().map(Seat::group).toList(), clients, new Spaces(space, true), true);
    }

    /** Runs the mutators of one push after those of the other. */
    private boolean run(PushTx<T> tx) {
        long began = settings.backoff().now();
        for (int i = 0; i < together.size(); i++) {
            Seat<T> seat = together.get(i);
            if (i > 0 && settings.backoff().now() - began > LONG.toNanos()) {
                unserved = together.subList(i, together.size());
                together = together.subList(0, i);
                return true;
            }
            if (!seat.runs(tx)) {
                putOut(List.of(seat));
                return false;
            }
        }
        return true;
    }

    /** Commits, for those that have part in it to the end: if it is refused, each must see for itself why. */
    private void commit(PushTx<T> tx) {
        Map<String, PushTx.Client> clients = new HashMap<>();
        TreeSet<String> spaces = new TreeSet<>();
        for (Seat<T> seat : together) {
            clients.putAll(seat.attempt().clients());
            spaces.addAll(seat.attempt().spacesToMove());
        }
        try {
            tx.commit(new PushTx.Closing(clients, spaces));
            together.forEach(seat -> seat.attempt().committed());
        } catch (Throwable e) {
            LOG.debug("a transaction that pushes share was not committed", e);
            together.forEach(seat -> seat.attempt().commitFailed(e));
            if (together.stream().noneMatch(seat -> seat.attempt().mayBeCommitted())) {
                putOut(together);
            }
        }
    }

    private void putOut(List<Seat<T>> leaving) {
        List<Seat<T>> left = new ArrayList<>(together);
        left.removeAll(leaving);
        leaving.forEach(seat -> seat.end(Seat.End.ALONE));
        together = left;
    }
}
