package dev.replisync.tck;

import dev.replisync.WriteContext;
import dev.replisync.storage.Storage;

/**
 * One fresh store, as a backend offers it to the kit. Made anew for each test and closed after it; used by several
 * threads.
 *
 * @param <T> the storage's handle
 */
public interface SyncFixture<T> extends AutoCloseable {

    /**
     * A node on the store: each call gives another one, as another server process would be, with connections of its own
     * and nothing in memory that the others share.
     *
     * @return the storage of a new node
     */
    Storage<T> node();

    /**
     * The kit's view of a handle: entities with keys of the form {@code item/<id>} and any JSON as value, in the space of
     * the context (under strategies that keep one space only, in that one).
     *
     * @param tx the handle
     * @param ctx the context that came with it, to be touched where nothing else notes a write
     * @return reads and writes entities
     */
    KitHandle kit(T tx, WriteContext ctx);

    /** {@return a look into the store past the storage: what is committed at the moment of each call} */
    StoreView look();

    /** {@return what an operator can do with the store, and which features it has} */
    Operator<T> operator();

    /** Gives everything back. */
    @Override
    void close();
}
