package dev.replisync.storage;

import java.util.Map;
import java.util.Set;
import java.util.SortedSet;

/**
 * An open transaction of pushes or of a write of the server. Used by one thread at a time: the one that opened it commits
 * and closes it, and others may use it in between, one after the other, each seeing what the one before did.
 *
 * @param <T> the handle that mutators work with
 */
public interface PushTx<T> extends AutoCloseable {

    /** {@return what was read when the transaction opened, after the locks; the same each time} */
    State state();

    /**
     * Whether a space that the transaction was opened with exists by now: when it opened, or because a mutator created
     * it in this transaction.
     *
     * @param spaceID the space
     * @return false if it does not exist and is not to be created
     */
    default boolean exists(String spaceID) {
        return !state().unknownSpaces().contains(spaceID);
    }

    /** {@return the handle for mutators, inside this transaction} */
    T handle();

    /**
     * Notes that an entity was written or deleted, or that its readers changed, so that the commit stamps it with the
     * space's new version, if that moves, and gives it a new row version, if it has one. Calling it more than once for one key has no further effect, but that {@code lostBy} adds up.
     *
     * @param spaceID the space of which clients must hear of it; one of those the transaction was opened with, unless no
     *     versions move at all
     * @param key the entity's key
     * @param lostBy users that could see the entity before and may not see it any more: only they, and those that could
     *     see it when it was deleted, are sent a {@code del} where the entity has read rules (rule R55)
     */
    void touch(String spaceID, String key, Set<String> lostBy);

    /**
     * Whether a user may see an entity, as this transaction sees the data.
     *
     * @param userID the user
     * @param spaceID the space
     * @param key the entity's key
     * @return false also if it does not exist
     */
    boolean visible(String userID, String spaceID, String key);

    /**
     * Waits for an exclusive lock that is held to the end of the transaction. Later statements see what its former
     * holder committed.
     *
     * @param spaceID the space the name belongs to
     * @param name any name
     */
    void lock(String spaceID, String name);

    /**
     * Writes everything and commits, unconditionally: each guard was a lock taken when the transaction opened. Only a
     * client that was not on record is inserted, never overwritten: if another group took its id meanwhile, the commit
     * fails as {@link Storage.Failure#TRANSIENT} (rule R46). A version
     * of a space is moved by one and is held locked to the commit, so that versions become visible in commit order (rule
     * R5).
     *
     * @param closing what to write
     */
    void commit(Closing closing);

    /** Rolls back what is not committed and gives the connection back. Throws nothing. */
    @Override
    void close();

    /**
     * What was read when the transaction opened.
     *
     * @param groups the pushing groups as they are on record, by id, and those given that are new
     * @param clients of the clients asked for those on record, by id
     * @param versions current versions of the spaces, where they were locked; else empty
     * @param unknownSpaces which of the spaces do not exist; empty if they were to be created
     */
    record State(
            Map<String, OpenPush.Group> groups,
            Map<String, Client> clients,
            Map<String, Long> versions,
            Set<String> unknownSpaces) {
        /** Copies the maps. */
        public State {
            groups = Map.copyOf(groups);
            clients = Map.copyOf(clients);
            versions = Map.copyOf(versions);
            unknownSpaces = Set.copyOf(unknownSpaces);
        }
    }

    /**
     * A client on record.
     *
     * @param groupID the group it belongs to
     * @param lastMutationID the id of its last processed mutation
     */
    record Client(String groupID, long lastMutationID) {}

    /**
     * What a commit writes beside the mutators' own writes and the touched entities.
     *
     * @param clients clients as they are to be on record, by id, stamped with the version of their group's space
     * @param spaces the spaces whose versions move by one; all spaces touched are among them
     */
    record Closing(Map<String, Client> clients, SortedSet<String> spaces) {
        /** Copies the map. */
        public Closing {
            clients = Map.copyOf(clients);
        }
    }
}
