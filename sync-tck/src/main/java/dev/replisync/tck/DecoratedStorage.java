package dev.replisync.tck;

import dev.replisync.storage.KeptViews;
import dev.replisync.storage.OpenPush;
import dev.replisync.storage.PushTx;
import dev.replisync.storage.RecordStore;
import dev.replisync.storage.Storage;
import dev.replisync.storage.VersionedReads;
import dev.replisync.storage.ViewReads;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Passes every call on; what is to be different is overridden. */
class DecoratedStorage<T> implements Storage<T> {
    private final Storage<T> real;

    DecoratedStorage(Storage<T> real) {
        this.real = real;
    }

    /** A node of another release, which serialises its entities differently (rule R43). */
    static <T> Storage<T> ofRelease(Storage<T> real, String viewVersion) {
        return new DecoratedStorage<>(real) {
            @Override
            public Optional<VersionedReads> versioned() {
                return super.versioned().map(reads -> new Reads(reads) {
                    @Override
                    public String viewVersion() {
                        return viewVersion;
                    }
                });
            }

            @Override
            public Optional<ViewReads> views() {
                return super.views().map(views -> new Views(views) {
                    @Override
                    public String viewVersion() {
                        return viewVersion;
                    }
                });
            }
        };
    }

    @Override
    public PushTx<T> open(OpenPush what) {
        return real.open(what);
    }

    @Override
    public PushTx<T> join(T handle, OpenPush what) {
        return real.join(handle, what);
    }

    @Override
    public Optional<VersionedReads> versioned() {
        return real.versioned();
    }

    @Override
    public Optional<ViewReads> views() {
        return real.views();
    }

    @Override
    public boolean sharesTransactions() {
        return real.sharesTransactions();
    }

    @Override
    public Failure classify(Throwable thrown, Where where) {
        return real.classify(thrown, where);
    }

    @Override
    public List<String> problems(Check check) {
        return real.problems(check);
    }

    /** Passes every call of a transaction on. */
    static class Tx<T> implements PushTx<T> {
        private final PushTx<T> real;

        Tx(PushTx<T> real) {
            this.real = real;
        }

        @Override
        public State state() {
            return real.state();
        }

        @Override
        public boolean exists(String spaceID) {
            return real.exists(spaceID);
        }

        @Override
        public T handle() {
            return real.handle();
        }

        @Override
        public void touch(String spaceID, String key, Set<String> lostBy) {
            real.touch(spaceID, key, lostBy);
        }

        @Override
        public boolean visible(String userID, String spaceID, String key) {
            return real.visible(userID, spaceID, key);
        }

        @Override
        public void lock(String spaceID, String name) {
            real.lock(spaceID, name);
        }

        @Override
        public void commit(Closing closing) {
            real.commit(closing);
        }

        @Override
        public void close() {
            real.close();
        }
    }

    /** Passes every read on. */
    static class Reads implements VersionedReads {
        private final VersionedReads real;

        Reads(VersionedReads real) {
            this.real = real;
        }

        @Override
        public String viewVersion() {
            return real.viewVersion();
        }

        @Override
        public boolean perUser() {
            return real.perUser();
        }

        @Override
        public Snapshot open(VersionedReads.Request request) {
            return real.open(request);
        }
    }

    /** Passes every call for client views on. */
    static class Views implements ViewReads {
        private final ViewReads real;

        Views(ViewReads real) {
            this.real = real;
        }

        @Override
        public String viewVersion() {
            return real.viewVersion();
        }

        @Override
        public Pull open(ViewReads.Request request) {
            return real.open(request);
        }

        @Override
        public Optional<KeptViews> kept() {
            return real.kept();
        }

        @Override
        public Optional<RecordStore> records() {
            return real.records();
        }
    }
}
