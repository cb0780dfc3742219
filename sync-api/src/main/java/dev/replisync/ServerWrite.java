package dev.replisync;

import dev.replisync.storage.OpenPush;
import dev.replisync.storage.PushTx;
import dev.replisync.storage.Storage.Failure;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Writes of the server: through the same gate as a push, without a client. */
final class ServerWrite<T> {
    private final Settings<T> settings;
    private final String space;

    ServerWrite(Settings<T> settings, String space) {
        this.settings = settings;
        this.space = space;
    }

    /** Runs the work in a transaction of the SDK, as often as it takes. */
    <X extends Exception> void run(Work<T, X> work) throws X {
        for (int attempt = 1; ; attempt++) {
            WriteScope scope = null;
            try (PushTx<T> tx = settings.storage().open(opening(!settings.versionLast()))) {
                scope = scope(tx);
                work.run(tx.handle(), scope);
                tx.commit(closing());
                Effects.run(scope.effects());
                return;
            } catch (Exception | Error e) {
                boolean again = attempt < Backoff.ATTEMPTS && failure(scope, e) == Failure.TRANSIENT;
                if (!again || !settings.backoff().await(attempt)) {
                    throw e;
                }
                int failed = attempt;
                settings.observer().retried(failed, e);
            }
        }
    }

    /** Runs the work in the application's transaction: version first, no commit, no second try. */
    <X extends Exception> Runnable within(T handle, Work<T, X> work) throws X {
        try (PushTx<T> tx = settings.storage().join(handle, opening(true))) {
            WriteScope scope = scope(tx);
            work.run(tx.handle(), scope);
            tx.commit(closing());
            return () -> Effects.run(scope.effects());
        }
    }

    private WriteScope scope(PushTx<T> tx) {
        return new WriteScope(tx, space, keptSpace(), settings.limits().keyLength());
    }

    private Failure failure(WriteScope scope, Throwable thrown) {
        return scope == null ? Failure.TRANSIENT : Faults.ofApplication(settings.storage(), scope, thrown);
    }

    private OpenPush opening(boolean lockVersions) {
        return new OpenPush(
                Optional.empty(), Set.of(), spaces(), lockVersions && settings.strategy().movesVersions());
    }

    private PushTx.Closing closing() {
        return new PushTx.Closing(Map.of(), spaces());
    }

    private TreeSet<String> spaces() {
        return settings.strategy().movesVersions() ? new TreeSet<>(Set.of(keptSpace())) : new TreeSet<>();
    }

    private String keptSpace() {
        return settings.strategy().space(space);
    }
}
