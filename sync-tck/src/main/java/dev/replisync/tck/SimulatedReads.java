package dev.replisync.tck;

import dev.replisync.storage.KeptViews;
import dev.replisync.storage.PatchSink;
import dev.replisync.storage.VersionedReads;
import dev.replisync.storage.ViewReads;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads that come by a place before and after each call. */
final class SimulatedReads {
    private SimulatedReads() {}

    /** For strategies with versions. */
    static final class Versioned extends DecoratedStorage.Reads {
        private final Runnable at;

        Versioned(VersionedReads real, Runnable at) {
            super(real);
            this.at = at;
        }

        @Override
        public Snapshot open(VersionedReads.Request request) {
            at.run();
            Snapshot real = super.open(request);
            try {
                at.run();
            } catch (RuntimeException e) {
                real.close();
                throw e;
            }
            return new Snapshot() {
                @Override
                public VersionedReads.State state() {
                    return real.state();
                }

                @Override
                public void changes(PatchSink sink) {
                    at.run();
                    real.changes(sink);
                    at.run();
                }

                @Override
                public void everything(PatchSink sink) {
                    at.run();
                    real.everything(sink);
                    at.run();
                }

                @Override
                public void close() {
                    real.close();
                }
            };
        }
    }

    /** For strategies with client view records. */
    static final class OfViews extends DecoratedStorage.Views {
        private final Runnable at;

        OfViews(ViewReads real, Runnable at) {
            super(real);
            this.at = at;
        }

        @Override
        public Pull open(ViewReads.Request request) {
            at.run();
            Pull real = super.open(request);
            try {
                at.run();
            } catch (RuntimeException e) {
                real.close();
                throw e;
            }
            return new Pull() {
                @Override
                public ViewReads.State state() {
                    return real.state();
                }

                @Override
                public void changes(ViewSink sink) {
                    at.run();
                    real.changes(sink);
                    at.run();
                }

                @Override
                public @Nullable String commit(long counter) {
                    at.run();
                    String proof = real.commit(counter);
                    at.run();
                    return proof;
                }

                @Override
                public void close() {
                    real.close();
                }
            };
        }

        @Override
        public Optional<KeptViews> kept() {
            return super.kept().map(kept -> request -> {
                at.run();
                KeptViews.Pull real = kept.open(request);
                try {
                    at.run();
                } catch (RuntimeException e) {
                    real.close();
                    throw e;
                }
                return real;
            });
        }
    }
}
