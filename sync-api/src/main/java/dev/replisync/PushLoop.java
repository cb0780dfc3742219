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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The push of the documents, once for all strategies: read the client group and the client, verify them, skip what was
 * processed, stop at what is from the future, run the mutator, write versions and ids, commit; and again in error mode if
 * the mutator failed.
 *
 * <p>One object serves one push. A chunk of mutations shares a transaction; when one of them fails the chunk is done
 * again one by one, so that only the failing one is lost (rule R23).
 */
final class PushLoop<T> {
    private static final Logger LOG = LoggerFactory.getLogger(PushLoop.class);
    private static final int ATTEMPTS_WHEN_POISONED = 3;

    private final Settings<T> settings;
    private final Caller caller;
    private final PushRequest push;
    private final PushPlan plan;
    private final long started;

    /** Mutations known to fail, with the reason: the next time they are only marked as processed (error mode). */
    private final Map<Mutation, Throwable> failed = new HashMap<>();

    /** How many mutations are still to be done one by one after a chunk failed. */
    private int singly;

    private int processed;
    private boolean committed;
    private boolean delayed;
    private List<Mutation> unsure = List.of();

    PushLoop(Settings<T> settings, Caller caller, PushRequest push) {
        this.settings = settings;
        this.caller = caller;
        this.push = push;
        this.plan = new PushPlan(push.mutations());
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
        boolean more = !push.mutations().isEmpty();
        while (more && !(processed > 0 && outOfTime())) {
            more = step();
        }
        if (more || delayed || plan.gap()) {
            return Outcome.INCOMPLETE;
        }
        return plan.lost() ? Outcome.STATE_GONE : Outcome.DONE;
    }

    /** Whether something was committed, so that others must be poked: also if only the answer to the commit was lost. */
    boolean mustPoke() {
        return committed || !unsure.isEmpty();
    }

    int processed() {
        return processed;
    }

    /** Processes the next chunk in one transaction, trying as often as it takes. Returns whether more is left. */
    private boolean step() {
        for (int number = 1; ; number++) {
            Attempt attempt = attempt(singly > 0 ? 1 : settings.batch());
            Throwable thrown = attempt.thrown;
            if (thrown == null) {
                return attempt.more;
            }
            if (attempt.failure == Failure.PERMANENT
                    || (attempt.failure == Failure.POISONED && number >= ATTEMPTS_WHEN_POISONED)) {
                enterErrorMode(attempt.chunk, thrown);
                return true;
            }
            LOG.debug("attempt {} failed", number, thrown);
            if (number == Backoff.ATTEMPTS || outOfTime() || !settings.backoff().await(number)) {
                return giveUp(attempt, thrown);
            }
            int failedAttempt = number;
            observe(() -> settings.observer().retried(failedAttempt, thrown));
        }
    }

    private void enterErrorMode(List<Mutation> chunk, Throwable thrown) {
        if (chunk.size() > 1) {
            singly = chunk.size();
        } else {
            failed.put(chunk.get(0), thrown);
        }
    }

    /** After the last attempt. Returns whether something else is worth trying. */
    private boolean giveUp(Attempt attempt, Throwable thrown) {
        boolean inTime = !outOfTime() && !Thread.currentThread().isInterrupted();
        if (inTime && attempt.chunk.size() > 1) {
            singly = attempt.chunk.size();
            return true;
        }
        delayed = true;
        LOG.warn(
                "push of client group {} is left unfinished for the client to send again",
                push.clientGroupID(),
                thrown);
        Mutation culprit = attempt.culprit;
        if (culprit == null) {
            return false;
        }
        observe(() -> settings.observer().mutationDelayed(caller, push.clientGroupID(), culprit, thrown));
        plan.stop(culprit.clientID());
        return inTime;
    }

    private Attempt attempt(int count) {
        Attempt attempt = new Attempt();
        try (PushTx<T> tx = settings.storage().open(opening())) {
            verify(tx.state());
            look(tx.state());
            attempt.chunk = plan.next(count);
            if (attempt.chunk.isEmpty()) {
                return attempt;
            }
            WriteScope scope = new WriteScope(
                    tx, caller.space(), keptSpace(), settings.limits().keyLength());
            for (Mutation mutation : attempt.chunk) {
                if (!failed.containsKey(mutation) && !runs(tx, scope, mutation, attempt)) {
                    return attempt;
                }
            }
            if (commits(tx, attempt)) {
                done(attempt.chunk);
                Effects.run(scope.effects());
                attempt.more = !plan.next(1).isEmpty();
            }
        } catch (RequestException e) {
            throw e;
        } catch (RuntimeException | Error e) {
            // The SDK's own doing: never booked on a mutation.
            attempt.failed(null, e, Failure.TRANSIENT);
        }
        return attempt;
    }

