package dev.replisync.tck;

import dev.replisync.storage.Storage;
import dev.replisync.storage.VersionedReads;
import dev.replisync.storage.ViewReads;
import dev.replisync.strategy.StrategyContext;
import java.util.Optional;

/** What a server in front of a storage offers to its strategy. */
record StorageContext(
        String storageName, Optional<VersionedReads> versioned, Optional<ViewReads> views, boolean createsSpaces)
        implements StrategyContext {

    static StorageContext of(Storage<?> storage) {
        return new StorageContext("kit", storage.versioned(), storage.views(), true);
    }

    StorageContext with(VersionedReads reads) {
        return new StorageContext(storageName, Optional.of(reads), views, createsSpaces);
    }
}
