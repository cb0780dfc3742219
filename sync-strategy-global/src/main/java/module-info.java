/** The diff strategy with one version for the whole database. */
module dev.replisync.strategy.global {
    requires transitive dev.replisync.api;
    requires static org.jspecify;
}
