package dev.replisync.example.mvstore;

import dev.replisync.storage.OpenPush;
import dev.replisync.storage.PushTx;
import java.util.ConcurrentModificationException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A transaction of a push: the port's sequence of locks and reads, step by step. */
final class MvPush implements PushTx<MvHandle> {
    private final MvHandle handle;
    private final OpenPush what;
    private final State state;
    private final @Nullable Runnable commit;

    /** Without a commit the transaction is the application's. */
    MvPush(MvHandle handle, OpenPush what, @Nullable Runnable commit) {
        this.handle = handle;
        this.what = what;
        this.commit = commit;
        // tag::open[]
        // First the locks, all rows in a fixed order.
        what.groups().forEach(group -> {
            handle.lock(handle.groups, group.id());
            handle.groups.putIfAbsent(group.id(), new Rows.Group(group.userID(), group.spaceID(), Map.of()));
        });
        if (what.lockVersions()) {
            what.spaces().forEach(id -> handle.lock(handle.spaces, id));
        }
        if (what.createSpaces()) {
            what.spaces().stream().filter(id -> handle.spaces.get(id) == null).forEach(handle::createSpace);
        }
        // Then the reads, which see what the former holders of the locks committed.
        this.state = read();
        // end::open[]
    }

    private State read() {
        Map<String, Client> clients = new HashMap<>();
        for (String id : what.clientIDs()) {
            String group = handle.clients.get(id);
            if (group != null) {
                Rows.Client client =
                        Objects.requireNonNull(group(group).clients().get(id));
                clients.put(id, new Client(group, client.lastMutationID()));
            }
        }
        Map<String, Long> versions = new HashMap<>();
        Set<String> unknown = new HashSet<>();
        for (String id : what.spaces()) {
            Rows.Space space = handle.spaces.get(id);
            if (space == null) {
                unknown.add(id);
            } else if (what.lockVersions()) {
                versions.put(id, space.version());
            }
        }
        Map<String, OpenPush.Group> owned = new HashMap<>();
        for (OpenPush.Group asked : what.groups()) {
            Rows.Group group = group(asked.id());
            owned.put(asked.id(), new OpenPush.Group(asked.id(), group.userID(), group.spaceID()));
        }
        return new State(owned, clients, versions, unknown);
    }

    private Rows.Group group(String id) {
        return Objects.requireNonNull(handle.groups.get(id));
    }

    @Override
    public State state() {
        return state;
    }

    @Override
    public MvHandle handle() {
        return handle;
    }

    /** Nobody loses sight of an entity here: there are no read rules. */
    @Override
    public void touch(String spaceID, String key, Set<String> lostBy) {
        handle.touch(spaceID, key);
    }

    @Override
    public boolean visible(String userID, String spaceID, String key) {
        return handle.entities(spaceID).containsKey(key);
    }

    @Override
    public void lock(String spaceID, String name) {
        handle.lock("name/" + spaceID.length() + ":" + spaceID + name);
    }

    @Override
    public void commit(Closing closing) {
        Map<String, Long> versions = new HashMap<>();
        for (String id : closing.spaces()) {
            handle.lock(handle.spaces, id);
            Rows.Space space = Objects.requireNonNull(handle.spaces.get(id));
            long version = space.version() + 1;
            versions.put(id, version);
            handle.spaces.put(id, new Rows.Space(version, space.floor()));
            Set<String> keys = handle.touched.getOrDefault(id, Set.of());
            if (!keys.isEmpty()) {
                handle.changes(id).put(version, keys.toArray(String[]::new));
            }
        }
        closing.clients().forEach((id, client) -> book(id, client, versions));
        if (commit != null) {
            commit.run();
        }
    }

    private void book(String id, Client client, Map<String, Long> versions) {
        handle.lock(handle.clients, id);
        String owner = handle.clients.putIfAbsent(id, client.groupID());
        if (owner != null && !owner.equals(client.groupID())) {
            throw new ConcurrentModificationException("another group has just taken the client's id");
        }
        Rows.Group group = group(client.groupID());
        Map<String, Rows.Client> clients = new HashMap<>(group.clients());
        clients.put(id, new Rows.Client(client.lastMutationID(), versions.getOrDefault(group.spaceID(), 0L)));
        handle.groups.put(client.groupID(), new Rows.Group(group.userID(), group.spaceID(), clients));
    }

    @Override
    public void close() {
        if (commit != null) {
            handle.rollback();
        }
    }
}
