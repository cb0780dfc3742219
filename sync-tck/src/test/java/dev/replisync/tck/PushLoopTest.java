package dev.replisync.tck;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.replisync.Mutators;
import dev.replisync.SyncEndpoint;
import dev.replisync.SyncObserver;
import dev.replisync.SyncServer;
import dev.replisync.SyncServerBuilder;
import dev.replisync.error.RejectedException;
import dev.replisync.error.RetryLaterException;
import dev.replisync.protocol.Caller;
import dev.replisync.protocol.Mutation;
import dev.replisync.storage.OpenPush;
import dev.replisync.storage.PushTx;
import dev.replisync.storage.Storage.Failure;
import dev.replisync.strategy.space.SpaceVersion;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How often the push loop tries, what it opens, and what it tells: the part of its work that clients do not see. */
class PushLoopTest {
    private final MemoryStorage storage = new MemoryStorage();
    private final AtomicLong nanos = new AtomicLong();
    private final List<SortedSet<String>> opened = new ArrayList<>();
    private final List<String> ran = new ArrayList<>();
    private final List<String> told = new ArrayList<>();
    /** How many more times a commit fails in which a mutation named {@code doom} ran. */
    private int dooms = Integer.MAX_VALUE;

    private Failure doom = Failure.TRANSIENT;
    private boolean doomed;

    record To(List<String> spaces) {}

    @BeforeEach
    void createSpaces() {
        List.of("a", "b", "c").forEach(storage::createSpace);
    }

    private SyncServer<MemoryTx> server(UnaryOperator<SyncServerBuilder<MemoryTx>> options) {
        Mutators<MemoryTx> mutators = new Mutators<MemoryTx>()
                .add("touch", To.class, (tx, to, ctx) -> {
                    note(ctx.mutation());
                    to.spaces().forEach(space -> ctx.touchIn(space, "item/1", Set.of()));
                })
                .add("slowTouch", To.class, (tx, to, ctx) -> {
                    note(ctx.mutation());
                    nanos.addAndGet(Duration.ofMinutes(1).toNanos());
                    to.spaces().forEach(space -> ctx.touchIn(space, "item/1", Set.of()));
                })
                .add("touchThenFail", To.class, (tx, to, ctx) -> {
                    to.spaces().forEach(space -> ctx.touchIn(space, "item/1", Set.of()));
                    throw new RejectedException("after it");
                })
                .add("doom", To.class, (tx, to, ctx) -> {
                    note(ctx.mutation());
                    to.spaces().forEach(space -> ctx.touchIn(space, "item/1", Set.of()));
                    doomed = true;
                })
                .add("later", To.class, (tx, to, ctx) -> {
                    note(ctx.mutation());
                    throw new RetryLaterException("not now");
                });
        SyncObserver observer = new SyncObserver() {
            @Override
            public void mutationFailed(Caller caller, String group, Mutation mutation, Throwable cause) {
                told.add("failed " + mutation.id() + ": " + cause.getMessage());
            }

            @Override
            public void mutationDelayed(Caller caller, String group, Mutation mutation, Throwable cause) {
                told.add("delayed " + mutation.id() + ": " + cause.getMessage());
            }
        };
        FaultyStorage<MemoryTx> faulty = new FaultyStorage<>(storage, point -> {
            if (point == FaultyStorage.Point.OPEN) {
                doomed = false;
            }
            if (point == FaultyStorage.Point.COMMIT && doomed && dooms-- > 0) {
                throw new FaultyStorage.Fault(doom, point);
            }
        });
        DecoratedStorage<MemoryTx> watched = new DecoratedStorage<>(faulty) {
            @Override
            public PushTx<MemoryTx> open(OpenPush what) {
                opened.add(what.spaces());
                return super.open(what);
            }
        };
        return options.apply(SyncServer.builder(watched)
                        .mutators(mutators)
                        .strategy(new SpaceVersion())
                        .observer(observer)
                        .time(nanos::get, time -> {}))
                .build();
    }

    private void note(Mutation mutation) {
        ran.add(mutation.name() + mutation.id());
    }

    private static ModelClient client(SyncServer<MemoryTx> server) {
        SyncEndpoint endpoint = server.endpoint(request -> request.bearerToken().orElseThrow());
        return new ModelClient(Wire.to(server, endpoint), "ann", "a");
    }

