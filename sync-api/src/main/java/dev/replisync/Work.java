package dev.replisync;

/**
 * A write that no client asked for: a scheduled job, an administrator's page.
 *
 * @param <T> the storage's handle
 * @param <X> what it throws
 */
@FunctionalInterface
public interface Work<T, X extends Exception> {

    /**
     * Writes. May be run more than once; only the last run's writes stay.
     *
     * @param tx the storage's handle, inside the transaction
     * @param ctx for what only the SDK can answer; not to be kept beyond the call
     * @throws X to roll back and give up, unless the storage recognises a passing fault in it
     */
    void run(T tx, WriteContext ctx) throws X;
}
