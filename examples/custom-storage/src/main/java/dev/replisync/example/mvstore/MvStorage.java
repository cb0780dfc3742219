package dev.replisync.example.mvstore;

import dev.replisync.storage.OpenPush;
import dev.replisync.storage.PushTx;
import dev.replisync.storage.Storage;
import dev.replisync.storage.VersionedReads;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import org.h2.engine.IsolationLevel;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.MVStoreException;
import org.h2.mvstore.tx.TransactionStore;
import org.h2.mvstore.tx.TransactionStore.RollbackListener;
import org.h2.mvstore.type.ObjectDataType;
import org.jspecify.annotations.Nullable;

/** A file of an embedded key-value store, with transactions. Safe for use by several threads. */
public final class MvStorage implements Storage<MvHandle>, VersionedReads, AutoCloseable {
    private static final int DEEPEST_CHAIN = 50;

    private static final RollbackListener IGNORE = (map, key, existing, restored) -> {};

    private final MVStore file;
    private final TransactionStore store;
    private final Locks locks = new Locks();

    /**
     * Opens a store, or creates it.
     *
     * @param path the file; null for one in memory
     */
    public MvStorage(@Nullable Path path) {
        file = MVStore.open(path == null ? null : path.toString());
        store = new TransactionStore(file, new ObjectDataType());
        store.init();
        store.endLeftoverTransactions(); // of a process that was killed: they are rolled back
        transaction(tx -> {
            tx.createSpace("global"); // the one of the global strategy
            tx.meta.putIfAbsent("epoch", UUID.randomUUID().toString());
            tx.meta.putIfAbsent("secret", UUID.randomUUID().toString());
        });
    }

    @Override
    public PushTx<MvHandle> open(OpenPush what) {
        MvHandle handle = begin(IsolationLevel.READ_COMMITTED);
        try {
            return new MvPush(handle, what, () -> commit(handle));
        } catch (RuntimeException e) {
            handle.rollback();
            throw e;
        }
    }

    @Override
    public PushTx<MvHandle> join(MvHandle handle, OpenPush what) {
        return new MvPush(handle, what, null);
    }

    @Override
    public Optional<VersionedReads> versioned() {
        return Optional.of(this);
    }

    /** No entity has columns that could be declared differently. */
    @Override
    public String viewVersion() {
        return "1";
    }

    @Override
    public boolean perUser() {
        return false;
    }

    @Override
    public Snapshot open(Request request) {
        return new MvSnapshot(begin(IsolationLevel.SNAPSHOT), request);
    }

    @Override
    public Failure classify(Throwable thrown, Where where) {
        Throwable t = thrown;
        for (int i = 0; t != null && i < DEEPEST_CHAIN; i++, t = t.getCause()) {
            if (t instanceof MVStoreException e) {
                int code = e.getErrorCode();
                boolean rolledBack =
                        code == DataUtils.ERROR_TRANSACTION_LOCKED || code == DataUtils.ERROR_TRANSACTIONS_DEADLOCK;
                return rolledBack || where != Where.COMMIT ? Failure.TRANSIENT : Failure.UNKNOWN;
            }
        }
        return where == Where.MUTATOR ? Failure.PERMANENT : Failure.TRANSIENT;
    }

    /**
     * Does work in a transaction of the application's own. Clients hear of its writes if it hands the handle to {@link
     * dev.replisync.SyncServer#writeWithin}.
     *
     * @param work what to do; rolled back if it throws
     */
    public void transaction(Consumer<MvHandle> work) {
        MvHandle handle = begin(IsolationLevel.READ_COMMITTED);
        try {
            work.accept(handle);
            commit(handle);
        } finally {
            handle.rollback();
        }
    }

    /**
     * Makes a space known.
     *
     * @param spaceID the space; nothing happens if it exists
     */
    public void createSpace(String spaceID) {
        transaction(tx -> tx.createSpace(spaceID));
    }

    /**
     * Forgets which keys changed up to now. Clients that have not pulled since are sent everything anew.
     *
     * @param spaceID a space that exists
     */
    public void forgetChanges(String spaceID) {
        transaction(tx -> {
            tx.lock(tx.spaces, spaceID);
            Rows.Space space = Objects.requireNonNull(tx.spaces.get(spaceID));
            tx.spaces.put(spaceID, new Rows.Space(space.version(), space.version()));
            List.copyOf(tx.changes(spaceID).keySet()).forEach(tx.changes(spaceID)::remove);
        });
    }

    MvHandle begin(IsolationLevel isolation) {
        return new MvHandle(locks, store.begin(IGNORE, 0, 0, isolation));
    }

    /** Makes it visible, then writes it to the file: only then may a client be told that it is processed. */
    private void commit(MvHandle handle) {
        handle.commit();
        file.commit();
    }

    /** Closes the file. */
    @Override
    public void close() {
        store.close();
        file.close();
    }
}
