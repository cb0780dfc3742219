package dev.replisync.strategy;

import dev.replisync.storage.VersionedReads;
import java.util.Optional;

/**
 * What a server offers to the strategy it creates.
 *
 * @param storageName names the storage in messages
 * @param versioned reads by version; empty if the storage has none
 */
public record StrategyContext(String storageName, Optional<VersionedReads> versioned) {}
