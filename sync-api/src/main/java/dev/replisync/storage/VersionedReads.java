package dev.replisync.storage;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** What a storage offers to the strategies that pull by version. Safe for use by several threads. */
public interface VersionedReads {

    /**
     * A short text that differs whenever entities are serialised differently or other entities are synced, so that
     * clients are sent everything anew after a deploy that changes it (rule R43).
     *
     * @return the view version, the same on each node of one release
     */
    String viewVersion();

    /** {@return whether some entities have read rules, so that two users may see different ones (rule R55)} */
    boolean perUser();

    /**
     * Says why the strategies that pull by version cannot be used, before the first request.
     *
     * @return one sentence each with what to do; empty if they can
     */
    default List<String> problems() {
        return List.of();
    }

    /**
     * Opens one consistent snapshot of the datastore (rule R6). Writes nothing, but for a last-seen mark of the group at
     * most once a day (rule R14).
     *
     * @param request what is asked for
     * @return the snapshot, to be closed by the caller
     */
    Snapshot open(Request request);

    /**
     * What a pull asks for.
     *
     * @param userID who asks
     * @param spaceID the space
     * @param clientGroupID the client group
     * @param since the version that the client holds, empty for none; a storage that reads ahead reads from there
     */
    record Request(String userID, String spaceID, String clientGroupID, OptionalLong since) {}

    /** One consistent snapshot. Used by one thread. */
    interface Snapshot extends AutoCloseable {

        /** {@return the bookkeeping, the same each time} */
        State state();

        /**
         * Reads the entities that changed after the version asked for: those that exist and that the user may see as
         * puts, the others as dels, where the user may have held them; each key at most once (rule R13). To be called
         * once, and only if {@link Request#since()} is there.
         *
         * @param sink takes them, in any order
         */
        void changes(PatchSink sink);

        /**
         * Reads all entities that exist and that the user may see, as puts (rule R12). To be called once, and only if
         * {@link Request#since()} is empty.
         *
         * @param sink takes them, in any order
         */
        void everything(PatchSink sink);

        /** Ends the snapshot. Throws nothing. */
        @Override
        void close();
    }

    /**
     * The bookkeeping as a snapshot sees it.
     *
     * @param epoch names this history of the datastore: another one after a restore (rule R36)
     * @param ancestors the epochs before this one, with the version of the space up to which this history is also
     *     theirs: the one that the space had when that epoch was left, 0 if it did not exist. Needed only if {@link
     *     Request#since()} is empty; may be empty otherwise
     * @param exists whether the space exists; if not, it is empty and at version 0
     * @param version the space's current version
     * @param floor tombstones up to this version may be gone, so that a client that holds an earlier one must start
     *     again (rule R51)
     * @param secret key for what a cookie must not show; the same on all nodes
     * @param group the owner on record of the asking group; empty if the group is unknown
     * @param clients the group's clients that changed after the version asked for; all of them if none was asked for
     */
    record State(
            String epoch,
            Map<String, Long> ancestors,
            boolean exists,
            long version,
            long floor,
            String secret,
            Optional<OpenPush.Group> group,
            Map<String, ClientVersion> clients) {
        /** Copies the maps. */
        public State {
            ancestors = Map.copyOf(ancestors);
            clients = Map.copyOf(clients);
        }
    }

    /**
     * A client and when it was changed.
     *
     * @param lastMutationID the id of its last processed mutation
     * @param version the space's version that this id was committed with
     */
    record ClientVersion(long lastMutationID, long version) {}
}
