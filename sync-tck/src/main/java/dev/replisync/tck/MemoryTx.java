package dev.replisync.tck;

import dev.replisync.protocol.Json;
import dev.replisync.storage.OpenPush;
import dev.replisync.tck.MemoryLocks.Kind;
import dev.replisync.tck.MemoryLocks.Name;
import dev.replisync.tck.MemoryState.Row;
import dev.replisync.tck.MemoryState.RowKey;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A transaction of {@link MemoryStorage}, and the handle that its mutators get: entities by key, with values of JSON. Each
 * read sees what was committed before it, and this transaction's own writes. What is written is locked to the end and
 * noted for the commit by itself, so mutators need not call {@code touch}. Used by one thread.
 */
public final class MemoryTx {
    private final MemoryStorage node;
    private final MemoryStorage.Database database;
    private String home = "default";
    private final Set<String> known = new HashSet<>();

    final Map<RowKey, Row> rows = new HashMap<>();
    final Map<String, MemoryState.Client> clients = new HashMap<>();
    final Map<String, OpenPush.Group> groups = new HashMap<>();
    final Map<String, Long> versions = new HashMap<>();

    private @Nullable String poison;
    private boolean ended;

    MemoryTx(MemoryStorage node) {
        this.node = node;
        this.database = node.database;
    }

    /**
     * Reads an entity.
     *
     * @param key its key
     * @return its value, empty if it does not exist
     */
    public Optional<Json> get(String key) {
        return get(home, key);
    }

    /**
     * Creates or changes an entity; one that exists keeps its readers, a new one can be seen by everybody.
     *
     * @param key its key
     * @param value its value, copied
     */
    public void put(String key, Json value) {
        put(home, key, value);
    }

    /**
     * Deletes an entity. Does nothing if it does not exist.
     *
     * @param key its key
     */
    public void delete(String key) {
        delete(home, key);
    }

    /**
     * Says who may see an entity. Those that could and may not any more are sent a {@code del}.
     *
     * @param key its key
     * @param users its only readers from now on
     * @throws IllegalStateException if it does not exist
     */
    public void readers(String key, Set<String> users) {
        readers(home, key, users);
    }

    /**
     * Makes this transaction unusable, as an SQL error does to one of PostgreSQL; for tests.
     *
     * @param reason what later calls say
     */
    public void poison(String reason) {
        poison = reason;
    }

    Optional<Json> get(String space, String key) {
        return Optional.ofNullable(row(new RowKey(space, key)).value());
    }

    void put(String space, String key, Json value) {
        put(space, key, value, space);
    }

    /** Creates or changes an entity; a new one belongs to the named space, wherever the strategy keeps it. */
    void put(String space, String key, Json value, String named) {
        RowKey row = locked(space, key);
        rows.put(row, row(row).written(Json.ofTrusted(value.toByteArray()), named));
    }

    void delete(String space, String key) {
        RowKey row = locked(space, key);
        if (row(row).value() != null) {
            rows.put(row, row(row).deleted());
        }
    }

    void readers(String space, String key, Set<String> users) {
        RowKey row = locked(space, key);
        if (row(row).value() == null) {
            throw new IllegalStateException("no entity has the key '" + key + "'");
        }
        rows.put(row, row(row).readBy(users));
    }

    void move(String from, String to, String key, Json value, String named) {
        Row before = row(locked(from, key));
        if (before.value() == null) {
            throw new IllegalStateException("no entity has the key '" + key + "'");
        }
        delete(from, key);
        RowKey row = locked(to, key);
        rows.put(row, row(row).arrived(Json.ofTrusted(value.toByteArray()), before.readers(), named));
    }

    void touch(String space, String key, Set<String> lostBy) {
        RowKey row = locked(space, key);
        rows.put(row, row(row).touched(lostBy));
    }

    /** Where entities are that are read and written without saying where. */
    String home() {
        return home;
    }

    /** Whether the write is to a space; any may be, where nothing is kept by space. */
    boolean knows(String space) {
        return known.isEmpty() || known.contains(space);
    }

    /** Learns the spaces of the write that this transaction is for. */
    void use(OpenPush what) {
        known.addAll(what.spaces());
        if (what.spaces().size() == 1) {
            home = what.spaces().first();
        } else {
            what.groups().stream().findFirst().ifPresent(group -> home = group.spaceID());
        }
    }

    void lock(Kind kind, String space, String id) {
        usable();
        database.locks.take(this, new Name(kind, space, id));
    }

    MemoryState committed() {
        usable();
        return node.current();
    }

    Row row(RowKey key) {
        usable();
        Row own = rows.get(key);
        return own != null ? own : database.state().rows.getOrDefault(key, Row.NONE);
    }

    /** Makes everything visible at once. What was written and not stamped keeps the version it had. */
    void commit() {
        usable();
        node.commit(next -> {
            rows.forEach((key, row) -> {
                long before = next.rows.getOrDefault(key, Row.NONE).version();
                Row stamped = row.version() == Row.UNSTAMPED ? row.stamped(before) : row;
                next.rows.put(key, stamped.atRowVersion(database.rowVersion(next, key)));
            });
            next.clients.putAll(clients);
            next.groups.putAll(groups);
            versions.forEach((id, version) -> {
                MemoryState.Space space = next.space(id);
                next.spaces.put(id, new MemoryState.Space(version, space.floor()));
            });
        });
        end();
    }

    /** Ends the transaction, also if it was never committed. */
    void end() {
        ended = true;
        database.locks.release(this);
    }

    private RowKey locked(String space, String key) {
        lock(Kind.ROW, space, key);
        return new RowKey(space, key);
    }

    private void usable() {
        if (ended) {
            throw new IllegalStateException("this transaction has ended");
        }
        if (poison != null) {
            throw new MemoryPoison("this transaction is unusable: " + poison);
        }
    }
}
