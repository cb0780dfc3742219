package dev.replisync.strategy;

import dev.replisync.storage.VersionedReads;
import dev.replisync.storage.ViewReads;
import java.util.Optional;

/** What a server offers to the strategy it creates. */
public interface StrategyContext {

    /** {@return the name of the storage, for messages} */
    String storageName();

    /** {@return reads by version; empty if the storage has none} */
    Optional<VersionedReads> versioned();

    /** {@return reads of client views; empty if the storage has none} */
    Optional<ViewReads> views();

    /** {@return whether a space that does not exist is created on first use, instead of being an error} */
    boolean createsSpaces();
}
