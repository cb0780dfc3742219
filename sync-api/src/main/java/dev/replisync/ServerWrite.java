package dev.replisync;

import dev.replisync.error.RequestException;
import dev.replisync.storage.OpenPush;
import dev.replisync.storage.PushTx;
import dev.replisync.storage.Storage.Failure;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes of the server: through the same gate as a push, without a client. */
final class ServerWrite<T> {
    private static final Logger LOG = LoggerFactory.getLogger(ServerWrite.class);

    private final Settings<T> settings;
    private final String space;
    private final Spaces spaces;
    private final Consumer<Set<String>> poke;

    ServerWrite(Settings<T> settings, String space, Consumer<Set<String>> poke) {
        this.settings = settings;
        this.space = space;
        this.spaces = settings.spaces(space);
        this.poke = poke;
    }

    /** Runs the work in a transaction of the SDK, as often as it takes. */
    <X extends Exception> void run(Work<T, X> work) throws X {
        WriteScope scope = null;
        for (int attempt = 1; scope == null; attempt++) {
            int known = spaces.known().size();
            scope = attempt(work, attempt);
            if (spaces.known().size() > known) {
                attempt--;
            }
        }
        finish(scope);
    }

    /** One try; null if it was rolled back and is worth another. Nothing after the commit is inside. */
    private <X extends Exception> @Nullable WriteScope attempt(Work<T, X> work, int attempt) throws X {
        WriteScope scope = null;
        boolean committing = false;
        try (PushTx<T> tx = settings.storage().open(opening(!settings.versionLast()))) {
            scope = scope(tx);
            work.run(tx.handle(), scope);
            scope.rethrowSdkFailure();
            committing = true;
            tx.commit(closing(scope));
            return scope;
        } catch (Exception | Error e) {
            if (scope != null && scope.needsSpace()) {
                return null;
            }
            if (scope == null && e instanceof RequestException) {
                throw e;
            }
            Failure failure = failure(scope, committing, e);
            if (failure == Failure.UNKNOWN && scope != null) {
                poke.accept(scope.channels());
            }
            boolean again = failure == Failure.TRANSIENT && attempt < Backoff.ATTEMPTS;
            if (!again || !settings.backoff().await(attempt)) {
                throw e;
            }
            LOG.debug("attempt {} of a write failed and is tried again", attempt, e);
            return null;
        }
    }

    /** Runs the work in the application's transaction: version first, no commit, no second try. */
    <X extends Exception> Runnable within(T handle, Set<String> others, Work<T, X> work) throws X {
        others.forEach(other -> spaces.expect(settings.kept(other)));
        spaces.fix();
        try (PushTx<T> tx = settings.storage().join(handle, opening(true))) {
            WriteScope scope = scope(tx);
            work.run(tx.handle(), scope);
            scope.rethrowSdkFailure();
            tx.commit(closing(scope));
            return () -> finish(scope);
        }
    }

    private void finish(WriteScope scope) {
        scope.runEffects();
        poke.accept(scope.channels());
    }

    private WriteScope scope(PushTx<T> tx) {
        if (tx.state().unknownSpaces().contains(spaces.own())) {
            throw RequestException.unknownSpace(spaces.own());
        }
        return new WriteScope(settings, tx, space, spaces, other -> true);
    }

    private Failure failure(@Nullable WriteScope scope, boolean committing, Throwable thrown) {
        if (scope == null) {
            return Failure.TRANSIENT;
        }
        return committing
                ? Faults.ofCommit(settings.storage(), thrown)
                : Faults.ofApplication(settings.storage(), scope, thrown);
    }

    private OpenPush opening(boolean lockVersions) {
        return settings.opening(List.of(), Set.of(), spaces, lockVersions);
    }

    private static PushTx.Closing closing(WriteScope scope) {
        return new PushTx.Closing(Map.of(), scope.spacesToMove());
    }
}
