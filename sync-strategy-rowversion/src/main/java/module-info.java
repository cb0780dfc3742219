/** The row version strategy. */
module dev.replisync.strategy.rowversion {
    requires transitive dev.replisync.api;
    requires org.slf4j;
    requires static org.jspecify;

    exports dev.replisync.strategy.rowversion;

    provides dev.replisync.strategy.DiffStrategyProvider with
            dev.replisync.strategy.rowversion.RowVersion;
}
