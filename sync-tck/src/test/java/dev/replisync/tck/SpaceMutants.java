package dev.replisync.tck;

import dev.replisync.WriteContext;
import dev.replisync.protocol.Caller;
import dev.replisync.protocol.Json;
import dev.replisync.protocol.PullRequest;
import dev.replisync.storage.OpenPush;
import dev.replisync.storage.PatchSink;
import dev.replisync.storage.PushTx;
import dev.replisync.storage.VersionedReads;
import dev.replisync.strategy.DiffStrategy;
import dev.replisync.strategy.DiffStrategyProvider;
import dev.replisync.strategy.PullResult;
import dev.replisync.strategy.StrategyContext;
import dev.replisync.strategy.space.SpaceVersion;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiFunction;

/** What can go wrong where each space has a version of its own. */
final class SpaceMutants {
    private static final long A_MOMENT = 2_000_000;

    private SpaceMutants() {}

    /** The setup of mutants with spaces. */
    static ServerSetup<MemoryTx> setup(Mutant mutant) {
        return ServerSetup.of(
                        () -> new MutatedFixture(mutant),
                        mutant.strategy(new SpaceVersion()),
                        Trait.VERSIONS,
                        Trait.SEPARATE_SPACES)
                .withWiring((server, endpoint) -> mutant.wire(Wire.to(server, endpoint)));
    }

    /** A right implementation with spaces. */
    static Mutant right(String rule) {
        return new Other(rule, "", "a right implementation with spaces") {};
    }

    /** The contracts with spaces on a mutant of transactions. */
    private abstract static class Tx extends TxMutant {
        private final String contract;

        Tx(String rule, String contract, String name) {
            super(rule, name);
            this.contract = contract;
        }

        @Override
        String contract() {
            return contract;
        }

        @Override
        ServerSetup<MemoryTx> setup() {
            return SpaceMutants.setup(this);
        }

        static Set<String> others(Transaction tx, PushTx.Closing closing) {
            Set<String> others = new TreeSet<>(closing.spaces());
            tx.what().groups().forEach(group -> others.remove(group.spaceID()));
            return others;
        }
    }

    /** The contracts with spaces on a mutant of reads. */
    private abstract static class Read extends ReadMutant {
        private final String contract;

        Read(String rule, String contract, String name) {
            super(rule, name);
            this.contract = contract;
        }

        @Override
        String contract() {
            return contract;
        }

        @Override
        ServerSetup<MemoryTx> setup() {
            return SpaceMutants.setup(this);
        }
    }

    /** The contracts with spaces on any other mutant. */
    private abstract static class Other extends Mutant {
        private final String contract;

        Other(String rule, String contract, String name) {
            super(rule, name);
            this.contract = contract;
        }

        @Override
        String contract() {
            return contract;
        }

        @Override
        ServerSetup<MemoryTx> setup() {
            return SpaceMutants.setup(this);
        }
    }

