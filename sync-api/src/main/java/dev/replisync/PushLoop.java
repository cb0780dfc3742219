package dev.replisync;

import dev.replisync.error.RejectedException;
import dev.replisync.error.RequestException;
import dev.replisync.error.RetryLaterException;
import dev.replisync.protocol.Caller;
import dev.replisync.protocol.Mutation;
import dev.replisync.protocol.PushRequest;
import dev.replisync.storage.OpenPush;
import dev.replisync.storage.PushTx;
import dev.replisync.storage.Storage.Failure;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The push of the documents, once for all strategies: read the client group and the client, verify them, skip what was
 * processed, stop at what is from the future, run the mutator, write versions and ids, commit; and again in error mode if
 * the mutator failed.
 *
 * <p>One object serves one push. A chunk of mutations shares a transaction. When one of them fails, the ones before it
 * are done again without it, so that only the failing one is lost (rule R23).
 */
final class PushLoop<T> {
    private static final Logger LOG = LoggerFactory.getLogger(PushLoop.class);
    private static final int ATTEMPTS_WHEN_POISONED = 3;

    /** How many more spaces a chunk may ask for before the mutations that need none are committed by themselves. */
    private static final int MOST_RERUNS = 8;

    private final Settings<T> settings;
    private final Turns<T> turns;
    private final Caller caller;
    private final PushRequest push;
    private final PushPlan plan;
    private final PushJournal journal;
    private final long started;

    /** Mutations known to fail, with the reason: they are only marked as processed (error mode). */
    private final Map<Mutation, Throwable> failed = new HashMap<>();

    /** How many mutations the next chunks hold after one has failed; the setting applies when it is empty. */
    private final Deque<Integer> sizes = new ArrayDeque<>();

    /** What the last commit held if its answer was lost. */
    private List<Mutation> unsure = List.of();

    private int processed;
    private final Spaces spaces;

    /** What to poke: the channels of all that was committed, or may have been. */
    private final Set<String> channels = new TreeSet<>();

    private boolean abandoned;

    PushLoop(Settings<T> settings, Turns<T> turns, Caller caller, PushRequest push) {
        this.settings = settings;
        this.turns = turns;
        this.caller = caller;
        this.push = push;
        this.plan = new PushPlan(push.mutations());
        this.journal = new PushJournal(settings.observer(), caller, push);
        this.spaces = settings.spaces(caller.space());
        this.started = settings.backoff().now();
    }

    /** What became of a push. */
    enum Outcome {
        DONE,
        /** Something is left that the client must send again. */
        INCOMPLETE,
        /** A client waits for an id that this server will never see. */
        STATE_GONE
    }

    /** Marks a mutation as failing, whatever its mutator would say. */
    PushLoop<T> skipping(Mutation mutation, Throwable reason) {
        failed.put(mutation, reason);
        return this;
    }

    /** Runs the push; throws RequestException with 403 if the group or a client is somebody else's. */
    Outcome run() {
        push.mutations().stream().filter(m -> !failed.containsKey(m)).forEach(this::decideWithoutRunning);
        boolean more = true;
        while (more && !(processed > 0 && outOfTime())) {
            more = step();
        }
        if (abandoned || plan.isIncomplete()) {
            return Outcome.INCOMPLETE;
        }
        return plan.isStateGone() ? Outcome.STATE_GONE : Outcome.DONE;
    }

    /** The channels to poke; empty if nothing was committed, as far as is known. */
    Set<String> channels() {
        return channels;
    }

    int processed() {
        return processed;
    }

    /** What no run of a mutator could change is known before a transaction is opened. */
    private void decideWithoutRunning(Mutation mutation) {
        Optional<String> tooMuch = settings.limits().problem(mutation.args());
        if (tooMuch.isPresent()) {
            failed.put(mutation, new RejectedException(tooMuch.get()));
        } else if (isUnknown(mutation) && !settings.unknownMutatorsLater()) {
            failed.put(mutation, new RejectedException(unknown(mutation)));
        }
    }

