package dev.replisync.tck;

import dev.replisync.protocol.Json;
import dev.replisync.storage.KeptViews;
import dev.replisync.storage.OpenPush;
import dev.replisync.storage.RecordStore;
import dev.replisync.storage.ViewDiff;
import dev.replisync.storage.ViewReads;
import dev.replisync.storage.ViewRecord;
import dev.replisync.tck.MemoryLocks.Kind;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Client views: the state of one moment, looked at only after the client group is locked, and locked to the end. */
final class MemoryViews implements ViewReads {
    private final MemoryStorage node;
    private final String viewVersion;
    private final boolean keeps;

    MemoryViews(MemoryStorage node, String viewVersion, boolean keeps) {
        this.node = node;
        this.viewVersion = viewVersion;
        this.keeps = keeps;
    }

    @Override
    public Optional<KeptViews> kept() {
        return keeps ? Optional.of(new MemoryKeptViews(node, this)) : Optional.empty();
    }

    @Override
    public String viewVersion() {
        return viewVersion;
    }

    @Override
    public Optional<RecordStore> records() {
        return Optional.of(node.database.records);
    }

    @Override
    public Pull open(Request request) {
        MemoryTx tx = new MemoryTx(node);
        try {
            tx.lock(Kind.GROUP, "", request.clientGroupID());
            return new OnePull(tx, request);
        } catch (RuntimeException | Error e) {
            tx.end();
            throw e;
        }
    }

    private final class OnePull implements Pull {
        private final MemoryTx tx;
        private final Request request;
        private final MemoryState now;
        private final State state;

        OnePull(MemoryTx tx, Request request) {
            this.tx = tx;
            this.request = request;
            OpenPush.Group asking = new OpenPush.Group(request.clientGroupID(), request.userID(), request.spaceID());
            if (!tx.committed().groups.containsKey(asking.id())) {
                node.commit(next -> next.groups.putIfAbsent(asking.id(), asking));
            }
            this.now = tx.committed();
            Map<String, Long> clients = new HashMap<>();
            now.clients.forEach((id, client) -> {
                if (client.groupID().equals(asking.id())) {
                    clients.put(id, client.lastMutationID());
                }
            });
            this.state = new State(
                    now.epoch,
                    now.secret,
                    now.groups.getOrDefault(asking.id(), asking),
                    now.counters.getOrDefault(asking.id(), 0L),
                    clients,
                    proof(now.stamp));
        }

        @Override
        public State state() {
            return state;
        }

        @Override
        public void changes(ViewSink sink) {
            ViewDiff diff = new ViewDiff(request.since(), sink);
            now.rows.entrySet().stream()
                    .filter(row -> row.getKey().space().equals(request.spaceID()))
                    .sorted((a, b) ->
                            ViewRecord.compareKeys(a.getKey().key(), b.getKey().key()))
                    .forEach(row -> {
                        Optional<Json> value = row.getValue().valueFor(request.userID());
                        String key = row.getKey().key();
                        String version = String.valueOf(row.getValue().rowVersion());
                        if (value.isPresent() && diff.changed(key, version)) {
                            sink.put(key, version, value.get().toByteArray());
                        }
                    });
            diff.end();
        }

        @Override
        public @Nullable String commit(long counter) {
            long[] after = new long[1];
            node.commit(next -> {
                next.counters.merge(request.clientGroupID(), counter, Math::max);
                // What somebody else wrote meanwhile was not read.
                after[0] = node.state().stamp == now.stamp ? next.stamp : 0;
            });
            tx.end();
            return after[0] == 0 ? null : proof(after[0]);
        }

        @Override
        public void close() {
            tx.end();
        }

        private String proof(long stamp) {
            return stamp
                    + "/"
                    + List.of(request.userID(), request.spaceID(), request.profileID(), viewVersion)
                            .hashCode();
        }
    }
}