    static List<Mutant> all() {
        return List.of(
                new Tx("R2", "SpaceContract", "a push moves all versions") {
                    @Override
                    void commit(Transaction tx, PushTx.Closing closing) {
                        tx.real().commit(closing);
                        shift(tx, ServerContract.OTHER, 1);
                    }
                },
                new Tx("R54", "MoveContract", "the version of the second space does not move") {
                    @Override
                    void commit(Transaction tx, PushTx.Closing closing) {
                        tx.real().commit(closing);
                        others(tx, closing).forEach(space -> shift(tx, space, -1));
                    }
                },
                new Tx("R54", "MoveContract", "what came to the second space is not stamped") {
                    @Override
                    void commit(Transaction tx, PushTx.Closing closing) {
                        tx.real().commit(closing);
                        Set<String> others = others(tx, closing);
                        tx.store()
                                .change(next -> next.rows.replaceAll(
                                        (key, row) -> others.contains(key.space()) ? row.stamped(0) : row));
                    }
                },
                new Tx("R54", "MoveContract", "the second space moves in a second transaction") {
                    @Override
                    void commit(Transaction tx, PushTx.Closing closing) {
                        MemoryState before = tx.store().state();
                        tx.real().commit(closing);
                        MemoryState after = tx.store().state();
                        Set<String> others = others(tx, closing);
                        tx.store().change(next -> put(next, others, before));
                        LockSupport.parkNanos(A_MOMENT);
                        tx.store().change(next -> put(next, others, after));
                    }
                },
                new KitMutantWithSpaces("R54", "what moves away stays where it was too") {
                    @Override
                    void move(KitHandle kit, MemoryTx tx, WriteContext ctx, String key, String space, Json value) {
                        kit.move(key, space, value);
                        kit.put(key, value);
                    }
                },
                new KitMutantWithSpaces("R54", "the application is not asked for the second space") {
                    @Override
                    void move(KitHandle kit, MemoryTx tx, WriteContext ctx, String key, String space, Json value) {
                        tx.move(ctx.space(), space, key, value, space);
                        tx.delete(ctx.space(), key);
                        tx.rows.replaceAll((row, now) -> row.space().equals(space) ? now.stamped(1) : now);
                    }

                    @Override
                    String says() {
                        return "The kit cannot use this fixture: kit(tx, ctx).move(\"item/1\", \"other\", …) did not call"
                                + " ctx.touchIn(";
                    }
                },
                new Other("R54", "MoveContract", "who listens to the second space is not poked") {
                    @Override
                    Wire wire(Wire right) {
                        return new DecoratedWire(right) {
                            @Override
                            public AutoCloseable listen(String user, String space, Runnable onPoke) {
                                return space.equals(ServerContract.SPACE)
                                        ? right.listen(user, space, onPoke)
                                        : () -> {};
                            }
                        };
                    }
                },
                new Tx("R27", "MoveContract", "a transaction locks its own space before the others") {
                    @Override
                    OpenPush opening(OpenPush what) {
                        String own = what.groups().stream()
                                .map(OpenPush.Group::spaceID)
                                .findFirst()
                                .orElse("");
                        TreeSet<String> spaces =
                                new TreeSet<>(Comparator.comparing((String space) -> !space.equals(own))
                                        .thenComparing(s -> s));
                        spaces.addAll(what.spaces());
                        return new OpenPush(
                                what.groups(), what.clientIDs(), spaces, what.lockVersions(), what.createSpaces());
                    }

                    @Override
                    void opened(Transaction tx) {
                        LockSupport.parkNanos(A_MOMENT);
                    }
                },
                new Tx("R27", "SpaceContract", "all spaces share one lock") {
                    @Override
                    void opened(Transaction tx) {
                        tx.handle().lock(MemoryLocks.Kind.NAMED, "", "all spaces");
                    }
                },
                new Tx("R45", "SpaceContract", "the space of a group is not looked at") {
                    @Override
                    PushTx.State state(Transaction tx) {
                        PushTx.State right = tx.real().state();
                        return new PushTx.State(
                                asked(tx.what()), right.clients(), right.versions(), right.unknownSpaces());
                    }
                },
                new Tx("R48", "SpaceContract", "a push to any space creates it") {
                    @Override
                    PushTx.State state(Transaction tx) {
                        PushTx.State right = tx.real().state();
                        return new PushTx.State(right.groups(), right.clients(), right.versions(), Set.of());
                    }
                },
                new Read("R48", "SpaceContract", "a pull creates the space that it asks for") {
                    @Override
                    void opening(MemoryStorage store, VersionedReads.Request request) {
                        store.createSpace(request.spaceID());
                    }
                },
                new Read("R14", "SpaceContract", "changes of all spaces are read") {
                    @Override
                    void changes(
                            MemoryStorage store,
                            VersionedReads.Request request,
                            VersionedReads.Snapshot right,
                            PatchSink sink) {
                        for (String space : store.state().spaces.keySet()) {
                            store.versioned()
                                    .orElseThrow()
                                    .open(new VersionedReads.Request(
                                            request.userID(), space, request.clientGroupID(), request.since()))
                                    .changes(sink);
                        }
                    }
                },
                new Read("R14", "SpaceContract", "a space has the version of the one that moved last") {
                    @Override
                    VersionedReads.State state(
                            MemoryStorage store, VersionedReads.Request request, VersionedReads.State s) {
                        long last = store.state().spaces.values().stream()
                                .mapToLong(MemoryState.Space::version)
                                .max()
                                .orElse(0);
                        return new VersionedReads.State(
                                s.epoch(),
                                s.ancestors(),
                                s.exists(),
                                last,
                                s.floor(),
                                s.secret(),
                                s.group(),
                                s.clients());
                    }
                },
                new Read("R51", "SpaceContract", "all spaces have the floor of the highest") {
                    @Override
                    VersionedReads.State state(
                            MemoryStorage store, VersionedReads.Request request, VersionedReads.State s) {
                        long highest = store.state().spaces.values().stream()
                                .mapToLong(MemoryState.Space::floor)
                                .max()
                                .orElse(0);
                        return new VersionedReads.State(
                                s.epoch(),
                                s.ancestors(),
                                s.exists(),
                                s.version(),
                                highest,
                                s.secret(),
                                s.group(),
                                s.clients());
                    }
                },
                new Other("R11", "SpaceContract", "a cookie does not say of which space it is") {
                    @Override
                    DiffStrategyProvider strategy(DiffStrategyProvider right) {
                        return pulling(right, (caller, request) -> {
                            String cookie = request.cookie()
                                    .toString()
                                    .replaceAll("\"p\":\"[^\"]*\"", "\"p\":\"" + caller.space() + "\"");
                            return new PullRequest(
                                    request.version(),
                                    request.clientGroupID(),
                                    request.profileID(),
                                    request.schemaVersion(),
                                    Json.parse(cookie));
                        });
                    }
                });
    }

