package dev.replisync.error;

/**
 * Thrown by a mutator to say that the mutation cannot be decided now: something it depends on is away for the moment.
 * The mutation is rolled back, tried again, and after the last try answered with status 503, so that the client keeps
 * it and sends it again. It is never booked as a failed mutation (rule R24).
 */
public class RetryLaterException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates the exception.
     *
     * @param reason for the log and the observer; never sent to the client
     */
    public RetryLaterException(String reason) {
        super(reason);
    }

    /**
     * Creates the exception.
     *
     * @param reason for the log and the observer; never sent to the client
     * @param cause what is away
     */
    public RetryLaterException(String reason, Throwable cause) {
        super(reason, cause);
    }
}
