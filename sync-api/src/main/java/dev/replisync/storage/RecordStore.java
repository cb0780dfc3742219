package dev.replisync.storage;

import java.util.Optional;

/**
 * Where the row-version strategy keeps its client view records: what it last sent to a client. A cache, neither durable
 * nor part of the data's transaction: a record that is lost costs its client a full pull and nothing else. A store
 * forgets by itself what was not read or written for long, and must keep each record for a while after later ones are
 * written, because answers get lost and tabs lag behind (rule R50). Safe for use by several threads, and shared by all
 * nodes that answer the same clients.
 *
 * <p>Any method may throw any runtime exception: a record that cannot be read is taken for lost, one that cannot be
 * written will be.
 */
public interface RecordStore {

    /**
     * Reads a record.
     *
     * @param id its id: letters, digits, {@code -} and {@code _}, at most 64 of them. It comes from a client, so it may
     *     be one that was never written
     * @return its bytes as they were written, empty if it is not there any more
     */
    Optional<byte[]> read(String id);

    /**
     * Keeps a record. Writing an id again writes the same bytes.
     *
     * @param id its id
     * @param record its bytes, not changed by anyone afterwards
     */
    void write(String id, byte[] record);
}
