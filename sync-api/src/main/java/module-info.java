/** Turns any Java backend into a Replicache server. */
module dev.replisync.api {
    requires transitive com.fasterxml.jackson.databind;
    requires org.slf4j;
    requires static org.jspecify;

    exports dev.replisync;
    exports dev.replisync.error;
    exports dev.replisync.protocol;
    exports dev.replisync.storage;
    exports dev.replisync.strategy;

    uses dev.replisync.strategy.DiffStrategyProvider;
}
