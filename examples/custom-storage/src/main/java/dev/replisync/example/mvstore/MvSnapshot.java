package dev.replisync.example.mvstore;

import dev.replisync.storage.OpenPush;
import dev.replisync.storage.PatchSink;
import dev.replisync.storage.VersionedReads.ClientVersion;
import dev.replisync.storage.VersionedReads.Request;
import dev.replisync.storage.VersionedReads.Snapshot;
import dev.replisync.storage.VersionedReads.State;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.tx.TransactionMap;
import org.h2.value.VersionedValue;
import org.jspecify.annotations.Nullable;

/** One moment of the store. */
final class MvSnapshot implements Snapshot {
    private final Request request;
    private final MvHandle handle;
    private final TransactionMap<String, byte[]> entities;
    private final TransactionMap<Long, String[]> changes;
    private final State state;

    MvSnapshot(MvHandle handle, Request request) {
        this.request = request;
        this.handle = handle;
        this.entities = handle.entities(request.spaceID());
        this.changes = handle.changes(request.spaceID());
        // The same moment for all of them, which the store must be told.
        HashSet<MVMap<Object, VersionedValue<Object>>> maps = new HashSet<>();
        for (TransactionMap<?, ?> map : List.of(handle.meta, handle.spaces, handle.groups, entities, changes)) {
            maps.add(untyped(map));
        }
        handle.tx.markStatementStart(maps);
        this.state = read();
    }

    @SuppressWarnings("unchecked")
    private static MVMap<Object, VersionedValue<Object>> untyped(TransactionMap<?, ?> map) {
        return (MVMap<Object, VersionedValue<Object>>) (MVMap<?, ?>) map.map;
    }

    private State read() {
        Rows.@Nullable Space space = handle.spaces.getFromSnapshot(request.spaceID());
        Rows.@Nullable Group group = handle.groups.getFromSnapshot(request.clientGroupID());
        Map<String, ClientVersion> clients = new HashMap<>();
        if (group != null) {
            long since = request.since().orElse(-1);
            group.clients().forEach((id, client) -> {
                if (client.version() > since) {
                    clients.put(id, new ClientVersion(client.lastMutationID(), client.version()));
                }
            });
        }
        return new State(
                handle.meta.getFromSnapshot("epoch"),
                Map.of(),
                space != null,
                space == null ? 0 : space.version(),
                space == null ? 0 : space.floor(),
                handle.meta.getFromSnapshot("secret"),
                Optional.ofNullable(group)
                        .map(g -> new OpenPush.Group(request.clientGroupID(), g.userID(), g.spaceID())),
                clients);
    }

    @Override
    public State state() {
        return state;
    }

    @Override
    public void changes(PatchSink sink) {
        Set<String> keys = new HashSet<>();
        Iterator<Map.Entry<Long, String[]>> later =
                changes.entryIterator(request.since().orElseThrow() + 1, null);
        while (later.hasNext()) {
            keys.addAll(Arrays.asList(later.next().getValue()));
        }
        for (String key : keys) {
            byte[] value = entities.getFromSnapshot(key);
            if (value == null) {
                sink.del(key);
            } else {
                sink.put(key, value);
            }
        }
    }

    @Override
    public void everything(PatchSink sink) {
        entities.entryIterator(null, null).forEachRemaining(row -> sink.put(row.getKey(), row.getValue()));
    }

    @Override
    public void close() {
        handle.rollback();
    }
}
