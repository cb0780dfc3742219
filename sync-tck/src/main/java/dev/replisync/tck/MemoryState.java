package dev.replisync.tck;

import dev.replisync.protocol.Json;
import dev.replisync.storage.KeptViews;
import dev.replisync.storage.OpenPush;
import dev.replisync.storage.ViewRecord;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Everything a store in memory holds at one moment. Changed only while it is being made from the state before; after
 * that it is read by several threads and stays as it is. Rows are immutable.
 */
final class MemoryState {
    private static final AtomicLong STAMPS = new AtomicLong();

    /** That of all servers; null before the first one starts. */
    @Nullable
    String strategy;

    String secret;
    String epoch;
    final Map<String, Space> spaces;
    /** The epochs before this one, with the versions of the spaces when each was left; of those without one it was 0. */
    final Map<String, Map<String, Long>> ancestors;

    final Map<String, OpenPush.Group> groups;
    final Map<String, Client> clients;
    final Map<RowKey, Row> rows;
    /** How many pulls of a group had something to tell. */
    final Map<String, Long> counters;
    /** What clients were sent, where the storage keeps it. */
    final Map<KeptViews.Position, SentView> kept;
    /** The last row version given to a row. */
    long rowVersions;
    /** Another one after each change, and the same again after a restore. */
    final long stamp = STAMPS.incrementAndGet();

    MemoryState(String epoch, String secret) {
        this.epoch = epoch;
        this.secret = secret;
        this.spaces = new HashMap<>();
        this.ancestors = new HashMap<>();
        this.groups = new HashMap<>();
        this.clients = new HashMap<>();
        this.rows = new HashMap<>();
        this.counters = new HashMap<>();
        this.kept = new HashMap<>();
    }

    MemoryState(MemoryState before) {
        this.epoch = before.epoch;
        this.strategy = before.strategy;
        this.secret = before.secret;
        this.spaces = new HashMap<>(before.spaces);
        this.ancestors = new HashMap<>(before.ancestors);
        this.groups = new HashMap<>(before.groups);
        this.clients = new HashMap<>(before.clients);
        this.rows = new HashMap<>(before.rows);
        this.counters = new HashMap<>(before.counters);
        this.kept = new HashMap<>(before.kept);
        this.rowVersions = before.rowVersions;
    }

    Space space(String id) {
        return spaces.getOrDefault(id, new Space(0, 0));
    }

    record Space(long version, long floor) {}

    record Client(String groupID, long lastMutationID, long version) {}

    record SentView(List<String> owner, String groupID, String epoch, Map<String, Long> told, ViewRecord view) {}

    record RowKey(String space, String key) {}

    /**
     * An entity, or what is left of one.
     *
     * @param value null if it is deleted
     * @param version the version it was stamped with; {@link #UNSTAMPED} inside a transaction
     * @param readers who may see it; null for everybody
     * @param lost since which version a user may not see it any more
     * @param lostByAll since which version those may not see it who are not named; {@link #NEVER}
     * @param rowVersion another one after each write
     * @param named its space, as callers name it: where it is under strategies that keep spaces apart
     */
    record Row(
            @Nullable Json value,
            long version,
            @Nullable Set<String> readers,
            Map<String, Long> lost,
            long lostByAll,
            long rowVersion,
            String named) {
        static final long UNSTAMPED = Long.MAX_VALUE;
        static final long NEVER = -1;
        static final Row NONE = new Row(null, 0, null, Map.of(), NEVER, 0, "");

        Row {
            readers = readers == null ? null : Set.copyOf(readers);
            lost = Map.copyOf(lost);
        }

        Optional<Json> valueFor(String userID) {
            return Optional.ofNullable(readers == null || readers.contains(userID) ? value : null);
        }

        long lostBy(String userID) {
            return Math.max(lost.getOrDefault(userID, NEVER), lostByAll);
        }

        Row written(Json newValue, String space) {
            return value == null
                    ? new Row(newValue, UNSTAMPED, null, lost, lostByAll, rowVersion, space)
                    : new Row(newValue, UNSTAMPED, readers, lost, lostByAll, rowVersion, named);
        }

        Row arrived(Json newValue, @Nullable Set<String> newReaders, String space) {
            return new Row(newValue, UNSTAMPED, newReaders, lost, lostByAll, rowVersion, space);
        }

        Row deleted() {
            return value == null
                    ? this
                    : new Row(
                            null,
                            UNSTAMPED,
                            null,
                            lostWithout(Set.of()),
                            lostByAll(readers == null),
                            rowVersion,
                            named);
        }

        Row readBy(Set<String> users) {
            return new Row(value, UNSTAMPED, users, lostWithout(users), lostByAll(readers == null), rowVersion, named);
        }

        Row touched(Set<String> lostBy) {
            Map<String, Long> losers = new HashMap<>(lost);
            lostBy.forEach(user -> losers.put(user, UNSTAMPED));
            return new Row(value, UNSTAMPED, readers, losers, lostByAll, rowVersion, named);
        }

        Row stamped(long newVersion) {
            Map<String, Long> losers = new HashMap<>(lost);
            losers.replaceAll((user, since) -> since == UNSTAMPED ? newVersion : since);
            return new Row(
                    value,
                    newVersion,
                    readers,
                    losers,
                    lostByAll == UNSTAMPED ? newVersion : lostByAll,
                    rowVersion,
                    named);
        }

        Row atRowVersion(long another) {
            return new Row(value, version, readers, lost, lostByAll, another, named);
        }

        /** Without what it was to cookies that nobody is to go on with. */
        Row anew() {
            return new Row(value, version, readers, Map.of(), NEVER, rowVersion, named);
        }

        private Map<String, Long> lostWithout(Set<String> staying) {
            Map<String, Long> losers = new HashMap<>(lost);
            if (readers != null) {
                readers.stream().filter(user -> !staying.contains(user)).forEach(user -> losers.put(user, UNSTAMPED));
            }
            return losers;
        }

        private long lostByAll(boolean now) {
            return now ? UNSTAMPED : lostByAll;
        }
    }
}
