package dev.replisync.tck;

import dev.replisync.protocol.Json;
import dev.replisync.storage.PatchSink;
import dev.replisync.storage.VersionedReads;
import dev.replisync.tck.MemoryState.Row;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/** Reads by version: a snapshot is the state of one moment, which nobody changes afterwards. */
final class MemoryReads implements VersionedReads {
    private final MemoryStorage node;
    private final String viewVersion;

    MemoryReads(MemoryStorage node, String viewVersion) {
        this.node = node;
        this.viewVersion = viewVersion;
    }

    @Override
    public String viewVersion() {
        return viewVersion;
    }

    @Override
    public boolean perUser() {
        return true;
    }

    @Override
    public Snapshot open(Request request) {
        return new View(node.current(), request);
    }

    private record View(MemoryState now, Request request) implements Snapshot {

        @Override
        public State state() {
            long after = request.since().orElse(Long.MIN_VALUE);
            Map<String, ClientVersion> clients = new HashMap<>();
            now.clients.forEach((id, client) -> {
                if (client.groupID().equals(request.clientGroupID()) && client.version() > after) {
                    clients.put(id, new ClientVersion(client.lastMutationID(), client.version()));
                }
            });
            MemoryState.Space space = now.space(request.spaceID());
            Map<String, Long> ancestors = new HashMap<>();
            now.ancestors.forEach(
                    (epoch, versions) -> ancestors.put(epoch, versions.getOrDefault(request.spaceID(), 0L)));
            return new State(
                    now.epoch,
                    ancestors,
                    now.spaces.containsKey(request.spaceID()),
                    space.version(),
                    space.floor(),
                    now.secret,
                    Optional.ofNullable(now.groups.get(request.clientGroupID())),
                    clients);
        }

        @Override
        public void changes(PatchSink sink) {
            long since = request.since().orElseThrow();
            rows((key, row) -> {
                Optional<Json> value = row.valueFor(request.userID());
                if (row.version() <= since) {
                    return;
                }
                if (value.isPresent()) {
                    sink.put(key, value.get().toByteArray());
                } else if (row.lostBy(request.userID()) > since) {
                    sink.del(key);
                }
            });
        }

        @Override
        public void everything(PatchSink sink) {
            rows((key, row) -> row.valueFor(request.userID()).ifPresent(value -> sink.put(key, value.toByteArray())));
        }

        @Override
        public void close() {}

        private void rows(BiConsumer<String, Row> each) {
            now.rows.forEach((key, row) -> {
                if (key.space().equals(request.spaceID())) {
                    each.accept(key.key(), row);
                }
            });
        }
    }
}
