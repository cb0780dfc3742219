package dev.replisync.tck;

import dev.replisync.WriteContext;
import dev.replisync.protocol.Json;
import dev.replisync.storage.OpenPush;
import dev.replisync.storage.PushTx;
import dev.replisync.storage.Storage;
import dev.replisync.strategy.rowversion.RowVersion;
import dev.replisync.tck.MemoryState.RowKey;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

/** Servers and mutators whose pulls are right and whose pokes are not: clients that wait for one stay behind. */
final class PokeMutants {
    private PokeMutants() {}

    /** The only pokes come while the transaction is still open. */
    static Mutant beforeTheCommit() {
        return new Mutant("R67", "a poke comes before the commit") {
            private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

            @Override
            Storage<MemoryTx> storage(MemoryStorage right) {
                return new DecoratedStorage<>(right) {
                    @Override
                    public PushTx<MemoryTx> open(OpenPush what) {
                        return new Tx<>(super.open(what)) {
                            @Override
                            public void commit(Closing closing) {
                                listeners.forEach(Runnable::run);
                                super.commit(closing);
                            }
                        };
                    }
                };
            }

            @Override
            Wire wire(Wire right) {
                return new DecoratedWire(right) {
                    @Override
                    public AutoCloseable listen(String user, String space, Runnable onPoke) {
                        listeners.add(onPoke);
                        return () -> listeners.remove(onPoke);
                    }
                };
            }
        };
    }

    /** As a mutator may with row versions, where no version has to move: without a word to the SDK. */
    static Mutant onlyOneOfTwoSpaces() {
        return new Narrow("R54", "who listens to the second space is not poked") {
            @Override
            KitHandle kit(KitHandle right, MemoryTx tx, WriteContext ctx) {
                return new DecoratedKit(right) {
                    @Override
                    public void move(String key, String space, Json value) {
                        poke(tx, ctx, key);
                        tx.move(ctx.space(), space, key, value, space);
                    }
                };
            }
        };
    }

    static Mutant notThoseWhoLoseIt() {
        return new Narrow("R55", "from whom an entity is taken is not poked") {
            @Override
            KitHandle kit(KitHandle right, MemoryTx tx, WriteContext ctx) {
                return new DecoratedKit(right) {
                    @Override
                    public void readers(String key, Set<String> users) {
                        tx.readers(ctx.space(), key, users);
                        poke(tx, ctx, key);
                    }
                };
            }
        };
    }

    static Mutant notThoseWhoGainIt() {
        return new Narrow("R55", "with whom an entity is shared is not poked") {
            @Override
            KitHandle kit(KitHandle right, MemoryTx tx, WriteContext ctx) {
                return new DecoratedKit(right) {
                    @Override
                    public void readers(String key, Set<String> users) {
                        poke(tx, ctx, key);
                        tx.readers(ctx.space(), key, users);
                    }
                };
            }
        };
    }

    /** What the mistakes of mutators have in common, and nothing wrong. */
    static Mutant right() {
        return new Narrow("R67", "a right implementation");
    }

    /** Row versions with a channel for each reader, which mutators name. */
    private static class Narrow extends Mutant {
        Narrow(String rule, String name) {
            super(rule, name);
        }

        /** For those who see an entity now. */
        static void poke(MemoryTx tx, WriteContext ctx, String key) {
            Set<String> readers = tx.row(new RowKey(ctx.space(), key)).readers();
            if (readers == null) {
                ctx.poke(MemoryFixture.channel(ctx.space(), null));
            } else {
                readers.forEach(user -> ctx.poke(MemoryFixture.channel(ctx.space(), user)));
            }
        }

        @Override
        MemoryFixture store() {
            return MemoryFixture.pokingReaders();
        }

        @Override
        ServerSetup<MemoryTx> setup() {
            return ServerSetup.of(
                            () -> new MutatedFixture(this),
                            new RowVersion().channels(MemoryFixture::channels),
                            Trait.VIEW_RECORDS,
                            Trait.SEPARATE_SPACES)
                    .withBatch(1);
        }
    }
}
