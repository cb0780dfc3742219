package dev.replisync.tck;

/** A transaction of the store in memory lost against another one: a deadlock, or a lock that did not come in time. */
final class MemoryConflict extends RuntimeException {
    private static final long serialVersionUID = 1L;

    MemoryConflict(String message) {
        super(message);
    }
}
