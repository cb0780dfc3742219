package dev.replisync;

import dev.replisync.protocol.Caller;
import dev.replisync.storage.OpenPush;
import dev.replisync.storage.Storage;
import dev.replisync.strategy.DiffStrategy;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.BiPredicate;
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
        boolean createSpaces,
        BiPredicate<String, String> spaceAccess,
        Predicate<String> pushSchemas,
        Predicate<String> pullSchemas,
        Limits limits,
        SyncObserver observer,
        Backoff backoff) {

    /**
     * Where the strategy keeps a space. Throws IllegalArgumentException if the name is none that each store keeps
     * unaltered, RequestException if the strategy refuses it.
     */
    String kept(String space) {
        return strategy.space(Caller.of("-", space).space());
    }

    /** Whether pushes to a space run one after the other, and several mutations may share a transaction. */
    boolean sharesTurns() {
        return !versionLast && batch > 1 && strategy.movesVersions() && storage.sharesTransactions();
    }

    /** The spaces to begin with for a write to a space. */
    Spaces spaces(String space) {
        return new Spaces(kept(space), strategy.movesVersions());
    }

    /**
     * What to open a transaction with.
     *
     * @param lockVersions whether to lock the spaces at once
     */
    OpenPush opening(List<OpenPush.Group> groups, Set<String> clientIDs, Spaces spaces, boolean lockVersions) {
        return new OpenPush(groups, clientIDs, spaces.known(), lockVersions, createSpaces || strategy.ownsSpaces());
    }
}
