package dev.replisync.storage;

import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a storage offers to a strategy that pulls by client view records: a client's view as keys and versions, and how
 * it differs from the one sent before. Safe for use by several threads.
 */
public interface ViewReads {

    /**
     * A short text that differs whenever entities are serialised differently or other entities are synced, so that
     * clients are sent everything anew after a deploy that changes it (rule R43).
     *
     * @return the view version, the same on each node of one release
     */
    String viewVersion();

    /**
     * Opens a pull. In this order:
     *
     * <ol>
     *   <li>create the client group's row if absent, with the asking user and space as its owner;
     *   <li>wait for other pulls of the group that have read and may still count;
     *   <li>only then, in a later statement, read the bookkeeping and the view, as of one moment (rules R26, R40).
     * </ol>
     *
     * <p>Of two pulls of a group that count, the one with the higher counter has read after the other had counted. A
     * storage holds a lock to the end of each pull, or lets {@link Pull#commit} fail. It may count at once, in this very
     * call, where the view differs from the record and the group is the asking user's and space's, so that {@link
     * Pull#commit} has nothing left to do.
     *
     * <p>Writes nothing else for a group on record, but for a last-seen mark at most once a day (rule R14).
     *
     * @param request what is asked for
     * @return the pull, to be closed by the caller
     */
    Pull open(Request request);

    /**
     * Records kept by the storage itself, as rows that it compares with the view where both are.
     *
     * @return empty if the storage keeps none, so that the strategy hands it each record in {@link Request#since()}
     */
    default Optional<KeptViews> kept() {
        return Optional.empty();
    }

    /**
     * A place for records beside the data, which a strategy takes if it was given no other.
     *
     * @return empty if the storage has none
     */
    default Optional<RecordStore> records() {
        return Optional.empty();
    }

    /**
     * What a pull asks for.
     *
     * @param userID who asks
     * @param spaceID the space
     * @param clientGroupID the client group
     * @param profileID the browser profile, by which a view may be windowed; untrusted
     * @param since what the client holds; empty for nothing
     * @param proof the proof that went with that record; null for none. Where it equals {@link State#proof()} there are
     *     no changes, and the storage need not look for any
     */
    record Request(
            String userID,
            String spaceID,
            String clientGroupID,
            String profileID,
            Optional<ViewRecord> since,
            @Nullable String proof) {}

    /** One view, as of one moment. Used by one thread. */
    interface Pull extends AutoCloseable {

        /** {@return the bookkeeping, the same each time} */
        State state();

        /**
         * Tells how the view differs from what the client holds, each key at most once: what is not in the record, or
         * there with another version, as put (rule R41); what is only in the record as del. Everything if there is no
         * record. To be called once.
         *
         * @param sink takes the differences, in any order
         */
        void changes(ViewSink sink);

        /**
         * Counts the group's counter up to the given value and commits. Not called if there is nothing to tell. Fails as
         * {@link Storage.Failure#TRANSIENT} if another pull of the group has counted since this one read.
         *
         * @param counter {@link State#counter()} and one
         * @return the proof that goes with the view that was read, now that this pull has written; null if there is none
         */
        @Nullable
        String commit(long counter);

        /** Rolls back what is not committed and gives the connection back. Throws nothing. */
        @Override
        void close();
    }

    /**
     * The bookkeeping as a pull sees it.
     *
     * @param epoch names this history of the datastore: another one after a restore (rule R36)
     * @param secret key for what a cookie must not show; the same on all nodes
     * @param group the owner on record of the asking group
     * @param counter how many pulls of the group had something to tell so far
     * @param clients the last mutation id of each client of the group
     * @param proof goes with the view that was read, as long as nothing is committed. Equals a proof given out before
     *     only if user, space, profile, view version, epoch and all data are what they were then; null if that cannot
     *     be known
     */
    record State(
            String epoch,
            String secret,
            OpenPush.Group group,
            long counter,
            Map<String, Long> clients,
            @Nullable String proof) {
        /** Copies the map. */
        public State {
            clients = Map.copyOf(clients);
        }
    }

    /** Takes the differences between a view and a record. Used by one thread. */
    interface ViewSink {

        /**
         * An entity is new or has another version.
         *
         * @param key its key
         * @param version its version: any text, compared for equality only
         * @param json its value as one well-formed JSON value in UTF-8; not kept, so the array may be used again
         */
        void put(String key, String version, byte[] json);

        /**
         * An entity is not in the view any more.
         *
         * @param key its key
         */
        void del(String key);
    }
}
