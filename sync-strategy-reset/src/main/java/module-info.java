/** The reset strategy. */
module dev.replisync.strategy.reset {
    requires transitive dev.replisync.api;
    requires static org.jspecify;

    exports dev.replisync.strategy.reset;

    provides dev.replisync.strategy.DiffStrategyProvider with
            dev.replisync.strategy.reset.Reset;
}
