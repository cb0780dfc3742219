/** The global version strategy. */
module dev.replisync.strategy.global {
    requires transitive dev.replisync.api;
    requires static org.jspecify;

    exports dev.replisync.strategy.global;

    provides dev.replisync.strategy.DiffStrategyProvider with
            dev.replisync.strategy.global.GlobalVersion;
}
