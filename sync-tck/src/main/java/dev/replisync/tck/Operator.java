package dev.replisync.tck;

import dev.replisync.storage.OpenPush;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * What an operator and the application around the SDK can do with a store. Every verb belongs to a {@link Feature}, and is
 * called only if the store has it.
 *
 * @param <T> the storage's handle
 */
public interface Operator<T> {

    /** {@return what the store has} */
    Set<Feature> features();

    /**
     * Makes a space known. Needed for {@link Feature#SPACES}; does nothing where a space begins to exist with its first
     * use.
     *
     * @param spaceID the space
     */
    default void createSpace(String spaceID) {
        throw new UnsupportedOperationException("createSpace");
    }

    /** Forgets all tombstones. Needed for {@link Feature#PURGE}. */
    default void purgeTombstones() {
        throw new UnsupportedOperationException("purgeTombstones");
    }

    /**
     * Forgets all client groups, as if nobody had used them for longer than they are kept. Needed for {@link
     * Feature#COLLECT_GROUPS}.
     */
    default void collectClientGroups() {
        throw new UnsupportedOperationException("collectClientGroups");
    }

    /**
     * Takes a backup of the whole store. Needed for {@link Feature#RESTORE}.
     *
     * @return puts the store back to it when it is run, without announcing anything
     */
    default Runnable backup() {
        throw new UnsupportedOperationException("backup");
    }

    /** Announces that the store was restored. Needed for {@link Feature#RESTORE}. */
    default void newEpoch() {
        throw new UnsupportedOperationException("newEpoch");
    }

    /**
     * Changes the strategy while no server runs. Needed for {@link Feature#STRATEGY_CHANGE}.
     *
     * @param toStrategyID the new strategy
     * @param spaceOfGroup the space, as the new strategy keeps it, that each client group belongs to from now on
     */
    default void changeStrategy(String toStrategyID, Function<OpenPush.Group, String> spaceOfGroup) {
        throw new UnsupportedOperationException("changeStrategy");
    }

    /**
     * Does work in a transaction of the application's own and commits it; rolls back if the work throws. Needed for
     * {@link Feature#OWN_TRANSACTIONS}.
     *
     * @param work gets the handle
     */
    default void transaction(Consumer<T> work) {
        throw new UnsupportedOperationException("transaction");
    }
}
