package dev.replisync.jdbi;

import java.sql.SQLException;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.HandleCallback;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.config.JdbiConfig;
import org.jdbi.v3.core.transaction.TransactionException;
import org.jdbi.v3.core.transaction.TransactionHandler;
import org.jdbi.v3.core.transaction.TransactionIsolationLevel;
import org.jspecify.annotations.Nullable;

/** Tells of a handle whether it is in a transaction of the SDK, and in which. */
public final class SdkTransaction implements JdbiConfig<SdkTransaction> {
    private @Nullable JdbiPushTx transaction;

    /** In no transaction; called by Jdbi. */
    public SdkTransaction() {}

    private SdkTransaction(@Nullable JdbiPushTx transaction) {
        this.transaction = transaction;
    }

    @Override
    public SdkTransaction createCopy() {
        return new SdkTransaction(transaction);
    }

    /** Enters a transaction; returns whether it is the handle's first. */
    boolean enter(JdbiPushTx entered) {
        boolean first = transaction == null;
        this.transaction = entered;
        return first;
    }

    boolean isOpen() {
        return transaction != null && transaction.isOpen();
    }

    static JdbiPushTx of(Handle handle) {
        JdbiPushTx transaction = handle.getConfig(SdkTransaction.class).transaction;
        if (transaction == null || !transaction.isOpen()) {
            throw new IllegalStateException(
                    "the handle must be one that the SDK passed to a mutator or to a write of the"
                            + " server, and the mutator or write must not have ended");
        }
        return transaction;
    }

    /** Makes all handles of a Jdbi refuse to end a transaction of the SDK, and changes nothing else about them. */
    static void guard(Jdbi jdbi) {
        TransactionHandler before = jdbi.getTransactionHandler();
        if (!(before instanceof Guard)) {
            jdbi.setTransactionHandler(new Guard(before));
        }
    }

    private record Guard(TransactionHandler next) implements TransactionHandler {

        private static void check(Handle handle, String what) {
            if (handle.getConfig(SdkTransaction.class).isOpen()) {
                throw new TransactionException("a mutator must not " + what
                        + " the transaction, which is the SDK's: it is committed when the mutator has returned, and rolled"
                        + " back when it throws");
            }
        }

        @Override
        public TransactionHandler specialize(Handle handle) throws SQLException {
            return new Guard(next.specialize(handle));
        }

        @Override
        public void begin(Handle handle) {
            check(handle, "begin");
            next.begin(handle);
        }

        @Override
        public void commit(Handle handle) {
            check(handle, "commit");
            next.commit(handle);
        }

        @Override
        public void rollback(Handle handle) {
            check(handle, "roll back");
            next.rollback(handle);
        }

        @Override
        public boolean isInTransaction(Handle handle) {
            return next.isInTransaction(handle);
        }

        @Override
        public void savepoint(Handle handle, String savepointName) {
            next.savepoint(handle, savepointName);
        }

        @Override
        public void rollbackToSavepoint(Handle handle, String savepointName) {
            next.rollbackToSavepoint(handle, savepointName);
        }

        @Override
        public void releaseSavepoint(Handle handle, String savepointName) {
            next.releaseSavepoint(handle, savepointName);
        }

        @Override
        public <R, X extends Exception> R inTransaction(Handle handle, HandleCallback<R, X> callback) throws X {
            return next.inTransaction(handle, callback);
        }

        @Override
        public <R, X extends Exception> R inTransaction(
                Handle handle, TransactionIsolationLevel level, HandleCallback<R, X> callback) throws X {
            return next.inTransaction(handle, level, callback);
        }
    }
}