    /** The next mutations, up to the first that waits for a server that knows its mutator (rule R29). */
    private List<Mutation> nextKnown(int count) {
        List<Mutation> chunk = plan.next(count);
        for (int i = 0; i < chunk.size(); i++) {
            Mutation mutation = chunk.get(i);
            if (isUnknown(mutation) && !failed.containsKey(mutation)) {
                if (i > 0) {
                    return chunk.subList(0, i);
                }
                plan.stopAt(mutation);
                journal.delayed(mutation, new RetryLaterException(unknown(mutation)));
                return nextKnown(count);
            }
        }
        return chunk;
    }

    private boolean isUnknown(Mutation mutation) {
        return settings.mutators().find(mutation.name()).isEmpty();
    }

    private static String unknown(Mutation mutation) {
        return "no mutator is named '" + Limits.forLog(mutation.name()) + "'";
    }

    /** Processes the next chunk in one transaction, trying as often as it takes. Returns whether more can be done. */
    private boolean step() {
        int reruns = 0;
        for (int number = 1; ; number++) {
            Attempt<T> attempt = attempt(number == 1 && reruns == 0);
            Throwable thrown = attempt.thrown();
            if (thrown == null) {
                return attempt.isCommitted() && !plan.next(1).isEmpty();
            }
            if (attempt.needsSpace()) {
                if (processed > 0 && outOfTime()) {
                    return true;
                }
                if (++reruns > MOST_RERUNS) {
                    cutBefore(attempt);
                }
                number--;
                continue;
            }
            LOG.debug("attempt {} of a push failed", number, thrown);
            if (attempt.failure() == Failure.PERMANENT
                    || (attempt.failure() == Failure.POISONED && number >= ATTEMPTS_WHEN_POISONED)) {
                enterErrorMode(attempt, thrown);
                return true;
            }
            if (number == Backoff.ATTEMPTS || outOfTime() || !settings.backoff().await(number)) {
                return giveUp(attempt, thrown);
            }
            int failedAttempt = number;
            Quietly.run("observer", () -> settings.observer().retried(caller, failedAttempt, thrown));
        }
    }

    /** Commits the mutations that ran well next, without the one that asked for another space. */
    private void cutBefore(Attempt<T> attempt) {
        if (attempt.ranWell() > 0) {
            sizes.clear();
            sizes.add(attempt.ranWell());
        }
    }

    /** The culprit is booked as failed, together with those that ran before it; if it is not known, each is on its own. */
    private void enterErrorMode(Attempt<T> attempt, Throwable thrown) {
        Mutation culprit = attempt.culprit();
        sizes.clear();
        // What the culprit asked for must not be locked, or created, for the others.
        spaces.forget();
        if (culprit != null) {
            failed.put(culprit, thrown);
            sizes.add(attempt.chunk().indexOf(culprit) + 1);
        } else {
            sizes.addAll(Collections.nCopies(attempt.chunk().size(), 1));
        }
    }

    /** After the last attempt. Returns whether something else is worth trying. */
    private boolean giveUp(Attempt<T> attempt, Throwable thrown) {
        Mutation culprit = attempt.culprit();
        boolean hopeless =
                Thread.currentThread().isInterrupted() || attempt.chunk().isEmpty();
        if (!hopeless && attempt.chunk().size() > 1) {
            // Those before the culprit ran well: they are saved first, so that each push gets further.
            sizes.clear();
            int before = culprit == null ? 0 : attempt.chunk().indexOf(culprit);
            if (before > 0) {
                sizes.add(before);
            }
            sizes.addAll(Collections.nCopies(culprit == null ? attempt.chunk().size() : 1, 1));
            return true;
        }
        journal.unfinished(thrown);
        if (hopeless || culprit == null) {
            abandoned = true;
            return false;
        }
        sizes.clear();
        plan.stopAt(culprit);
        journal.delayed(culprit, thrown);
        return !plan.next(1).isEmpty();
    }

