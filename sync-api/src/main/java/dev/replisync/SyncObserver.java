package dev.replisync;

import dev.replisync.protocol.Caller;
import dev.replisync.protocol.Mutation;
import java.time.Duration;
import java.util.Set;

/**
 * Is told what the server does; what a metrics library hangs on. Called on the request's thread, so it must be quick; an
 * exception it throws is logged and changes nothing. Implementations are safe for use by several threads.
 */
public interface SyncObserver {

    /**
     * A push was answered.
     *
     * @param caller who asked
     * @param status the HTTP status
     * @param received mutations in the request
     * @param processed mutations that it moved from pending to processed, failed ones included
     * @param took how long
     */
    default void pushed(Caller caller, int status, int received, int processed, Duration took) {}

    /**
     * A pull was answered.
     *
     * @param caller who asked
     * @param status the HTTP status
     * @param operations operations in the patch
     * @param bytes length of the patch
     * @param took how long
     */
    default void pulled(Caller caller, int status, int operations, long bytes, Duration took) {}

    /**
     * A mutation failed for good: it is marked as processed and has left nothing.
     *
     * @param caller who asked
     * @param clientGroupID the client group
     * @param mutation the mutation
     * @param cause why
     */
    default void mutationFailed(Caller caller, String clientGroupID, Mutation mutation, Throwable cause) {}

    /**
     * A mutation could not be decided, although it was tried several times; the client will send it again. If this goes
     * on for ever for one mutation, {@link SyncServer#skip} ends it.
     *
     * @param caller who asked
     * @param clientGroupID the client group
     * @param mutation the mutation
     * @param cause why
     */
    default void mutationDelayed(Caller caller, String clientGroupID, Mutation mutation, Throwable cause) {}

    /**
     * A client group was told to start again, because the server lost what it once confirmed; its unsent work is lost
     * (rule R21).
     *
     * @param caller who asked
     * @param clientGroupID the client group
     */
    default void stateGone(Caller caller, String clientGroupID) {}

    /**
     * A commit of this server poked its subscribers: what a transport between several nodes sends to the others, which
     * call {@link SyncServer#poke} for each channel.
     *
     * @param channels the channels, not to be changed
     */
    default void poked(Set<String> channels) {}

    /**
     * A transaction was rolled back and is tried again.
     *
     * @param caller who asked
     * @param attempt the attempt that failed, from 1
     * @param cause why
     */
    default void retried(Caller caller, int attempt, Throwable cause) {}
}
