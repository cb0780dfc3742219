package dev.replisync.tck;

/** The transaction is unusable because of an error before, as a PostgreSQL transaction is after an SQL error. */
final class MemoryPoison extends RuntimeException {
    private static final long serialVersionUID = 1L;

    MemoryPoison(String message) {
        super(message);
    }
}