    private Attempt<T> attempt(boolean first) {
        Attempt<T> attempt = first && mayShare() ? inTurn() : alone();
        // The connection is given back before effects may wait for one.
        if (attempt.isCommitted()) {
            sizes.poll();
            attempt.chunk().forEach(plan::processed);
            done(attempt.chunk());
            channels.addAll(attempt.channels());
            spaces.forget();
            attempt.runEffects();
        } else if (attempt.mayBeCommitted()) {
            unsure = attempt.chunk();
            channels.addAll(attempt.channels());
        }
        return attempt;
    }

    /** Whether the next mutations may share a transaction with those of other pushes. */
    private boolean mayShare() {
        return settings.sharesTurns()
                && failed.isEmpty()
                && sizes.isEmpty()
                && !plan.clients().isEmpty()
                && size() < settings.batch();
    }

    /** Waits for the turn of this push and takes others along, or is taken along. */
    private Attempt<T> inTurn() {
        Seat<T> seat = new Seat<>(this, plan.clients(), settings.backoff());
        String space = spaces.own();
        Seat.End end = turns.take(space, seat)
                ? Seat.End.LEADS
                : seat.await(settings.timeLimit(), () -> turns.leave(space, seat));
        if (end == Seat.End.LEADS) {
            List<Seat<T>> unserved = List.of();
            try {
                List<Seat<T>> together = turns.along(space, seat, settings.batch());
                if (together.size() == 1) {
                    return alone();
                }
                unserved = new SharedTurn<>(settings, space, together).run();
            } finally {
                turns.pass(space, unserved);
            }
        }
        return seat.isDone() ? seat.attempt() : alone();
    }

    /** A transaction for this push alone. */
    private Attempt<T> alone() {
        Attempt<T> attempt = newAttempt();
        Set<String> clients = plan.clients();
        OpenPush opening = settings.opening(List.of(attempt.group()), clients, spaces, !settings.versionLast());
        try (PushTx<T> tx = settings.storage().open(opening)) {
            if (plans(attempt, tx.state(), clients) && attempt.runs(tx)) {
                commit(tx, attempt);
            }
        } catch (RequestException e) {
            throw e;
        } catch (Throwable e) {
            // The SDK's own doing: never booked on a mutation. Stores in other languages throw what is not declared,
            // too.
            attempt.failed(e, Failure.TRANSIENT);
        }
        return attempt;
    }

    private void commit(PushTx<T> tx, Attempt<T> attempt) {
        try {
            tx.commit(new PushTx.Closing(attempt.clients(), new TreeSet<>(attempt.spacesToMove())));
            attempt.committed();
        } catch (Throwable e) {
            attempt.commitFailed(e);
        }
    }

    Attempt<T> newAttempt() {
        return new Attempt<>(settings, caller, push, spaces, failed, this::outOfTime);
    }

    int size() {
        return push.mutations().size();
    }

    /** Plans an attempt by what is on record. Returns whether there is something to run. */
    boolean plans(Attempt<T> attempt, PushTx.State state, Set<String> clients) {
        attempt.verify(state, clients);
        plan.look(clients, state.clients());
        settle();
        attempt.plan(nextKnown(sizes.isEmpty() ? settings.batch() : sizes.getFirst()));
        return !attempt.chunk().isEmpty();
    }

    /** Now that the datastore can be read again: had the commit happened whose answer was lost? */
    private void settle() {
        done(unsure.stream().filter(plan::isProcessed).toList());
        unsure = List.of();
    }

    private void done(List<Mutation> chunk) {
        processed += chunk.size();
        for (Mutation mutation : chunk) {
            Throwable cause = failed.get(mutation);
            if (cause != null) {
                journal.failed(mutation, cause);
            }
        }
    }

    private boolean outOfTime() {
        return settings.backoff().now() - started > settings.timeLimit().toNanos();
    }
}