    private OpenPush opening() {
        boolean moves = settings.strategy().movesVersions();
        return new OpenPush(
                Optional.of(new OpenPush.Group(push.clientGroupID(), caller.userID(), keptSpace())),
                plan.clients(),
                spacesToMove(),
                moves && !settings.versionLast());
    }

    /** The user owns the group, the group belongs to the space, the clients belong to the group (R45 to R47). */
    private void verify(PushTx.State state) {
        boolean owned = state.group()
                .filter(g -> g.userID().equals(caller.userID()) && g.spaceID().equals(keptSpace()))
                .isPresent();
        if (!owned) {
            throw RequestException.forbidden("this client group belongs to another user or space");
        }
        for (PushTx.Client client : state.clients().values()) {
            if (!client.groupID().equals(push.clientGroupID())) {
                throw RequestException.forbidden("a client of this push belongs to another client group");
            }
        }
    }

    private void look(PushTx.State state) {
        plan.processed(state.clients());
        if (unsure.stream().anyMatch(plan::isProcessed)) {
            // The commit whose answer was lost had happened.
            done(unsure);
        }
        unsure = List.of();
    }

    private boolean runs(PushTx<T> tx, WriteScope scope, Mutation mutation, Attempt attempt) {
        try {
            run(tx, scope, mutation);
            if (scope.sdkFailure() == null) {
                return true;
            }
            attempt.failed(mutation, scope.sdkFailure(), Failure.TRANSIENT);
        } catch (Exception | Error e) {
            attempt.failed(mutation, e, Faults.ofApplication(settings.storage(), scope, e));
        }
        return false;
    }

    private void run(PushTx<T> tx, WriteScope scope, Mutation mutation) throws Exception {
        Optional<Mutators.Entry<T, ?>> mutator = settings.mutators().find(mutation.name());
        if (mutator.isEmpty()) {
            String reason = "no mutator is named '" + Limits.shortened(mutation.name()) + "'";
            throw settings.unknownMutatorsLater() ? new RetryLaterException(reason) : new RejectedException(reason);
        }
        settings.limits().check(mutation.args());
        mutator.get().run(tx.handle(), mutation.args(), new MutationScope(scope, caller, push, mutation));
    }

    private boolean commits(PushTx<T> tx, Attempt attempt) {
        Map<String, Long> ids = new HashMap<>();
        attempt.chunk.forEach(m -> ids.put(m.clientID(), m.id()));
        try {
            tx.commit(new PushTx.Closing(ids, spacesToMove()));
            return true;
        } catch (RuntimeException | Error e) {
            Failure failure = Faults.ofCommit(settings.storage(), e);
            boolean nothingToBlame = attempt.chunk.stream().allMatch(failed::containsKey);
            boolean mayBlame = failure == Failure.PERMANENT || failure == Failure.POISONED;
            attempt.failed(attempt.chunk.get(0), e, nothingToBlame && mayBlame ? Failure.TRANSIENT : failure);
            if (failure == Failure.UNKNOWN) {
                unsure = attempt.chunk;
            }
            return false;
        }
    }

    private void done(List<Mutation> chunk) {
        committed = true;
        processed += chunk.size();
        singly = Math.max(0, singly - chunk.size());
        for (Mutation mutation : chunk) {
            plan.processed(mutation);
            Throwable cause = failed.remove(mutation);
            if (cause != null) {
                report(mutation, cause);
            }
        }
    }

    private void report(Mutation mutation, Throwable cause) {
        String name = Limits.shortened(mutation.name());
        if (cause instanceof RejectedException) {
            LOG.info(
                    "mutation {} {} of client {} rejected: {}",
                    name,
                    mutation.id(),
                    mutation.clientID(),
                    cause.getMessage());
        } else {
            LOG.warn(
                    "mutation {} {} of client {} failed and is marked processed",
                    name,
                    mutation.id(),
                    mutation.clientID(),
                    cause);
        }
        observe(() -> settings.observer().mutationFailed(caller, push.clientGroupID(), mutation, cause));
    }

    private static void observe(Runnable call) {
        try {
            call.run();
        } catch (RuntimeException e) {
            LOG.warn("an observer failed", e);
        }
    }

    private boolean outOfTime() {
        return settings.backoff().now() - started > settings.timeLimit().toNanos();
    }

    private SortedSet<String> spacesToMove() {
        return settings.strategy().movesVersions() ? new TreeSet<>(Set.of(keptSpace())) : new TreeSet<>();
    }

    private String keptSpace() {
        return settings.strategy().space(caller.space());
    }

    /** One try at one transaction. */
    private static final class Attempt {
        private List<Mutation> chunk = List.of();
        private boolean more;
        private @Nullable Mutation culprit;
        private @Nullable Throwable thrown;
        private Failure failure = Failure.TRANSIENT;

        void failed(@Nullable Mutation culprit, Throwable thrown, Failure failure) {
            this.culprit = culprit;
            this.thrown = thrown;
            this.failure = failure;
        }
    }
}
