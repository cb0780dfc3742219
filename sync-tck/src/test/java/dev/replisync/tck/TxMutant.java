package dev.replisync.tck;

import dev.replisync.storage.OpenPush;
import dev.replisync.storage.PushTx;
import dev.replisync.storage.Storage;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** A mutant of a store's transactions; each call is right unless it is overridden. */
class TxMutant extends Mutant {

    TxMutant(String rule, String name) {
        super(rule, name);
    }

    @Override
    Storage<MemoryTx> storage(MemoryStorage right) {
        return new DecoratedStorage<>(right) {
            @Override
            public PushTx<MemoryTx> open(OpenPush what) {
                beforeOpen(right, what);
                Transaction tx = new Transaction(right, what, super.open(opening(what)));
                opened(tx);
                return tx;
            }

            @Override
            public Failure classify(Throwable thrown, Where where) {
                return TxMutant.this.classify(super.classify(thrown, where));
            }
        };
    }

    void beforeOpen(MemoryStorage store, OpenPush what) {}

    /** The pushing groups as the push claims that they are. */
    static Map<String, OpenPush.Group> asked(OpenPush what) {
        return what.groups().stream().collect(Collectors.toMap(OpenPush.Group::id, group -> group));
    }

    OpenPush opening(OpenPush what) {
        return what;
    }

    void opened(Transaction tx) {}

    PushTx.State state(Transaction tx) {
        return tx.real().state();
    }

    void touch(Transaction tx, String space, String key, Set<String> lostBy) {
        tx.real().touch(space, key, lostBy);
    }

    boolean visible(Transaction tx, String user, String space, String key) {
        return tx.real().visible(user, space, key);
    }

    void lock(Transaction tx, String space, String name) {
        tx.real().lock(space, name);
    }

    void commit(Transaction tx, PushTx.Closing closing) {
        tx.real().commit(closing);
    }

    void close(Transaction tx) {
        tx.real().close();
    }

    Storage.Failure classify(Storage.Failure right) {
        return right;
    }

    /** An open transaction of the mutant. */
    final class Transaction extends DecoratedStorage.Tx<MemoryTx> {
        private final MemoryStorage store;
        private final OpenPush what;
        private final PushTx<MemoryTx> real;

        Transaction(MemoryStorage store, OpenPush what, PushTx<MemoryTx> real) {
            super(real);
            this.store = store;
            this.what = what;
            this.real = real;
        }

        MemoryStorage store() {
            return store;
        }

        OpenPush what() {
            return what;
        }

        PushTx<MemoryTx> real() {
            return real;
        }

        @Override
        public State state() {
            return TxMutant.this.state(this);
        }

        @Override
        public void touch(String spaceID, String key, Set<String> lostBy) {
            TxMutant.this.touch(this, spaceID, key, lostBy);
        }

        @Override
        public boolean visible(String userID, String spaceID, String key) {
            return TxMutant.this.visible(this, userID, spaceID, key);
        }

        @Override
        public void lock(String spaceID, String name) {
            TxMutant.this.lock(this, spaceID, name);
        }

        @Override
        public void commit(Closing closing) {
            TxMutant.this.commit(this, closing);
        }

        @Override
        public void close() {
            TxMutant.this.close(this);
        }
    }
}
