package dev.replisync.strategy;

import dev.replisync.protocol.Json;
import java.util.Map;

/**
 * The answer to a pull.
 *
 * @param cookie the new cookie; equal to the one received exactly if there is nothing to tell (rules R7, R14)
 * @param lastMutationIDChanges the last mutation id of each client of the group that changed
 * @param patch the changes
 */
public record PullResult(Json cookie, Map<String, Long> lastMutationIDChanges, PatchBuffer patch) {

    /** Copies the map. */
    public PullResult {
        lastMutationIDChanges = Map.copyOf(lastMutationIDChanges);
    }

    /**
     * The answer to a client that holds everything already.
     *
     * @param cookie the cookie received
     * @return an empty answer
     */
    public static PullResult unchanged(Json cookie) {
        return new PullResult(cookie, Map.of(), new PatchBuffer());
    }
}
