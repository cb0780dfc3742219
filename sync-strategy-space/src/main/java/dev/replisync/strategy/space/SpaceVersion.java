package dev.replisync.strategy.space;

import dev.replisync.protocol.Caller;
import dev.replisync.protocol.PullRequest;
import dev.replisync.storage.VersionedReads;
import dev.replisync.strategy.DiffStrategy;
import dev.replisync.strategy.DiffStrategyProvider;
import dev.replisync.strategy.PullResult;
import dev.replisync.strategy.StrategyContext;
import dev.replisync.strategy.VersionDiff;
import java.util.List;

/**
 * The per-space version strategy, id {@code "space"}: one version for each space, moved by each push to it; a pull sends
 * what was stamped with a later version than its cookie, of the space asked for. For applications whose data falls into
 * parts that seldom meet, such as the organizations of a service: pushes to different spaces do not wait for each other.
 *
 * <p>A client group belongs to the space in which it first pushed. A space that does not exist is an error, unless {@link
 * dev.replisync.SyncServerBuilder#createSpaces} says otherwise. Immutable.
 */
public final class SpaceVersion implements DiffStrategyProvider {
    /** The id of this strategy. */
    public static final String ID = "space";

    private final boolean replicas;

    /** The strategy with its defaults. */
    public SpaceVersion() {
        this(false);
    }

    private SpaceVersion(boolean replicas) {
        this.replicas = replicas;
    }

    /**
     * For applications that pull from read replicas, which may lag behind what a client has seen already: such a pull
     * finds nothing new. Without this a datastore behind the cookie is taken for a restored one, and the client starts
     * again (rule R52).
     *
     * @return the strategy with this option
     */
    public SpaceVersion pullingFromReplicas() {
        return new SpaceVersion(true);
    }

    @Override
    public String id() {
        return ID;
    }

    @Override
    public List<String> problems(StrategyContext context) {
        return context.versioned()
                .map(VersionedReads::problems)
                .orElse(List.of("strategy '" + ID + "' needs a storage that reads by version, but "
                        + context.storageName() + " does not; choose another strategy or storage"));
    }

    @Override
    public DiffStrategy create(StrategyContext context) {
        VersionedReads reads = context.versioned().orElseThrow();
        return new Strategy(new VersionDiff(ID, reads, context.createsSpaces(), replicas));
    }

    private record Strategy(VersionDiff diff) implements DiffStrategy {

        @Override
        public String space(String requested) {
            return VersionDiff.ordinarySpace(requested);
        }

        @Override
        public boolean movesVersions() {
            return true;
        }

        @Override
        public PullResult pull(Caller caller, PullRequest request) {
            return diff.pull(caller, space(caller.space()), request);
        }
    }
}
