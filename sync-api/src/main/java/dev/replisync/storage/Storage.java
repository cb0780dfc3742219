package dev.replisync.storage;

import java.util.List;
import java.util.Optional;

/**
 * A datastore that keeps an application's data together with the bookkeeping of its Replicache clients.
 *
 * <p>A push calls, in this order:
 *
 * <ol>
 *   <li>{@link #open}: begins a transaction, takes the locks, then reads;
 *   <li>any number of mutators with {@link PushTx#handle()}, which may call {@link PushTx#touch}, {@link
 *       PushTx#visible} and {@link PushTx#lock};
 *   <li>{@link PushTx#commit}, or nothing if the attempt is given up;
 *   <li>{@link PushTx#close}, always, once for each {@code open} that returned.
 * </ol>
 *
 * <p>Every method may throw any runtime exception; {@link #classify} says what it means. Implementations are safe for
 * use by several threads; what {@code open} returns is used by one.
 *
 * @param <T> the handle that mutators work with
 */
public interface Storage<T> {

    /** What went wrong, as far as it decides what to do next (rule R24). */
    enum Failure {
        /** Rolled back for certain, and may go well when tried again; never booked as a failed mutation. */
        TRANSIENT,
        /**
         * The connection was lost while committing: only the datastore knows whether it happened. A push is tried again,
         * because the last mutation ids tell; other writes are not.
         */
        UNKNOWN,
        /** The mutation itself is at fault and will fail each time. */
        PERMANENT,
        /**
         * The transaction is unusable because of an error that the mutator swallowed, or that the datastore does not
         * explain: tried again, because that error may have been transient, and permanent if it stays.
         */
        POISONED
    }

    /** Where it went wrong. */
    enum Where {
        /** In the application's code or its own statements. */
        MUTATOR,
        /** In a statement of the SDK. */
        SDK,
        /** While the closing flush wrote and committed. */
        COMMIT
    }

    /** How this storage says no to a configuration, before the first request. */
    interface Check {
        /** {@return whether mutators run in parallel and versions are taken last} */
        boolean versionLast();

        /** {@return the id of the chosen strategy} */
        String strategyID();

        /** {@return whether spaces that do not exist are to be created on first use} */
        boolean createsSpaces();
    }

    /**
     * Opens a transaction for a push or a write of the server. In this order:
     *
     * <ol>
     *   <li>begin, so that each later statement sees what was committed before that statement (READ COMMITTED);
     *   <li>for the client groups that are given: create their rows if absent, with the given owners, then lock them, sorted;
     *   <li>if {@link OpenPush#lockVersions()}: lock the rows of the {@link OpenPush#spaces()}, sorted, those created
     *       first that do not exist if {@link OpenPush#createSpaces()};
     *   <li>only then, in later statements, read what {@link PushTx#state()} returns (rule R17).
     * </ol>
     *
     * @param what what to lock and read
     * @return the open transaction
     */
    PushTx<T> open(OpenPush what);

    /**
     * Like {@link #open}, inside a transaction that the application has begun and will end. The {@link PushTx#commit}
     * of the result writes everything but does not commit, and its {@link PushTx#close} does nothing.
     *
     * @param handle the application's handle, in a transaction
     * @param what what to lock and read
     * @return the transaction
     */
    PushTx<T> join(T handle, OpenPush what);

    /**
     * Whether a transaction is the same whoever opened it, so that pushes of several users may share one. It is not where
     * a connection carries the user, the role or the tenant of whoever took it.
     *
     * @return false by default: each push has transactions of its own
     */
    default boolean sharesTransactions() {
        return false;
    }

    /**
     * The reads that the version strategies need.
     *
     * @return empty if this storage cannot say what changed since a version
     */
    Optional<VersionedReads> versioned();

    /**
     * The reads that strategies with client view records need.
     *
     * @return empty if this storage cannot say what a client's view is
     */
    default Optional<ViewReads> views() {
        return Optional.empty();
    }

    /**
     * Says what an exception means. Looks through every wrapping (rule R25).
     *
     * @param thrown what was caught
     * @param where where it was caught
     * @return what to do about it
     */
    Failure classify(Throwable thrown, Where where);

    /**
     * Looks at the datastore before the first request.
     *
     * @param check the chosen configuration
     * @return what is wrong, one sentence each with what to do; empty if all is well
     */
    default List<String> problems(Check check) {
        return List.of();
    }
}
