package dev.replisync.tck;

import dev.replisync.WriteContext;
import dev.replisync.storage.KeptViews;
import dev.replisync.storage.OpenPush;
import dev.replisync.storage.PatchSink;
import dev.replisync.storage.PushTx;
import dev.replisync.storage.Storage;
import dev.replisync.storage.ViewReads;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The store in memory as SQLite would have it: whoever may write holds one lock, the only one, from open to close. */
final class OneWriterFixture implements SyncFixture<MemoryTx> {
    private static final int PATIENCE_SECONDS = 5;

    private final MemoryFixture right;
    private final Semaphore writer = new Semaphore(1, true);

    private OneWriterFixture(MemoryFixture right) {
        this.right = right;
    }

    static OneWriterFixture empty() {
        return new OneWriterFixture(new MemoryFixture());
    }

    static OneWriterFixture keepingViews() {
        return new OneWriterFixture(MemoryFixture.keepingViews());
    }

    /** The one writer, from its making to its end. */
    private final class Turn {
        private boolean over;

        Turn() {
            try {
                if (!writer.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                    throw new MemoryConflict("time-out while waiting for the one writer");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new MemoryConflict("interrupted while waiting for the one writer");
            }
        }

        /** Opens what is to end this turn when it is closed; the turn is over at once if that fails. */
        <C> C open(Supplier<C> open) {
            try {
                return open.get();
            } catch (RuntimeException | Error e) {
                end();
                throw e;
            }
        }

        void end() {
            if (!over) {
                over = true;
                writer.release();
            }
        }
    }

    @Override
    public Storage<MemoryTx> node() {
        return new DecoratedStorage<>(right.node()) {
            @Override
            public PushTx<MemoryTx> open(OpenPush what) {
                Turn turn = new Turn();
                return new DecoratedStorage.Tx<>(turn.open(() -> super.open(what))) {
                    @Override
                    public void close() {
                        super.close();
                        turn.end();
                    }
                };
            }

            @Override
            public Optional<ViewReads> views() {
                return super.views().map(OneWriterViews::new);
            }
        };
    }

    /** Pulls of client views write too: the counter, or the record. */
    private final class OneWriterViews extends DecoratedStorage.Views {
        OneWriterViews(ViewReads right) {
            super(right);
        }

        @Override
        public ViewReads.Pull open(ViewReads.Request request) {
            Turn turn = new Turn();
            ViewReads.Pull pull = turn.open(() -> super.open(request));
            return new ViewReads.Pull() {
                @Override
                public ViewReads.State state() {
                    return pull.state();
                }

                @Override
                public void changes(ViewReads.ViewSink sink) {
                    pull.changes(sink);
                }

                @Override
                public @Nullable String commit(long counter) {
                    return pull.commit(counter);
                }

                @Override
                public void close() {
                    pull.close();
                    turn.end();
                }
            };
        }

        @Override
        public Optional<KeptViews> kept() {
            return super.kept().map(kept -> new KeptViews() {
                @Override
                public KeptViews.Pull open(KeptViews.Request request) {
                    Turn turn = new Turn();
                    KeptViews.Pull pull = turn.open(() -> kept.open(request));
                    return new KeptViews.Pull() {
                        @Override
                        public KeptViews.State state() {
                            return pull.state();
                        }

                        @Override
                        public void changes(PatchSink sink) {
                            pull.changes(sink);
                        }

                        @Override
                        public void close() {
                            pull.close();
                            turn.end();
                        }
                    };
                }
            });
        }
    }

    @Override
    public KitHandle kit(MemoryTx tx, WriteContext ctx) {
        return right.kit(tx, ctx);
    }

    @Override
    public StoreView look() {
        return right.look();
    }

    @Override
    public Operator<MemoryTx> operator() {
        Operator<MemoryTx> of = right.operator();
        return new Operator<>() {
            @Override
            public Set<Feature> features() {
                Set<Feature> features = EnumSet.copyOf(of.features());
                features.remove(Feature.PARALLEL_WRITERS);
                return features;
            }

            @Override
            public void createSpace(String spaceID) {
                of.createSpace(spaceID);
            }

            @Override
            public void purgeTombstones() {
                of.purgeTombstones();
            }

            @Override
            public void collectClientGroups() {
                of.collectClientGroups();
            }

            @Override
            public Runnable backup() {
                return of.backup();
            }

            @Override
            public void newEpoch() {
                of.newEpoch();
            }

            @Override
            public void changeStrategy(String toStrategyID, Function<OpenPush.Group, String> spaceOfGroup) {
                of.changeStrategy(toStrategyID, spaceOfGroup);
            }

            @Override
            public void transaction(Consumer<MemoryTx> work) {
                Turn turn = new Turn();
                try {
                    of.transaction(work);
                } finally {
                    turn.end();
                }
            }
        };
    }

    @Override
    public void close() {
        right.close();
    }
}