    /** Moves entities in another way. */
    private abstract static class KitMutantWithSpaces extends Other {
        KitMutantWithSpaces(String rule, String name) {
            super(rule, "MoveContract", name);
        }

        abstract void move(KitHandle kit, MemoryTx tx, WriteContext ctx, String key, String space, Json value);

        @Override
        KitHandle kit(KitHandle right, MemoryTx tx, WriteContext ctx) {
            return new DecoratedKit(right) {
                @Override
                public void move(String key, String space, Json value) {
                    KitMutantWithSpaces.this.move(right, tx, ctx, key, space, value);
                }
            };
        }
    }

    /** A strategy that sees other pulls than were sent. */
    private static DiffStrategyProvider pulling(
            DiffStrategyProvider right, BiFunction<Caller, PullRequest, PullRequest> change) {
        return new DiffStrategyProvider() {
            @Override
            public String id() {
                return right.id();
            }

            @Override
            public DiffStrategy create(StrategyContext context) {
                DiffStrategy strategy = right.create(context);
                return new DiffStrategy() {
                    @Override
                    public String space(String requested) {
                        return strategy.space(requested);
                    }

                    @Override
                    public boolean movesVersions() {
                        return strategy.movesVersions();
                    }

                    @Override
                    public PullResult pull(Caller caller, PullRequest request) {
                        return strategy.pull(caller, change.apply(caller, request));
                    }
                };
            }
        };
    }

    private static void shift(TxMutant.Transaction tx, String space, long by) {
        tx.store().change(next -> {
            MemoryState.Space now = next.space(space);
            next.spaces.put(space, new MemoryState.Space(now.version() + by, now.floor()));
        });
    }

    private static void put(MemoryState next, Set<String> spaces, MemoryState as) {
        for (String space : spaces) {
            next.spaces.put(space, as.space(space));
            next.rows.keySet().removeIf(key -> key.space().equals(space));
            as.rows.forEach((key, row) -> {
                if (key.space().equals(space)) {
                    next.rows.put(key, row);
                }
            });
        }
    }
}
