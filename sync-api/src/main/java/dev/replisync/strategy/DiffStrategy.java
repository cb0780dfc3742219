package dev.replisync.strategy;

import dev.replisync.error.RequestException;
import dev.replisync.protocol.Caller;
import dev.replisync.protocol.PullRequest;
import java.util.Set;

/** How a pull finds what changed. Safe for use by several threads. */
public interface DiffStrategy {

    /**
     * The space in which client groups and versions are kept for a space that is asked for: the same for most
     * strategies, one reserved space for a strategy that knows only one.
     *
     * @param requested the space asked for
     * @return the space kept
     * @throws RequestException if no space can have this name
     */
    String space(String requested);

    /** {@return whether each committed mutation moves the versions of its own space and of the others it touches} */
    boolean movesVersions();

    /** {@return whether the spaces are the strategy's own, so that it is no error if one does not exist yet} */
    default boolean ownsSpaces() {
        return false;
    }

    /**
     * The channels of the pokes that concern a caller: the space, as kept, unless the strategy knows better. A commit
     * pokes the channels of the spaces that it touched and those that {@link dev.replisync.WriteContext#poke} named.
     *
     * @param caller who listens
     * @return the channels, at least one
     */
    default Set<String> channels(Caller caller) {
        return Set.of(space(caller.space()));
    }

    /**
     * The channel that each push of a caller pokes when it has committed something, whatever its mutators wrote: clients
     * learn only from a pull that their mutations are processed. Its callers listen to it beside {@link #channels}. The
     * space, as kept, unless the strategy has narrower channels.
     *
     * @param caller who pushes, or listens
     * @return the channel, the same for all clients of the user in the space
     */
    default String ownChannel(Caller caller) {
        return space(caller.space());
    }

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
