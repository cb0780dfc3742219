package dev.replisync.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.replisync.Mutators;
import dev.replisync.SyncEndpoint;
import dev.replisync.SyncObserver;
import dev.replisync.SyncServer;
import dev.replisync.SyncServerBuilder;
import dev.replisync.error.RejectedException;
import dev.replisync.error.RequestException;
import dev.replisync.protocol.Caller;
import dev.replisync.protocol.Json;
import dev.replisync.storage.OpenPush;
import dev.replisync.storage.PushTx;
import dev.replisync.storage.Storage;
import dev.replisync.strategy.global.GlobalVersion;
import dev.replisync.strategy.space.SpaceVersion;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the push loop makes of writes to other spaces than the one that is pushed to. */
class OtherSpacesTest {
    private final MemoryStorage storage = new MemoryStorage();
    private final AtomicInteger runs = new AtomicInteger();
    private final List<Set<String>> poked = new ArrayList<>();
    private final List<String> failed = new ArrayList<>();
    private final SyncObserver observer = new SyncObserver() {
        @Override
        public void poked(Set<String> channels) {
            poked.add(Set.copyOf(channels));
        }

        @Override
        public void mutationFailed(
                Caller caller, String group, dev.replisync.protocol.Mutation mutation, Throwable cause) {
            failed.add(mutation.id() + ": " + cause.getMessage());
        }
    };

    record To(String space) {}

    @BeforeEach
    void createSpaces() {
        List.of("a", "b", "c").forEach(storage::createSpace);
    }

    private Mutators<MemoryTx> mutators() {
        return new Mutators<MemoryTx>()
                .add("touch", To.class, (tx, to, ctx) -> {
                    runs.incrementAndGet();
                    ctx.touchIn(to.space(), "item/1", Set.of());
                })
                .add("swallow", To.class, (tx, to, ctx) -> {
                    try {
                        ctx.touchIn(to.space(), "item/1", Set.of());
                    } catch (RuntimeException e) {
                        assertThat(e).isNotNull();
                    }
                    tx.put("item/2", Json.of(runs.incrementAndGet()));
                })
                .add("wrap", To.class, (tx, to, ctx) -> {
                    try {
                        ctx.touchIn(to.space(), "item/1", Set.of());
                    } catch (RuntimeException e) {
                        throw new RejectedException("wrapped: " + e.getMessage());
                    }
                })
                .add("touchThenFail", To.class, (tx, to, ctx) -> {
                    ctx.touchIn(to.space(), "item/1", Set.of());
                    throw new RejectedException("after it");
                })
                .add("everNew", Json.class, (tx, args, ctx) -> {
                    runs.incrementAndGet();
                    ctx.touchIn(UUID.randomUUID().toString(), "item/1", Set.of());
                });
    }

    private SyncServer<MemoryTx> server(Storage<MemoryTx> on, UnaryOperator<SyncServerBuilder<MemoryTx>> options) {
        return options.apply(SyncServer.builder(on)
                        .mutators(mutators())
                        .strategy(new SpaceVersion())
                        .observer(observer))
                .build();
    }

    private SyncServer<MemoryTx> server() {
        return server(storage, builder -> builder);
    }

    private static ModelClient client(SyncServer<MemoryTx> server) {
        SyncEndpoint endpoint = server.endpoint(request -> request.bearerToken().orElseThrow());
        return new ModelClient(Wire.to(server, endpoint), "ann", "a");
    }

    private long version(String space) {
        return storage.state().space(space).version();
    }

    @Test
    void aMutatorThatSwallowsTheEndOfItsAttemptIsRunAgainAllTheSame() {
        try (SyncServer<MemoryTx> server = server()) {
            client(server).mutate("swallow", new To("b")).push();
            assertThat(runs).hasValue(2);
            assertThat(version("b")).isEqualTo(1);
            client(server).mutate("wrap", new To("c")).push();
            assertThat(version("c")).isEqualTo(1);
            assertThat(failed).isEmpty();
        }
    }

    @Test
    void manyMovesOfOneBatchCostAFewRunsEach() {
        int moves = 90;
        for (int i = 0; i < moves; i++) {
            storage.createSpace("s" + i);
        }
        try (SyncServer<MemoryTx> server = server()) {
            ModelClient client = client(server);
            for (int i = 0; i < moves; i++) {
                client.mutate("touch", new To("s" + i));
            }
            client.push();
            for (int i = 0; i < moves; i++) {
                assertThat(version("s" + i)).as("version of s%d", i).isEqualTo(1);
            }
            assertThat(runs.get()).as("runs of %d mutators", moves).isLessThan(8 * moves);
            assertThat(poked).as("pokes of one push").hasSize(1);
            assertThat(poked.get(0)).hasSize(moves + 1);
        }
    }

