package dev.replisync.storage;

import java.util.Collections;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What a transaction locks and reads when it opens.
 *
 * @param group the client group that pushes; empty for a write of the server
 * @param clientIDs the clients of which the push holds mutations
 * @param spaces the spaces whose versions the transaction may move; sorted, because locks are taken in this order (rule
 *     R27)
 * @param lockVersions true to lock the spaces' rows when the transaction opens (<em>version first</em>), false to leave
 *     them to the closing flush (<em>version last</em>)
 * @param createSpaces whether spaces that do not exist are created; else the transaction says which those are
 */
public record OpenPush(
        Optional<Group> group,
        Set<String> clientIDs,
        SortedSet<String> spaces,
        boolean lockVersions,
        boolean createSpaces) {

    /** Copies the sets. */
    public OpenPush {
        clientIDs = Set.copyOf(clientIDs);
        spaces = Collections.unmodifiableSortedSet(new TreeSet<>(spaces));
    }

    /**
     * A client group and whose it is.
     *
     * @param id the group
     * @param userID the user that owns it
     * @param spaceID the space it belongs to
     */
    public record Group(String id, String userID, String spaceID) {}
}
