package dev.replisync.storage;

import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What a transaction locks and reads when it opens.
 *
 * @param groups the client groups that push; empty for a write of the server, and more than one where pushes share a
 *     transaction; each id once, sorted by it, because they are locked in this order
 * @param clientIDs the clients of which the pushes hold mutations
 * @param spaces the spaces whose versions the transaction may move; sorted, because locks are taken in this order (rule
 *     R27)
 * @param lockVersions true to lock the spaces' rows when the transaction opens (<em>version first</em>), false to leave
 *     them to the closing flush (<em>version last</em>)
 * @param createSpaces whether spaces that do not exist are created; else the transaction says which those are
 */
public record OpenPush(
        List<Group> groups,
        Set<String> clientIDs,
        SortedSet<String> spaces,
        boolean lockVersions,
        boolean createSpaces) {

    /** Copies the collections, and sorts them. */
    public OpenPush {
        groups = groups.stream().sorted(Comparator.comparing(Group::id)).toList();
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
