package dev.replisync.tck;

import dev.replisync.storage.OpenPush;
import dev.replisync.storage.PushTx;
import dev.replisync.tck.MemoryLocks.Kind;
import dev.replisync.tck.MemoryState.Row;
import dev.replisync.tck.MemoryState.RowKey;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/** The port's transaction on a transaction in memory: the port's sequence of locks and reads, step by step. */
final class MemoryPush implements PushTx<MemoryTx> {
    private final MemoryTx tx;
    private final OpenPush what;
    private final boolean joined;
    private final State state;

    MemoryPush(MemoryTx tx, OpenPush what, boolean joined) {
        this.tx = tx;
        this.what = what;
        this.joined = joined;
        tx.use(what);
        what.groups().forEach(group -> tx.lock(Kind.GROUP, "", group.id()));
        new TreeSet<>(what.clientIDs()).forEach(id -> tx.lock(Kind.CLIENT, "", id));
        if (what.lockVersions()) {
            what.spaces().forEach(id -> tx.lock(Kind.SPACE, id, ""));
        }
        this.state = read();
    }

    /** Only after the locks: what their former holders committed must be seen (rule R17). */
    private State read() {
        MemoryState committed = tx.committed();
        Map<String, OpenPush.Group> groups = new HashMap<>();
        for (OpenPush.Group given : what.groups()) {
            OpenPush.Group known = committed.groups.get(given.id());
            if (known == null) {
                tx.groups.put(given.id(), given);
            }
            groups.put(given.id(), known == null ? given : known);
        }
        Map<String, Client> clients = new HashMap<>();
        for (String id : what.clientIDs()) {
            MemoryState.Client client = committed.clients.get(id);
            if (client != null) {
                clients.put(id, new Client(client.groupID(), client.lastMutationID()));
            }
        }
        Map<String, Long> versions = new HashMap<>();
        if (what.lockVersions()) {
            what.spaces().forEach(id -> versions.put(id, committed.space(id).version()));
        }
        Set<String> unknown = new TreeSet<>();
        if (!what.createSpaces()) {
            unknown.addAll(what.spaces());
            unknown.removeAll(committed.spaces.keySet());
        }
        return new State(groups, clients, versions, unknown);
    }

    @Override
    public State state() {
        return state;
    }

    @Override
    public MemoryTx handle() {
        return tx;
    }

    @Override
    public void touch(String spaceID, String key, Set<String> lostBy) {
        tx.touch(spaceID, key, lostBy);
    }

    @Override
    public boolean visible(String userID, String spaceID, String key) {
        return tx.row(new RowKey(spaceID, key)).valueFor(userID).isPresent();
    }

    @Override
    public void lock(String spaceID, String name) {
        tx.lock(Kind.NAMED, spaceID, name);
    }

    @Override
    public void commit(Closing closing) {
        closing.spaces().forEach(id -> tx.lock(Kind.SPACE, id, ""));
        MemoryState committed = tx.committed();
        closing.spaces().forEach(id -> tx.versions.put(id, committed.space(id).version() + 1));
        if (!tx.versions.isEmpty()) {
            tx.rows.replaceAll(
                    (key, row) -> row.version() == Row.UNSTAMPED ? row.stamped(versionOf(key.space())) : row);
        }
        closing.clients().forEach((id, client) -> {
            String space =
                    Objects.requireNonNull(state.groups().get(client.groupID())).spaceID();
            long version = tx.versions.getOrDefault(space, 0L);
            tx.clients.put(id, new MemoryState.Client(client.groupID(), client.lastMutationID(), version));
        });
        if (!joined) {
            tx.commit();
        }
    }

    @Override
    public void close() {
        if (!joined) {
            tx.end();
        }
    }

    private long versionOf(String space) {
        Long version = tx.versions.get(space);
        if (version == null && !tx.versions.isEmpty()) {
            throw new IllegalStateException("space '" + space + "' was touched, but its version is not to be moved");
        }
        return version == null ? 0 : version;
    }
}
