package dev.replisync;

import dev.replisync.storage.Storage;
import dev.replisync.strategy.DiffStrategy;
import java.time.Duration;
import java.util.function.Predicate;

/** What a server was built with. */
record Settings<T>(
        Storage<T> storage,
        Mutators<T> mutators,
        DiffStrategy strategy,
        boolean versionLast,
        int batch,
        Duration timeLimit,
        boolean unknownMutatorsLater,
        Predicate<String> pushSchemas,
        Predicate<String> pullSchemas,
        Limits limits,
        SyncObserver observer,
        Backoff backoff) {}
