package dev.replisync.storage;

import java.util.Map;
import java.util.Optional;

/**
 * Client view records that a storage keeps as rows beside the data and compares with the view where both are, so that
 * only differences leave the datastore. Safe for use by several threads.
 */
public interface KeptViews {

    /**
     * Pulls: reads the view, compares it with the record that the client holds and keeps what the client will hold, all
     * as of one moment and, as far as the storage can, in one call. The same guarantees as {@link ViewReads#open}; writes
     * nothing if there is nothing to tell to a client group on record.
     *
     * @param request what is asked for
     * @return what was found, to be closed by the caller
     */
    Pull open(Request request);

    /**
     * What a pull asks for.
     *
     * @param userID who asks
     * @param spaceID the space
     * @param clientGroupID the client group
     * @param profileID the browser profile, by which a view may be windowed; untrusted
     * @param held what the client says it holds; empty for nothing
     */
    record Request(String userID, String spaceID, String clientGroupID, String profileID, Optional<Position> held) {}

    /**
     * A record: a position in the history of one view.
     *
     * @param view the id of the history. It belongs to one user, space, profile and view version and to one epoch: to
     *     anybody else it is as good as lost (rule R44)
     * @param number counts in that history, and is at least 1; above all that the asking client group was told before,
     *     in whichever history, so that its tabs agree on which of them holds the later view (rule R40)
     */
    record Position(String view, long number) {}

    /** What a pull found. Used by one thread. */
    interface Pull extends AutoCloseable {

        /** {@return the bookkeeping, the same each time} */
        State state();

        /**
         * Tells the differences. To be called once, and only if the group is the asking user's.
         *
         * @param sink takes them, in any order, each key at most once: puts only, of the whole view, unless {@link
         *     State#continued()}
         */
        void changes(PatchSink sink);

        /** Gives the connection back. Throws nothing. */
        @Override
        void close();
    }

    /**
     * The bookkeeping as a pull sees it.
     *
     * @param epoch names this history of the datastore: another one after a restore (rule R36)
     * @param group the owner on record of the asking group; if it is not the asking user and space, nothing was read or
     *     kept and all that follows is meaningless
     * @param continued whether the position that the client holds is still on record, so that the differences are told
     * @param position what the client will hold; equal to what it holds exactly if there is nothing to tell
     * @param clients the last mutation id of each client of the group
     * @param told those that went with the position that the client holds; empty if that position is not on record, not
     *     even as one of another epoch, or was another client group's
     */
    record State(
            String epoch,
            OpenPush.Group group,
            boolean continued,
            Position position,
            Map<String, Long> clients,
            Optional<Map<String, Long>> told) {
        /** Copies the maps. */
        public State {
            clients = Map.copyOf(clients);
            told = told.map(Map::copyOf);
        }
    }
}
