package dev.replisync.error;

/**
 * A request that is answered with an HTTP status instead of being carried out. An application throws it from its
 * authentication; the SDK throws it for bodies it cannot read and for client groups of somebody else.
 *
 * <p>The message is sent to the client, so it must not tell anything of other users.
 */
public final class RequestException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final String message;

    private RequestException(int status, String message) {
        super(message, null, false, false);
        this.status = status;
        this.message = message;
    }

    /**
     * The body cannot be read as the protocol demands: status 400. The client tries again for ever, so this is for
     * bodies that no Replicache client sends.
     *
     * @param message what was expected and what was found
     * @return the exception to throw
     */
    public static RequestException malformed(String message) {
        return new RequestException(400, message);
    }

    /**
     * Credentials are missing or not valid: status 401. The client calls its {@code getAuth} and tries again at once,
     * so this is not for a valid user who may not do something.
     *
     * @param message what is missing
     * @return the exception to throw
     */
    public static RequestException unauthorized(String message) {
        return new RequestException(401, message);
    }

    /**
     * The user is known and may not do this: status 403. The client backs off.
     *
     * @param message what is forbidden
     * @return the exception to throw
     */
    public static RequestException forbidden(String message) {
        return new RequestException(403, message);
    }

    /**
     * The space asked for does not exist: status 404. The client backs off and goes on once there is one.
     *
     * @param space the space
     * @return the exception to throw
     */
    public static RequestException unknownSpace(String space) {
        return new RequestException(404, "space '" + space + "' does not exist");
    }

    /**
     * The body exceeds the configured limit: status 413.
     *
     * @param message the limit
     * @return the exception to throw
     */
    public static RequestException tooLarge(String message) {
        return new RequestException(413, message);
    }

    /** {@return what the client is told} */
    @Override
    public String getMessage() {
        return message;
    }

    /** {@return the HTTP status of the answer} */
    public int status() {
        return status;
    }
}
