package dev.replisync.tck;

import dev.replisync.protocol.Json;
import dev.replisync.storage.OpenPush;
import dev.replisync.storage.PushTx;
import java.util.Map;
import java.util.Optional;

/** What is committed in a store, read without the storage that is tested. Safe for use by several threads. */
public interface StoreView {

    /**
     * The version of a space.
     *
     * @param spaceID the space
     * @return its version, 0 if it never moved
     */
    long version(String spaceID);

    /** {@return all client groups on record, by id} */
    Map<String, OpenPush.Group> groups();

    /** {@return all clients on record, by id} */
    Map<String, PushTx.Client> clients();

    /**
     * Counts the entities that exist.
     *
     * @param spaceID the space, as it is kept
     * @return how many
     */
    long entities(String spaceID);

    /**
     * An entity's value.
     *
     * @param spaceID the space, as it is kept
     * @param key the entity's key
     * @return the value, empty if it does not exist
     */
    Optional<Json> value(String spaceID, String key);
}
