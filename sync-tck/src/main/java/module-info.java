/** The compliance kit: rules, contract tests and an in-memory store. */
module dev.replisync.tck {
    requires transitive dev.replisync.api;
    requires transitive org.assertj.core;
    requires transitive org.junit.jupiter.api;
    requires static org.jspecify;

    exports dev.replisync.tck;

    // The contracts and their methods are not public: only JUnit calls them.
    opens dev.replisync.tck to
            org.junit.platform.commons;
}
