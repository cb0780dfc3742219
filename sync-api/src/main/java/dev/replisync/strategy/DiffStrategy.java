package dev.replisync.strategy;

import dev.replisync.error.RequestException;
import dev.replisync.protocol.Caller;
import dev.replisync.protocol.PullRequest;

/** How a pull finds what changed. Safe for use by several threads. */
public interface DiffStrategy {

    /**
     * The space in which client groups and versions are kept for a space that is asked for: the same for most
     * strategies, one reserved space for a strategy that knows only one.
     *
     * @param requested the space asked for
     * @return the space kept
     */
    String space(String requested);

    /** {@return whether each committed mutation moves the versions of the spaces it touches} */
    boolean movesVersions();

    /**
     * Answers a pull.
     *
     * @param caller who asks
     * @param request the request; its cookie may be anything
     * @return what the client has not got yet
     * @throws RequestException with status 403 if the client group is another user's or of another space (rule R45)
     */
    PullResult pull(Caller caller, PullRequest request);
}