    private static To to(String... spaces) {
        return new To(List.of(spaces));
    }

    private long version(String space) {
        return storage.state().space(space).version();
    }

    /** Rule R27: a lock that nobody needs any more holds others up. */
    @Test
    void aTransactionIsOpenedWithTheSpacesOfItsOwnMutationsOnly() {
        try (SyncServer<MemoryTx> server = server(builder -> builder.batch(1))) {
            client(server)
                    .mutate("touch", to("b"))
                    .mutate("touchThenFail", to("c"))
                    .mutate("touch", to())
                    .push();
        }
        assertThat(opened.stream().map(String::valueOf))
                .containsExactly("[a]", "[a, b]", "[a]", "[a, c]", "[a]", "[a]");
    }

    /** Rule R20: the time is over also for what would only be run again with another space. */
    @Test
    void whatNeedsAnotherSpaceIsLeftWhenTheTimeIsOver() {
        try (SyncServer<MemoryTx> server = server(builder -> builder.batch(1))) {
            ModelClient client = client(server).mutate("touch", to()).mutate("slowTouch", to("b"));
            assertThat(client.tryPush().status()).isEqualTo(503);
            assertThat(ran).containsExactly("touch1", "slowTouch2");
            assertThat(version("b")).isZero();
            client.pull();
            client.push();
            assertThat(version("b")).isEqualTo(1);
        }
    }

    @Test
    void spacesAskedForAreNoAttempts() {
        doom = Failure.POISONED;
        dooms = 2;
        try (SyncServer<MemoryTx> server = server(builder -> builder)) {
            client(server).mutate("doom", to("b", "c")).push();
        }
        assertThat(ran).as("two runs for spaces, and three attempts").hasSize(5);
        assertThat(told).isEmpty();
        assertThat(version("c")).isEqualTo(1);
    }

    @Test
    void whatCannotBeDecidedIsTriedTenTimesAndThenByItself() {
        try (SyncServer<MemoryTx> server = server(builder -> builder)) {
            ModelClient client = client(server)
                    .mutate("touch", to())
                    .mutate("touch", to("b"))
                    .mutate("later", to())
                    .mutate("touch", to("c"));
            assertThat(client.tryPush().status()).isEqualTo(503);
        }
        assertThat(ran.stream().filter("later3"::equals)).hasSize(20);
        assertThat(told).containsExactly("delayed 3: not now");
        assertThat(List.of(version("a"), version("b"), version("c"))).containsExactly(1L, 1L, 0L);
        assertThat(opened).as("one for the space, ten, one, ten").hasSize(22);
    }

    /** Nobody knows whose fault it is, so each is on its own, and all but one get through. */
    @Test
    void ofACommitThatNeverSucceedsAllAreSavedThatCanBe() {
        try (SyncServer<MemoryTx> server = server(builder -> builder)) {
            ModelClient client =
                    client(server).mutate("touch", to()).mutate("doom", to()).mutate("touch", to("b"));
            ModelClient well = client.tab().mutate("touch", to("c"));
            List<ObjectNode> all = new ArrayList<>(client.pending());
            all.addAll(well.pending());
            assertThat(client.send(all).status()).isEqualTo(503);
        }
        assertThat(told).containsExactly("delayed 2: a fault that the kit made: TRANSIENT at COMMIT");
        assertThat(List.of(version("a"), version("b"), version("c"))).containsExactly(2L, 0L, 1L);
        assertThat(ran.stream().filter("doom2"::equals)).hasSizeLessThanOrEqualTo(22);
    }

    @Test
    void whoeverWatchesIsToldTheReason() {
        try (SyncServer<MemoryTx> server = server(builder -> builder)) {
            ModelClient client = client(server).mutate("nobody", to()).mutate("later", to());
            assertThat(client.tryPush().status()).isEqualTo(503);
            assertThat(told).containsExactly("failed 1: no mutator is named 'nobody'", "delayed 2: not now");
            told.clear();
            assertThat(server.skip(Caller.of("ann", "a"), client.groupID(), client.clientID(), 2))
                    .isTrue();
            assertThat(told).containsExactly("failed 2: skipped by the operator");
        }
    }
}
