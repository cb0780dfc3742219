package dev.replisync.error;

/**
 * Thrown by a mutator to say that this one mutation must not happen: a rule of the application forbids it. The mutation
 * is marked as processed, its writes are rolled back and the client takes back what it showed; later mutations go on.
 *
 * <p>Every other exception of a mutator means the same, unless the storage recognises a passing fault in it; this one
 * says that it was foreseen, so that it is logged without a stack trace.
 */
public class RejectedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates the exception.
     *
     * @param reason for the log and the observer; never sent to the client
     */
    public RejectedException(String reason) {
        super(reason, null, false, false);
    }

    /**
     * Creates the exception for something that was caught. If the storage recognises a passing fault in the cause, such
     * as a deadlock, the mutation is tried again all the same.
     *
     * @param reason for the log and the observer; never sent to the client
     * @param cause what was caught
     */
    public RejectedException(String reason, Throwable cause) {
        super(reason, cause, false, false);
    }
}
