package dev.replisync.example.mvstore;

import dev.replisync.protocol.Json;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.h2.mvstore.tx.Transaction;
import org.h2.mvstore.tx.TransactionMap;

/**
 * What mutators work with: entities by space and key, inside a transaction. What is written is locked to the end, and noted
 * for the commit, so that nobody need call {@code touch}. Used by one thread.
 */
public final class MvHandle {
    private final Locks locks;
    final Transaction tx;
    final TransactionMap<String, String> meta;
    final TransactionMap<String, Rows.Space> spaces;
    final TransactionMap<String, Rows.Group> groups;
    /** The group that each client belongs to. */
    final TransactionMap<String, String> clients;
    /** By space, the keys that this transaction wrote. */
    final Map<String, Set<String>> touched = new HashMap<>();

    MvHandle(Locks locks, Transaction tx) {
        this.locks = locks;
        this.tx = tx;
        this.meta = tx.openMap("meta");
        this.spaces = tx.openMap("spaces");
        this.groups = tx.openMap("groups");
        this.clients = tx.openMap("clients");
    }

    /**
     * Reads an entity.
     *
     * @param space its space
     * @param key its key
     * @return its value, empty if it does not exist
     */
    public Optional<Json> get(String space, String key) {
        return Optional.ofNullable(entities(space).get(key)).map(Json::ofTrusted);
    }

    /**
     * Creates or replaces an entity.
     *
     * @param space its space
     * @param key its key
     * @param value its value
     */
    public void put(String space, String key, Json value) {
        TransactionMap<String, byte[]> entities = entities(space);
        lock(entities, key);
        entities.put(key, value.toByteArray());
        touch(space, key);
    }

    /**
     * Deletes an entity. Does nothing if it does not exist.
     *
     * @param space its space
     * @param key its key
     */
    public void delete(String space, String key) {
        TransactionMap<String, byte[]> entities = entities(space);
        lock(entities, key);
        if (entities.remove(key) != null) {
            touch(space, key);
        }
    }

    void touch(String space, String key) {
        touched.computeIfAbsent(space, s -> new TreeSet<>()).add(key);
    }

    TransactionMap<String, byte[]> entities(String space) {
        return tx.openMap("entities/" + space);
    }

    /** The keys that changed with each version: what a pull reads, and what tells of deletions. */
    TransactionMap<Long, String[]> changes(String space) {
        return tx.openMap("changes/" + space);
    }

    void createSpace(String id) {
        lock(spaces, id);
        spaces.putIfAbsent(id, new Rows.Space(0, 0));
    }

    /** Each row is locked before it is written. */
    void lock(TransactionMap<String, ?> map, String key) {
        lock(map.map.getName() + "/" + key);
    }

    /** Waits for a lock that is held to the end of the transaction. */
    void lock(String name) {
        locks.take(this, name);
    }

    /** Makes visible what was written, then lets others at it. */
    void commit() {
        tx.commit();
        locks.release(this);
    }

    /** Ends the transaction if it is not committed. Throws nothing. */
    void rollback() {
        try {
            if (tx.getStatus() != Transaction.STATUS_CLOSED) {
                tx.rollback();
            }
        } finally {
            locks.release(this);
        }
    }
}
