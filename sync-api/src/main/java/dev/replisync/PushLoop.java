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
import org.jspecify.annotations.Nullable;
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

    PushLoop(Settings<T> settings, Caller caller, PushRequest push) {
        this.settings = settings;
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
            Attempt attempt = attempt();
            Throwable thrown = attempt.thrown;
            if (thrown == null) {
                return attempt.more;
            }
            if (attempt.needsSpace) {
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
            if (attempt.failure == Failure.PERMANENT
                    || (attempt.failure == Failure.POISONED && number >= ATTEMPTS_WHEN_POISONED)) {
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
    private void cutBefore(Attempt attempt) {
        int before = attempt.chunk.indexOf(attempt.running);
        if (before > 0) {
            sizes.clear();
            sizes.add(before);
        }
    }

    /** The culprit is booked as failed, together with those that ran before it; if it is not known, each is on its own. */
    private void enterErrorMode(Attempt attempt, Throwable thrown) {
        Mutation culprit = attempt.culprit();
        sizes.clear();
        // What the culprit asked for must not be locked, or created, for the others.
        spaces.forget();
        if (culprit != null) {
            failed.put(culprit, thrown);
            sizes.add(attempt.chunk.indexOf(culprit) + 1);
        } else {
            sizes.addAll(Collections.nCopies(attempt.chunk.size(), 1));
        }
    }

    /** After the last attempt. Returns whether something else is worth trying. */
    private boolean giveUp(Attempt attempt, Throwable thrown) {
        Mutation culprit = attempt.culprit();
        boolean hopeless = Thread.currentThread().isInterrupted() || attempt.chunk.isEmpty();
        if (!hopeless && attempt.chunk.size() > 1) {
            // Those before the culprit ran well: they are saved first, so that each push gets further.
            sizes.clear();
            int before = culprit == null ? 0 : attempt.chunk.indexOf(culprit);
            if (before > 0) {
                sizes.add(before);
            }
            sizes.addAll(Collections.nCopies(culprit == null ? attempt.chunk.size() : 1, 1));
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

    private Attempt attempt() {
        Attempt attempt = new Attempt();
        Set<String> clients = plan.clients();
        try (PushTx<T> tx = settings.storage().open(opening(clients))) {
            verify(tx.state());
            plan.look(clients, tx.state().clients());
            settle();
            attempt.chunk = nextKnown(sizes.isEmpty() ? settings.batch() : sizes.getFirst());
            if (attempt.chunk.isEmpty()) {
                return attempt;
            }
            WriteScope scope = new WriteScope(
                    settings,
                    tx,
                    caller.space(),
                    spaces,
                    space -> settings.spaceAccess().test(caller.userID(), space));
            if (runs(tx, scope, attempt) && commits(tx, scope, attempt)) {
                attempt.committed = scope;
            }
            attempt.needsSpace = scope.needsSpace();
        } catch (RequestException e) {
            throw e;
        } catch (RuntimeException | Error e) {
            // The SDK's own doing: never booked on a mutation.
            attempt.failed(e, Failure.TRANSIENT);
        }
        // The connection is given back before effects may wait for one.
        if (attempt.committed != null) {
            sizes.poll();
            attempt.chunk.forEach(plan::processed);
            done(attempt.chunk);
            channels.addAll(attempt.committed.channels());
            spaces.forget();
            attempt.committed.runEffects();
            attempt.more = !plan.next(1).isEmpty();
        }
        return attempt;
    }

    private OpenPush opening(Set<String> clients) {
        return settings.opening(
                Optional.of(new OpenPush.Group(push.clientGroupID(), caller.userID(), spaces.own())),
                clients,
                spaces,
                !settings.versionLast());
    }

    /** The user owns the group, the group belongs to the space, the clients belong to the group (R45 to R47). */
    private void verify(PushTx.State state) {
        boolean owned = state.group()
                .filter(g -> g.userID().equals(caller.userID()) && g.spaceID().equals(spaces.own()))
                .isPresent();
        if (!owned) {
            throw RequestException.forbidden("this client group belongs to another user or space");
        }
        if (state.unknownSpaces().contains(spaces.own())) {
            throw RequestException.unknownSpace(caller.space());
        }
        for (PushTx.Client client : state.clients().values()) {
            if (!client.groupID().equals(push.clientGroupID())) {
                throw RequestException.forbidden("a client of this push belongs to another client group");
            }
        }
    }

    /** Now that the datastore can be read again: had the commit happened whose answer was lost? */
    private void settle() {
        done(unsure.stream().filter(plan::isProcessed).toList());
        unsure = List.of();
    }

    /** Runs the chunk's mutators; a chunk that takes too long is cut behind the last one that ran. */
    private boolean runs(PushTx<T> tx, WriteScope scope, Attempt attempt) {
        for (int i = 0; i < attempt.chunk.size(); i++) {
            if (i > 0 && outOfTime()) {
                attempt.chunk = attempt.chunk.subList(0, i);
                return true;
            }
            Mutation mutation = attempt.chunk.get(i);
            if (!failed.containsKey(mutation) && !runs(tx, scope, mutation, attempt)) {
                return false;
            }
        }
        return true;
    }

    private boolean runs(PushTx<T> tx, WriteScope scope, Mutation mutation, Attempt attempt) {
        attempt.running = mutation;
        try {
            settings.mutators()
                    .find(mutation.name())
                    .orElseThrow()
                    .run(tx.handle(), mutation.args(), new MutationScope(scope, caller, push, mutation));
            scope.rethrowSdkFailure();
        } catch (Throwable e) {
            attempt.failed(e, Faults.ofApplication(settings.storage(), scope, e));
            return false;
        }
        attempt.running = null;
        return true;
    }

    private boolean commits(PushTx<T> tx, WriteScope scope, Attempt attempt) {
        Map<String, Long> ids = new HashMap<>();
        attempt.chunk.forEach(m -> ids.put(m.clientID(), m.id()));
        try {
            tx.commit(new PushTx.Closing(ids, scope.spacesToMove()));
            return true;
        } catch (Throwable e) {
            Failure failure = Faults.ofCommit(settings.storage(), e);
            if (failure == Failure.UNKNOWN) {
                unsure = attempt.chunk;
                channels.addAll(scope.channels());
            }
            boolean nobodyToBlame = attempt.chunk.stream().allMatch(failed::containsKey);
            boolean blames = failure == Failure.PERMANENT || failure == Failure.POISONED;
            attempt.failed(e, nobodyToBlame && blames ? Failure.TRANSIENT : failure);
            return false;
        }
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

    /** One try at one transaction. */
    private static final class Attempt {
        private List<Mutation> chunk = List.of();
        private @Nullable Mutation running;
        private @Nullable WriteScope committed;
        private boolean more;
        private boolean needsSpace;
        private @Nullable Throwable thrown;
        private Failure failure = Failure.TRANSIENT;

        void failed(Throwable thrown, Failure failure) {
            this.thrown = thrown;
            this.failure = failure;
        }

        /**
         * Whose fault it is: the one that was running, or the only one; null if that is not known. A transaction that
         * is found unusable was made so by any of those that ran before.
         */
        @Nullable
        Mutation culprit() {
            if (failure == Failure.POISONED && chunk.size() > 1) {
                return null;
            }
            return running == null && chunk.size() == 1 ? chunk.get(0) : running;
        }
    }
}
