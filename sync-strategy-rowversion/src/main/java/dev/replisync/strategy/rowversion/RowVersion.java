package dev.replisync.strategy.rowversion;

import dev.replisync.strategy.DiffStrategy;
import dev.replisync.strategy.DiffStrategyProvider;
import dev.replisync.strategy.StrategyContext;
import java.util.List;

/** The row version strategy, id {@code "row-version"}. Immutable. */
public final class RowVersion implements DiffStrategyProvider {
    /** The id of this strategy. */
    public static final String ID = "row-version";

    /** The strategy with its defaults. */
    public RowVersion() {}

    @Override
    public String id() {
        return ID;
    }

    @Override
    public List<String> problems(StrategyContext context) {
        return List.of("strategy '" + ID + "' is not built yet");
    }

    @Override
    public DiffStrategy create(StrategyContext context) {
        throw new IllegalStateException("problems() says why not");
    }
}
