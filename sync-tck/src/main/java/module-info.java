/** The compliance kit: rules, contract tests and an in-memory store. */
module dev.replisync.tck {
    requires transitive dev.replisync.api;
    requires transitive org.assertj.core;
    requires transitive org.junit.jupiter.api;
    requires static org.jspecify;
}
