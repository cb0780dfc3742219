package dev.replisync;

import dev.replisync.storage.Storage;
import dev.replisync.strategy.DiffStrategy;
import java.time.Duration;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
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
        Backoff backoff) {

    /** The spaces, as kept, whose versions a write to a space moves. */
    SortedSet<String> spacesToMove(String space) {
        return strategy.movesVersions() ? new TreeSet<>(Set.of(strategy.space(space))) : new TreeSet<>();
    }
}
