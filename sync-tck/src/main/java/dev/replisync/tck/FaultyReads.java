package dev.replisync.tck;

import dev.replisync.storage.KeptViews;
import dev.replisync.storage.PatchSink;
import dev.replisync.storage.RecordStore;
import dev.replisync.storage.Storage;
import dev.replisync.storage.VersionedReads;
import dev.replisync.storage.ViewReads;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A storage that a test can make fail at each call of a pull, before or after the call did its work. */
final class FaultyReads<T> extends DecoratedStorage<T> {
    private final Consumer<Point> plan;

    /** Where something can go wrong. */
    enum Point {
        OPEN,
        OPENED,
        READ,
        /** Everything was read, and the end of it is lost. */
        HAD_READ,
        COUNT,
        /** The counter is stored, and the answer is lost. */
        COUNTED,
        READ_RECORD,
        WRITE_RECORD,
        /** The record is stored, and the answer is lost. */
        WROTE_RECORD
    }

    FaultyReads(Storage<T> real, Consumer<Point> plan) {
        super(real);
        this.plan = plan;
    }

    private void around(Point before, Runnable call, Point after) {
        plan.accept(before);
        call.run();
        plan.accept(after);
    }

    /** What was opened and is not handed over is closed, as a storage does it. */
    private <C> C opened(C opened, Runnable close) {
        try {
            plan.accept(Point.OPENED);
            return opened;
        } catch (RuntimeException e) {
            close.run();
            throw e;
        }
    }

    @Override
    public Optional<VersionedReads> versioned() {
        return super.versioned().map(real -> new Reads(real) {
            @Override
            public Snapshot open(VersionedReads.Request request) {
                plan.accept(Point.OPEN);
                Snapshot opened = super.open(request);
                return new FaultySnapshot(opened(opened, opened::close));
            }
        });
    }

    @Override
    public Optional<ViewReads> views() {
        return super.views().map(real -> new Views(real) {
            @Override
            public Pull open(ViewReads.Request request) {
                plan.accept(Point.OPEN);
                Pull opened = super.open(request);
                return new FaultyPull(opened(opened, opened::close));
            }

            @Override
            public Optional<KeptViews> kept() {
                return super.kept().map(kept -> request -> {
                    plan.accept(Point.OPEN);
                    KeptViews.Pull opened = kept.open(request);
                    return new FaultyKeptPull(opened(opened, opened::close));
                });
            }

            @Override
            public Optional<RecordStore> records() {
                return super.records().map(FaultyRecords::new);
            }
        });
    }

    private final class FaultySnapshot implements VersionedReads.Snapshot {
        private final VersionedReads.Snapshot real;

        FaultySnapshot(VersionedReads.Snapshot real) {
            this.real = real;
        }

        @Override
        public VersionedReads.State state() {
            return real.state();
        }

        @Override
        public void changes(PatchSink sink) {
            around(Point.READ, () -> real.changes(sink), Point.HAD_READ);
        }

        @Override
        public void everything(PatchSink sink) {
            around(Point.READ, () -> real.everything(sink), Point.HAD_READ);
        }

        @Override
        public void close() {
            real.close();
        }
    }

    private final class FaultyPull implements ViewReads.Pull {
        private final ViewReads.Pull real;

        FaultyPull(ViewReads.Pull real) {
            this.real = real;
        }

        @Override
        public ViewReads.State state() {
            return real.state();
        }

        @Override
        public void changes(ViewReads.ViewSink sink) {
            around(Point.READ, () -> real.changes(sink), Point.HAD_READ);
        }

        @Override
        public @Nullable String commit(long counter) {
            plan.accept(Point.COUNT);
            String proof = real.commit(counter);
            plan.accept(Point.COUNTED);
            return proof;
        }

        @Override
        public void close() {
            real.close();
        }
    }

    private final class FaultyKeptPull implements KeptViews.Pull {
        private final KeptViews.Pull real;

        FaultyKeptPull(KeptViews.Pull real) {
            this.real = real;
        }

        @Override
        public KeptViews.State state() {
            return real.state();
        }

        @Override
        public void changes(PatchSink sink) {
            around(Point.READ, () -> real.changes(sink), Point.HAD_READ);
        }

        @Override
        public void close() {
            real.close();
        }
    }

    private final class FaultyRecords implements RecordStore {
        private final RecordStore real;

        FaultyRecords(RecordStore real) {
            this.real = real;
        }

        @Override
        public Optional<byte[]> read(String id) {
            plan.accept(Point.READ_RECORD);
            return real.read(id);
        }

        @Override
        public void write(String id, byte[] record) {
            around(Point.WRITE_RECORD, () -> real.write(id, record), Point.WROTE_RECORD);
        }
    }
}
