package dev.replisync;

import dev.replisync.error.RejectedException;
import dev.replisync.error.RetryLaterException;
import dev.replisync.storage.Storage;
import dev.replisync.storage.Storage.Failure;
import dev.replisync.storage.Storage.Where;

/** Says what a failure means: by place first, then by what the storage recognises in it (rule R24). */
final class Faults {
    private static final int DEEPEST_CHAIN = 50;

    private Faults() {}

    /** The failure of application code that ran in a scope. */
    static Failure ofApplication(Storage<?> storage, WriteScope scope, Throwable thrown) {
        // Whoever is interrupted fails in ways that nobody foresees, and says nothing about the mutation.
        if (scope.sdkFailed() || Thread.currentThread().isInterrupted() || has(thrown, RetryLaterException.class)) {
            return Failure.TRANSIENT;
        }
        if ((thrown instanceof RejectedException && thrown.getCause() == null)
                || thrown instanceof StackOverflowError) {
            return Failure.PERMANENT;
        }
        if (thrown instanceof Error) {
            return Failure.TRANSIENT;
        }
        if (has(thrown, InterruptedException.class)) {
            Thread.currentThread().interrupt();
            return Failure.TRANSIENT;
        }
        return storage.classify(thrown, Where.MUTATOR);
    }

    /** The failure of a closing flush. */
    static Failure ofCommit(Storage<?> storage, Throwable thrown) {
        boolean unclear = thrown instanceof Error || Thread.currentThread().isInterrupted();
        return unclear ? Failure.UNKNOWN : storage.classify(thrown, Where.COMMIT);
    }

    private static boolean has(Throwable thrown, Class<? extends Throwable> type) {
        Throwable t = thrown;
        for (int i = 0; t != null && i < DEEPEST_CHAIN; i++, t = t.getCause()) {
            if (type.isInstance(t)) {
                return true;
            }
        }
        return false;
    }
}
