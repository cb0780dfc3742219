package dev.replisync.tck;

/** What a store may have or lack. A test that needs one that is missing is skipped and says so. */
public enum Feature {
    /**
     * Spaces beside the one of the global strategy can be created, and entities moved between them: {@link
     * Operator#createSpace}, {@link KitHandle#move}.
     */
    SPACES,
    /** Spaces come into being with their first push, where a server is told so. */
    SPACES_ON_FIRST_USE,
    /** Entities can have readers: {@link KitHandle#readers}. */
    READ_RULES,
    /** An SQL error makes a transaction unusable: {@link KitHandle#swallowError}. */
    POISONED_TRANSACTIONS,
    /** Tombstones can be purged: {@link Operator#purgeTombstones}. */
    PURGE,
    /** Client groups can be collected: {@link Operator#collectClientGroups}. */
    COLLECT_GROUPS,
    /** The store can be put back to an earlier state, and a new epoch be announced. */
    RESTORE,
    /** The strategy can be changed while no server runs: {@link Operator#changeStrategy}. */
    STRATEGY_CHANGE,
    /** The application can begin transactions of its own: {@link Operator#transaction}. */
    OWN_TRANSACTIONS,
    /**
     * Transactions that write different entities are open at once where they do not lock the version first. A store with
     * one writer at a time is right without it: whoever comes second waits, and then succeeds.
     */
    PARALLEL_WRITERS,
    /** Values and keys may hold U+0000; where they may not, the mutation must fail for good (rule R61). */
    NUL_CHARACTERS
}
