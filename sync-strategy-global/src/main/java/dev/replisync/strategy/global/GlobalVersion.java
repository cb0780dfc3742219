package dev.replisync.strategy.global;

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
 * The global version strategy, id {@code "global"}: one version for the whole datastore, moved by each push; a pull sends
 * what was stamped with a later version than its cookie. The simplest strategy and the cheapest pull, for applications
 * with modest write rates whose users see mostly the same data.
 *
 * <p>The space that a caller asks for makes no difference: there is one version, and everybody in it. Immutable.
 */
public final class GlobalVersion implements DiffStrategyProvider {
    /** The id of this strategy. */
    public static final String ID = "global";

    /** The one space that everything is kept in; every storage has it. */
    private static final String ONLY_SPACE = "global";

    private final boolean replicas;

    /** The strategy with its defaults. */
    public GlobalVersion() {
        this(false);
    }

    private GlobalVersion(boolean replicas) {
        this.replicas = replicas;
    }

    /**
     * For applications that pull from read replicas, which may lag behind what a client has seen already: such a pull
     * finds nothing new. Without this a datastore behind the cookie is taken for a restored one, and the client starts
     * again (rule R52).
     *
     * @return the strategy with this option
     */
    public GlobalVersion pullingFromReplicas() {
        return new GlobalVersion(true);
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
        return new Strategy(new VersionDiff(ID, reads, true, replicas));
    }

    private record Strategy(VersionDiff diff) implements DiffStrategy {

        @Override
        public String space(String requested) {
            return ONLY_SPACE;
        }

        @Override
        public boolean movesVersions() {
            return true;
        }

        @Override
        public boolean ownsSpaces() {
            return true;
        }

        @Override
        public PullResult pull(Caller caller, PullRequest request) {
            return diff.pull(caller, ONLY_SPACE, request);
        }
    }
}
