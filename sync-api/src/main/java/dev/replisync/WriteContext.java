package dev.replisync;

import dev.replisync.error.RejectedException;
import dev.replisync.strategy.DiffStrategy;
import java.util.OptionalLong;
import java.util.Set;

/**
 * What a write inside the SDK's transaction can tell the SDK and ask of it. The same under each strategy, so that a
 * mutator does not change with the strategy. Used by one thread, during the call it was passed to only.
 */
public interface WriteContext {

    /** {@return the space that is written to, as the caller named it} */
    String space();

    /**
     * Notes that an entity was written or deleted. Needed wherever nothing else tells the SDK: see the storage adapter
     * for the writes that it notes by itself.
     *
     * @param key the entity's key in the client view
     * @throws IllegalArgumentException if the key is longer than the limit or holds a lone surrogate
     */
    default void touch(String key) {
        touch(key, Set.of());
    }

    /**
     * Notes that an entity was written, deleted or lost readers.
     *
     * @param key the entity's key in the client view
     * @param lostBy users that could see the entity before this transaction and may not any more (rule R55)
     * @throws IllegalArgumentException if the key is longer than the limit or holds a lone surrogate
     */
    default void touch(String key, Set<String> lostBy) {
        touchIn(space(), key, lostBy);
    }

    /**
     * Notes that an entity of another space was written or deleted. Moving an entity is to note it in the space that it
     * left and in the one it came to: clients of both hear of it in one commit (rule R54). May end this attempt with an
     * exception that must not be caught, to run it again with the other space locked too.
     *
     * @param space the space, as callers name it
     * @param key the entity's key in the client view
     * @param lostBy as for {@link #touch(String, Set)}
     * @throws RejectedException if the space does not exist, or if the user of a mutation may not enter it
     * @throws IllegalArgumentException if the key is longer than the limit or holds a lone surrogate
     */
    void touchIn(String space, String key, Set<String> lostBy);

    /**
     * Pokes the subscribers of a channel after the commit, beside those of the spaces that are written to. For views
     * that concern users of other spaces; see {@link DiffStrategy#channels}.
     *
     * @param channel the channel
     */
    void poke(String channel);

    /**
     * Waits until no other transaction that asked for the same lock in this space is open, and keeps them waiting until
     * this one ends. For invariants over several rows when mutators run in parallel: two transactions that both take
     * {@code max(sort) + 1} must not both win. Costs nothing where the space's version is locked anyway.
     *
     * @param name any name
     */
    void lock(String name);

    /**
     * The version that this transaction will commit.
     *
     * @return empty under <em>version last</em> and under strategies that move no version
     */
    OptionalLong version();

    /**
     * Registers something to do once this transaction is committed and before the request is answered: a message to
     * send, a cache to clear. Dropped if this attempt is rolled back. At most once, not exactly once (rule R28): if the
     * process dies after the commit it never happens. An exception it throws is logged and changes nothing.
     *
     * @param effect what to do
     */
    void afterCommit(Runnable effect);
}
