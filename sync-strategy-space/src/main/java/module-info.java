/** The space version strategy. */
module dev.replisync.strategy.space {
    requires transitive dev.replisync.api;
    requires static org.jspecify;

    exports dev.replisync.strategy.space;

    provides dev.replisync.strategy.DiffStrategyProvider with
            dev.replisync.strategy.space.SpaceVersion;
}
