package dev.replisync.jdbi;

import java.sql.SQLException;

/** A statement of the SDK failed. */
final class StorageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final boolean own;

    private StorageException(String what, Throwable cause, boolean own) {
        super(what, cause);
        this.own = own;
    }

    StorageException(String what, Throwable cause) {
        this(what, cause, true);
    }

    StorageException(String what) {
        super(what);
        this.own = true;
    }

    /** A statement of the SDK failed on a table of the application, whose constraints may have refused it. */
    static StorageException onApplicationTable(SQLException e) {
        return new StorageException("a row could not be stamped", e, false);
    }

    /** Whether only the SDK's own tables were concerned, as far as is known. */
    boolean own() {
        return own;
    }
}
