package dev.replisync;

/**
 * Business logic that carries out one kind of mutation, in the SDK's transaction.
 *
 * <p>It may be run more than once for one mutation (rule R28): after a deadlock, a lost connection, or when another
 * mutation of the same batch failed. Only the last run's writes stay, so it must have no effects outside the transaction;
 * {@link WriteContext#afterCommit} takes those.
 *
 * @param <T> the storage's handle
 * @param <A> the arguments
 */
@FunctionalInterface
public interface Mutator<T, A> {

    /**
     * Carries out a mutation.
     *
     * @param tx the storage's handle, inside the transaction
     * @param args the arguments, converted; null only if the registered type is {@code Void}
     * @param ctx who mutates what, and what only the SDK can answer; not to be kept beyond the call
     * @throws Exception to fail: a {@link dev.replisync.error.RetryLaterException} and passing faults of the datastore
     *     are tried again, everything else is final for this one mutation
     */
    void apply(T tx, A args, MutationContext ctx) throws Exception;
}