    @Test
    void manyMovesToOneSpaceShareATransaction() {
        try (SyncServer<MemoryTx> server = server()) {
            ModelClient client = client(server);
            for (int i = 0; i < 20; i++) {
                client.mutate("touch", new To("b"));
            }
            client.push();
            assertThat(version("b")).isEqualTo(1);
            assertThat(runs).hasValue(21);
        }
    }

    @Test
    void aMutatorThatAsksForAnotherSpaceEachTimeFailsForGood() {
        try (SyncServer<MemoryTx> server = server(storage, SyncServerBuilder::createSpaces)) {
            ModelClient client = client(server).mutate("everNew", Map.of()).mutate("touch", new To("b"));
            client.push();
            assertThat(failed)
                    .containsExactly("1: more than 100 spaces were asked for in one transaction; name them the same way"
                            + " on each run of a mutator, and write to fewer at once");
            assertThat(version("b")).isEqualTo(1);
            assertThat(storage.state().spaces.keySet())
                    .as("spaces, none of them from a run that was rolled back")
                    .containsOnly("a", "b", "c");
            assertThatThrownBy(() -> server.<RuntimeException>write(
                            "a", (tx, ctx) -> ctx.touchIn(UUID.randomUUID().toString(), "item/1", Set.of())))
                    .isInstanceOf(RejectedException.class)
                    .hasMessageStartingWith("more than 100 spaces");
        }
    }

    /** Rule R20: each push gets further, however little time there is. */
    @Test
    void aMoveIsProcessedHoweverLittleTimeThereIs() {
        try (SyncServer<MemoryTx> server = server(storage, b -> b.timeLimit(Duration.ofNanos(1)))) {
            ModelClient client = client(server).mutate("touch", new To("b")).mutate("touch", new To("c"));
            assertThat(client.tryPush().status()).isEqualTo(503);
            assertThat(version("b")).isEqualTo(1);
            client.pull();
            client.push();
            assertThat(version("c")).isEqualTo(1);
        }
    }

    @Test
    void aMutationThatFailedMovesNoOtherSpace() {
        try (SyncServer<MemoryTx> server = server()) {
            client(server)
                    .mutate("touchThenFail", new To("b"))
                    .mutate("touch", new To("c"))
                    .push();
            assertThat(failed).containsExactly("1: after it");
            assertThat(List.of(version("a"), version("b"), version("c"))).containsExactly(2L, 0L, 1L);
            assertThat(poked).containsExactly(Set.of("a", "c"));
        }
    }

    /** Rule R67: of a commit whose answer was lost both sides are told, once. */
    @Test
    void aCommitWhoseAnswerIsLostPokesBothSpacesOnce() {
        AtomicInteger commits = new AtomicInteger();
        Storage<MemoryTx> faulty = new FaultyStorage<>(storage, point -> {
            if (point == FaultyStorage.Point.COMMITTED && commits.incrementAndGet() == 1) {
                throw FaultyStorage.Fault.at(point);
            }
        });
        try (SyncServer<MemoryTx> server = server(faulty, builder -> builder)) {
            client(server).mutate("touch", new To("b")).push();
            assertThat(List.of(version("a"), version("b"))).containsExactly(1L, 1L);
            assertThat(poked).containsExactly(Set.of("a", "b"));
        }
    }

    @Test
    void anAttemptThatIsRolledBackPokesNobody() {
        Storage<MemoryTx> faulty = new FaultyStorage<>(storage, point -> {
            if (point == FaultyStorage.Point.COMMIT) {
                throw FaultyStorage.Fault.at(point);
            }
        });
        try (SyncServer<MemoryTx> server = server(faulty, b -> b.timeLimit(Duration.ofMillis(1)))) {
            assertThat(client(server).mutate("touch", new To("b")).tryPush().status())
                    .isEqualTo(503);
            assertThat(poked).isEmpty();
        }
    }

    @Test
    void namesThatAreNoneAreRejected() {
        try (SyncServer<MemoryTx> server = server()) {
            client(server)
                    .mutate("touch", new To("global"))
                    .mutate("touch", new To(""))
                    .mutate("touch", new To("nowhere"))
                    .push();
            assertThat(failed)
                    .containsExactly(
                            "1: no space can be named 'global'",
                            "2: space must not be empty",
                            "3: space 'nowhere' does not exist");
            assertThat(version("a")).as("each is processed").isPositive();
            for (String bad : List.of("", "a\u0000", "x".repeat(600))) {
                assertThatThrownBy(() -> server.<RuntimeException>write(bad, (tx, ctx) -> {}))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageStartingWith("space must");
            }
        }
    }

