package dev.replisync.tck;

/**
 * TBD.
 *
 * @param <T> the storage's handle
 */
public abstract class EndpointContract<T> extends ServerContract<T> {

    /** For subclasses. */
    protected EndpointContract() {}
}
