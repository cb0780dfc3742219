package dev.replisync.strategy.reset;

import dev.replisync.protocol.Caller;
import dev.replisync.protocol.PullRequest;
import dev.replisync.strategy.DiffStrategy;
import dev.replisync.strategy.DiffStrategyProvider;
import dev.replisync.strategy.PullResult;
import dev.replisync.strategy.StrategyContext;
import dev.replisync.strategy.VersionDiff;
import java.util.List;

/**
 * The reset strategy, id {@code "reset"}: a pull sends {@code clear} and everything, unless nothing was written to the
 * space since. There is no diff that could be wrong, so it is what other strategies are compared with in tests, and good
 * for a few dozen entities; all else is too slow with it. Keeps spaces as the per-space strategy does. Immutable.
 */
public final class Reset implements DiffStrategyProvider {
    /** The id of this strategy. */
    public static final String ID = "reset";

    /** The strategy. */
    public Reset() {}

    @Override
    public String id() {
        return ID;
    }

    @Override
    public List<String> problems(StrategyContext context) {
        return context.versioned().isPresent()
                ? List.of()
                : List.of("strategy '" + ID + "' needs a storage that reads by version, but " + context.storageName()
                        + " does not; choose another strategy or storage");
    }

    @Override
    public DiffStrategy create(StrategyContext context) {
        return new Strategy(new VersionDiff(ID, context.versioned().orElseThrow(), context.createsSpaces(), false));
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
            return diff.reset(caller, space(caller.space()), request);
        }
    }
}
