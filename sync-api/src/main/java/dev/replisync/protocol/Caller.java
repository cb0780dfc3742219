package dev.replisync.protocol;

import java.util.Objects;

/**
 * Who asks, and for which space: what the application's authentication found out about a request. Everything in it is
 * trusted by the SDK, nothing else of a request is.
 *
 * @param userID the authenticated user; a client group belongs to the user that created it (rule R45)
 * @param space the space asked for; strategies without spaces ignore it, {@code "default"} where an application has
 *     only one
 * @param requestID the value of {@code X-Replicache-RequestID}, for logs only; may be empty
 */
public record Caller(String userID, String space, String requestID) {

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if {@code userID} or {@code space} is null, empty, longer than 512 bytes of UTF-8,
     *     or holds a control character or a lone surrogate
     */
    public Caller {
        Identifiers.check("userID", userID);
        Identifiers.check("space", space);
        Objects.requireNonNull(requestID, "requestID");
    }

    /**
     * A caller in the space {@code "default"}.
     *
     * @param userID the authenticated user
     * @return the caller
     */
    public static Caller of(String userID) {
        return new Caller(userID, "default", "");
    }

    /**
     * A caller in a space.
     *
     * @param userID the authenticated user
     * @param space the space asked for
     * @return the caller
     */
    public static Caller of(String userID, String space) {
        return new Caller(userID, space, "");
    }
}
