package dev.replisync;

import dev.replisync.error.RejectedException;
import dev.replisync.protocol.Caller;
import dev.replisync.protocol.Mutation;
import dev.replisync.protocol.PushRequest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a push tells its log and its observer. */
record PushJournal(SyncObserver observer, Caller caller, PushRequest push) {
    private static final Logger LOG = LoggerFactory.getLogger(PushJournal.class);

    /** A mutation failed for good and is marked as processed. */
    void failed(Mutation mutation, Throwable cause) {
        String name = Limits.forLog(mutation.name());
        if (cause instanceof RejectedException) {
            LOG.info(
                    "mutation {} {} of client {} rejected: {}",
                    name,
                    mutation.id(),
                    mutation.clientID(),
                    Limits.forLog(String.valueOf(cause.getMessage())));
        } else {
            LOG.warn(
                    "mutation {} {} of client {} failed and is marked processed",
                    name,
                    mutation.id(),
                    mutation.clientID(),
                    cause);
        }
        Quietly.run("observer", () -> observer.mutationFailed(caller, push.clientGroupID(), mutation, cause));
    }

    /** A mutation could not be decided. */
    void delayed(Mutation mutation, Throwable cause) {
        LOG.warn(
                "mutation {} {} of client {} in group {} cannot be decided now: {}",
                Limits.forLog(mutation.name()),
                mutation.id(),
                mutation.clientID(),
                push.clientGroupID(),
                Limits.forLog(String.valueOf(cause.getMessage())));
        Quietly.run("observer", () -> observer.mutationDelayed(caller, push.clientGroupID(), mutation, cause));
    }

    /** The push ends before its time. */
    void unfinished(Throwable cause) {
        LOG.warn(
                "push of client group {} (request {}) is left unfinished for the client to send again",
                push.clientGroupID(),
                Limits.forLog(caller.requestID()),
                cause);
    }
}
