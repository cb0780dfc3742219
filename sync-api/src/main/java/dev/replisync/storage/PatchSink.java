package dev.replisync.storage;

/** Takes the operations of a patch, one at a time. Used by one thread. */
public interface PatchSink {

    /**
     * An entity exists.
     *
     * @param key its key
     * @param json its value as one well-formed JSON value in UTF-8, sent to the client as it is; not kept, so the array
     *     may be used again
     */
    void put(String key, byte[] json);

    /**
     * An entity is gone.
     *
     * @param key its key
     */
    void del(String key);
}
