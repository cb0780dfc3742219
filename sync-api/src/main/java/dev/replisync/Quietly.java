package dev.replisync;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Calls code of the application whose failure must not disturb an answer: what it was told about has happened. */
final class Quietly {
    private static final Logger LOG = LoggerFactory.getLogger(Quietly.class);

    private Quietly() {}

    @SuppressWarnings("CatchingUnchecked") // Other languages of the JVM throw checked exceptions undeclared.
    static void run(String what, Runnable call) {
        try {
            call.run();
        } catch (Throwable e) {
            LOG.error("{} failed; what it was told of stands", what, e);
        }
    }
}
