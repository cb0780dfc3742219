package dev.replisync.tck;

import dev.replisync.storage.PatchSink;
import dev.replisync.storage.Storage;
import dev.replisync.storage.VersionedReads;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** A mutant of the reads; each is right unless it is overridden. */
class ReadMutant extends Mutant {
    ReadMutant(String rule, String name) {
        super(rule, name);
    }

    boolean perUser() {
        return true;
    }

    void opening(MemoryStorage store, VersionedReads.Request request) {}

    VersionedReads.Request asked(VersionedReads.Request right) {
        return right;
    }

    VersionedReads.State state(MemoryStorage store, VersionedReads.Request request, VersionedReads.State right) {
        return right;
    }

    VersionedReads.Snapshot rows(VersionedReads reads, VersionedReads.Request request, VersionedReads.Snapshot right) {
        return right;
    }

    PatchSink sink(PatchSink right) {
        return right;
    }

    void changes(MemoryStorage store, VersionedReads.Request request, VersionedReads.Snapshot right, PatchSink sink) {
        right.changes(sink);
    }

    void everything(
            VersionedReads reads, VersionedReads.Request request, VersionedReads.Snapshot right, PatchSink sink) {
        right.everything(sink);
    }

    static PatchSink sink(Consumer<String> del, BiConsumer<String, byte[]> put) {
        return new PatchSink() {
            @Override
            public void put(String key, byte[] json) {
                put.accept(key, json);
            }

            @Override
            public void del(String key) {
                del.accept(key);
            }
        };
    }

    @Override
    Storage<MemoryTx> storage(MemoryStorage right) {
        return new DecoratedStorage<>(right) {
            @Override
            public Optional<VersionedReads> versioned() {
                return super.versioned().map(reads -> mutated(right, reads));
            }
        };
    }

    private VersionedReads mutated(MemoryStorage store, VersionedReads right) {
        return new DecoratedStorage.Reads(right) {
            @Override
            public boolean perUser() {
                return ReadMutant.this.perUser();
            }

            @Override
            public Snapshot open(Request request) {
                opening(store, request);
                Snapshot real = right.open(asked(request));
                return new Snapshot() {
                    @Override
                    public State state() {
                        return ReadMutant.this.state(store, request, real.state());
                    }

                    @Override
                    public void changes(PatchSink sink) {
                        ReadMutant.this.changes(store, request, rows(right, request, real), sink(sink));
                    }

                    @Override
                    public void everything(PatchSink sink) {
                        ReadMutant.this.everything(right, request, rows(right, request, real), sink(sink));
                    }

                    @Override
                    public void close() {
                        real.close();
                    }
                };
            }
        };
    }
}