    /** Not the one that was asked for, which a strategy with one space keeps nowhere. */
    @Test
    void aStoreThatDoesNotCreateTheStrategysOwnSpaceHearsItsName() {
        Storage<MemoryTx> lazy = new DecoratedStorage<>(storage) {
            @Override
            public PushTx<MemoryTx> open(OpenPush what) {
                return new DecoratedStorage.Tx<>(super.open(what)) {
                    @Override
                    public State state() {
                        State read = super.state();
                        return new State(read.groups(), read.clients(), Map.of(), what.spaces());
                    }
                };
            }
        };
        try (SyncServer<MemoryTx> server = server(lazy, builder -> builder.strategy(new GlobalVersion()))) {
            assertThat(client(server).mutate("swallow", new To("a")).tryPush().body())
                    .contains("space 'global' does not exist");
            assertThatThrownBy(() -> server.<RuntimeException>write("a", (tx, ctx) -> {}))
                    .isInstanceOf(RequestException.class)
                    .hasMessage("space 'global' does not exist");
        }
    }

    @Test
    void aWriteToASpaceThatDoesNotExistFailsAtOnce() {
        AtomicInteger opened = new AtomicInteger();
        Storage<MemoryTx> counted = new FaultyStorage<>(storage, point -> {
            if (point == FaultyStorage.Point.OPEN) {
                opened.incrementAndGet();
            }
        });
        try (SyncServer<MemoryTx> server = server(counted, builder -> builder)) {
            assertThatThrownBy(() -> server.<RuntimeException>write("nowhere", (tx, ctx) -> {}))
                    .isInstanceOf(RequestException.class)
                    .hasMessage("space 'nowhere' does not exist");
            assertThat(opened).hasValue(1);
        }
    }

    @Test
    void aWriteOfTheServerIsRunAgainWithTheSpacesThatItTouches() {
        try (SyncServer<MemoryTx> server = server()) {
            server.<RuntimeException>write("a", (tx, ctx) -> {
                runs.incrementAndGet();
                ctx.touchIn("c", "item/1", Set.of());
                ctx.touchIn("b", "item/1", Set.of());
            });
            assertThat(runs).hasValue(3);
            assertThat(poked).containsExactly(Set.of("a", "b", "c"));
        }
    }

    /** The application's transaction cannot be run again, so it must say what it touches. */
    @Test
    void aWriteWithinATransactionTouchesWhatItNamedAndNothingElse() {
        try (SyncServer<MemoryTx> server = server()) {
            List<Runnable> pokes = new ArrayList<>();
            storage.transaction(handle -> pokes.add(server.<RuntimeException>writeWithin(
                    handle, "a", Set.of("b"), (tx, ctx) -> ctx.touchIn("b", "item/1", Set.of()))));
            assertThat(version("b")).isEqualTo(1);
            assertThat(poked).isEmpty();
            pokes.forEach(Runnable::run);
            assertThat(poked).containsExactly(Set.of("a", "b"));
            for (boolean swallows : new boolean[] {false, true}) {
                assertThatThrownBy(() -> storage.transaction(handle ->
                                server.<RuntimeException>writeWithin(handle, "a", Set.of("b"), (tx, ctx) -> {
                                    try {
                                        ctx.touchIn("c", "item/1", Set.of());
                                    } catch (IllegalStateException e) {
                                        if (!swallows) {
                                            throw e;
                                        }
                                    }
                                })))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessage("space 'c' was not named when the write began; pass it to writeWithin(…) as one of"
                                + " otherSpaces");
            }
            assertThat(List.of(version("a"), version("b"), version("c"))).containsExactly(1L, 1L, 0L);
        }
    }

    @Test
    void anyChannelThatAnotherNodeHeardOfCanBePoked() throws Exception {
        for (var strategy : List.of(new SpaceVersion(), new GlobalVersion())) {
            storage.changeStrategy(strategy.id(), group -> "global");
            try (SyncServer<MemoryTx> server = server(storage, builder -> builder.strategy(strategy))) {
                AtomicInteger heard = new AtomicInteger();
                server.pokes(Caller.of("ann", "a"), heard::incrementAndGet);
                server.poke("a");
                StoreContract.eventually("a poke", () -> heard.get() == 1);
                for (String channel : List.of("global", "user/ann", "")) {
                    server.poke(channel);
                }
            }
        }
    }
}
