package dev.replisync.tck;

import dev.replisync.protocol.Json;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads and writes the kit's entities inside a transaction. What an adapter writes for the kit: four statements. */
public interface KitHandle {

    /**
     * Reads an entity.
     *
     * @param key its key
     * @return its value, empty if it does not exist
     */
    Optional<Json> get(String key);

    /**
     * Creates or replaces an entity. One that exists keeps its readers; a new one can be seen by everybody.
     *
     * @param key its key
     * @param value its value, to be kept as it is
     */
    void put(String key, Json value);

    /**
     * Creates or replaces many entities, as {@link #put} does. Some tests write more than a hundred thousand; a store for
     * which one after the other takes long overrides this.
     *
     * @param keys their keys, each once
     * @param value the value of each
     */
    default void putAll(List<String> keys, Json value) {
        keys.forEach(key -> put(key, value));
    }

    /**
     * Deletes an entity; does nothing if there is none (rule R58).
     *
     * @param key its key
     */
    void delete(String key);

    /**
     * Says who may see an entity from now on (rule R55). Needed for {@link Feature#READ_RULES}.
     *
     * @param key the key of an entity that exists
     * @param users its only readers
     */
    default void readers(String key, Set<String> users) {
        throw new UnsupportedOperationException("the store has no read rules");
    }

    /**
     * Moves an entity, with its readers, to another space and changes its value (rule R54). Under strategies that keep
     * one space only it stays where it is. Needed for {@link Feature#SPACES}.
     *
     * @param key the key of an entity that exists
     * @param space the space, as callers name it
     * @param value its new value
     */
    default void move(String key, String space, Json value) {
        throw new UnsupportedOperationException("the store has one space only");
    }

    /**
     * Makes the datastore refuse a statement, and swallows the error, as a careless mutator does. Needed for {@link
     * Feature#POISONED_TRANSACTIONS}.
     */
    default void swallowError() {
        throw new UnsupportedOperationException("an error does not make the store's transactions unusable");
    }
}
