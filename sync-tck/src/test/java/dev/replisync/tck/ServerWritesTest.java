package dev.replisync.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.replisync.Mutators;
import dev.replisync.SyncObserver;
import dev.replisync.SyncServer;
import dev.replisync.SyncServerBuilder;
import dev.replisync.WriteContext;
import dev.replisync.error.RejectedException;
import dev.replisync.protocol.Json;
import dev.replisync.storage.OpenPush;
import dev.replisync.storage.PushTx;
import dev.replisync.storage.Storage;
import dev.replisync.storage.Storage.Failure;
import dev.replisync.strategy.space.SpaceVersion;
import dev.replisync.tck.FaultyStorage.Fault;
import dev.replisync.tck.FaultyStorage.Point;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How often a write of the server is tried, what it asks of the storage, and whom it pokes. */
class ServerWritesTest {
    private static final int ATTEMPTS = 10;
    private static final int MOST_SPACES = 100;

    private final MemoryStorage storage = new MemoryStorage();
    private final List<Point> passed = new ArrayList<>();
    private final List<String> told = new ArrayList<>();
    private final AtomicInteger runs = new AtomicInteger();
    private Consumer<Point> plan = point -> {};

    @BeforeEach
    void createSpace() {
        storage.createSpace("a");
    }

    private SyncServer<MemoryTx> server(UnaryOperator<SyncServerBuilder<MemoryTx>> options) {
        FaultyStorage<MemoryTx> faulty = new FaultyStorage<>(storage, point -> {
            passed.add(point);
            plan.accept(point);
        });
        SyncObserver observer = new SyncObserver() {
            @Override
            public void poked(Set<String> channels) {
                told.add("poked " + channels);
            }
        };
        return options.apply(SyncServer.builder(faulty)
                        .mutators(new Mutators<MemoryTx>().add("noop", Json.class, (tx, args, ctx) -> {}))
                        .strategy(new SpaceVersion())
                        .observer(observer))
                .build();
    }

    /** Makes all attempts one after the other, without the waits between them. */
    private SyncServer<MemoryTx> server() {
        return server(builder -> builder.time(() -> 0, time -> {}));
    }

    private void write(SyncServer<MemoryTx> server, Consumer<WriteContext> work) {
        server.<RuntimeException>write("a", (tx, ctx) -> {
            tx.put("a", "item/1", Json.of(runs.incrementAndGet()));
            work.accept(ctx);
        });
    }

    private long count(Point point) {
        return passed.stream().filter(point::equals).count();
    }

    private void failTimes(Point at, Fault fault, int times) {
        AtomicInteger left = new AtomicInteger(times);
        plan = point -> {
            if (point == at && left.getAndDecrement() > 0) {
                throw fault;
            }
        };
    }

    @Test
    void aWriteIsTriedTenTimes() {
        try (SyncServer<MemoryTx> server = server()) {
            failTimes(Point.COMMIT, Fault.at(Point.COMMIT), ATTEMPTS - 1);
            write(server, ctx -> {});
            assertThat(runs).hasValue(ATTEMPTS);
            failTimes(Point.COMMIT, Fault.at(Point.COMMIT), ATTEMPTS);
            assertThatThrownBy(() -> write(server, ctx -> {})).isInstanceOf(Fault.class);
            assertThat(runs).hasValue(2 * ATTEMPTS);
            failTimes(Point.OPEN, Fault.at(Point.OPEN), ATTEMPTS);
            assertThatThrownBy(() -> write(server, ctx -> {})).isInstanceOf(Fault.class);
            assertThat(told).containsExactly("poked [a]");
        }
    }

    @Test
    void whatTheWorkThrowsEndsTheWrite() {
        try (SyncServer<MemoryTx> server = server()) {
            assertThatThrownBy(() -> write(server, ctx -> {
                        ctx.afterCommit(() -> told.add("effect"));
                        throw new IllegalStateException("never");
                    }))
                    .hasMessage("never");
            assertThat(runs).hasValue(1);
            assertThat(told).isEmpty();
            assertThat(storage.state().rows).isEmpty();
        }
    }

    @Test
    void anErrorOfTheVirtualMachinePasses() {
        try (SyncServer<MemoryTx> server = server()) {
            write(server, ctx -> {
                if (runs.get() == 1) {
                    throw new LinkageError("planted");
                }
            });
            assertThat(runs).hasValue(2);
            assertThat(told).containsExactly("poked [a]");
        }
    }

    @Test
    void spacesAskedForAreNoAttempts() {
        try (SyncServer<MemoryTx> server =
                server(builder -> builder.createSpaces().time(() -> 0, time -> {}))) {
            failTimes(Point.COMMIT, Fault.at(Point.COMMIT), ATTEMPTS - 1);
            write(server, ctx -> touchOthers(ctx, ATTEMPTS));
            assertThat(runs).hasValue(ATTEMPTS + ATTEMPTS);
        }
    }

    @Test
    void aTransactionHoldsAHundredSpacesAndNoMore() {
        try (SyncServer<MemoryTx> server = server(SyncServerBuilder::createSpaces)) {
            write(server, ctx -> touchOthers(ctx, MOST_SPACES - 1));
            assertThat(storage.state().spaces).hasSize(MOST_SPACES);
            assertThatThrownBy(() -> write(server, ctx -> touchOthers(ctx, MOST_SPACES)))
                    .isInstanceOf(RejectedException.class)
                    .hasMessage(
                            "more than 100 spaces were asked for in one transaction; name them the same way on each run"
                                    + " of a mutator, and write to fewer at once");
            assertThat(runs).hasValue(2 * MOST_SPACES);
        }
    }

    private static void touchOthers(WriteContext ctx, int spaces) {
        for (int i = 0; i < spaces; i++) {
            ctx.touchIn("s" + i, "item/1", Set.of());
        }
    }

    /** What the SDK was to note would be missing. */
    @Test
    void workThatSwallowsAFaultOfTheSdkIsRunAgain() {
        for (Throwable fault : List.of(Fault.at(Point.TOUCH), new LinkageError("planted"))) {
            runs.set(0);
            AtomicInteger left = new AtomicInteger(1);
            plan = point -> {
                if (point == Point.TOUCH && left.getAndDecrement() > 0) {
                    WaitingPushes.<RuntimeException>raise(fault);
                }
            };
            try (SyncServer<MemoryTx> server = server()) {
                write(server, ctx -> {
                    try {
                        ctx.touch("item/2");
                    } catch (RuntimeException | Error e) {
                        assertThat(e).isSameAs(fault);
                    }
                });
            }
            assertThat(runs).as("runs, with a swallowed %s", fault).hasValue(2);
        }
    }

    /** The application's transaction is not run again: the application must hear of it. */
    @Test
    void aWriteWithinATransactionTellsOfASwallowedFault() {
        Storage<MemoryTx> joined = new DecoratedStorage<>(storage) {
            @Override
            public PushTx<MemoryTx> join(MemoryTx handle, OpenPush what) {
                return new DecoratedStorage.Tx<>(super.join(handle, what)) {
                    @Override
                    public void touch(String spaceID, String key, Set<String> lostBy) {
                        throw Fault.at(Point.TOUCH);
                    }
                };
            }
        };
        try (SyncServer<MemoryTx> server = SyncServer.builder(joined)
                .mutators(new Mutators<MemoryTx>().add("noop", Json.class, (tx, args, ctx) -> {}))
                .strategy(new SpaceVersion())
                .build()) {
            assertThatThrownBy(() -> storage.transaction(handle ->
                            server.<RuntimeException>writeWithin(handle, "a", (tx, ctx) -> {
                                try {
                                    ctx.touch("item/1");
                                } catch (Fault e) {
                                    runs.incrementAndGet();
                                }
                            })))
                    .isInstanceOf(Fault.class);
            assertThat(runs).hasValue(1);
        }
    }

    /** Rule R67: whether it is written nobody knows; a poke too many costs a pull. */
    @Test
    void aCommitThatIsNotAnsweredPokes() {
        for (Throwable fault : List.of(Fault.at(Point.COMMITTED), new LinkageError("planted"))) {
            told.clear();
            runs.set(0);
            plan = point -> {
                if (point == Point.COMMITTED) {
                    WaitingPushes.<RuntimeException>raise(fault);
                }
            };
            try (SyncServer<MemoryTx> server = server()) {
                assertThatThrownBy(() -> write(server, ctx -> ctx.afterCommit(() -> told.add("effect"))))
                        .isSameAs(fault);
            }
            assertThat(runs).as("runs, with %s", fault).hasValue(1);
            assertThat(told).containsExactly("poked [a]");
        }
    }

    /** Whoever is interrupted while committing learns nothing from what is thrown then. */
    @Test
    void aCommitThatIsInterruptedPokes() {
        plan = point -> {
            if (point == Point.COMMIT) {
                Thread.currentThread().interrupt();
                throw new Fault(Failure.PERMANENT, point);
            }
        };
        try (SyncServer<MemoryTx> server = server()) {
            assertThatThrownBy(() -> write(server, ctx -> {})).isInstanceOf(Fault.class);
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
        assertThat(told).containsExactly("poked [a]");
    }

    @Test
    void whoIsInterruptedDoesNotTryAgain() {
        try (SyncServer<MemoryTx> server = server(builder -> builder)) {
            plan = point -> {
                if (point == Point.TOUCH) {
                    Thread.currentThread().interrupt();
                    throw Fault.at(point);
                }
            };
            assertThatThrownBy(() -> write(server, ctx -> ctx.touch("item/1"))).isInstanceOf(Fault.class);
        } finally {
            assertThat(Thread.interrupted()).as("still interrupted").isTrue();
        }
        assertThat(runs).hasValue(1);
    }

    @Test
    void effectsRunOnceInTheirOrderAndThenAllIsPoked() {
        try (SyncServer<MemoryTx> server = server()) {
            failTimes(Point.COMMIT, Fault.at(Point.COMMIT), 1);
            write(server, ctx -> {
                ctx.poke("a channel");
                ctx.afterCommit(() -> told.add("first, opened " + count(Point.OPENED)));
                ctx.afterCommit(() -> told.add("second"));
            });
            assertThat(told).containsExactly("first, opened 2", "second", "poked [a, a channel]");
            told.clear();
            List<Runnable> after = new ArrayList<>();
            storage.transaction(handle -> after.add(server.<RuntimeException>writeWithin(handle, "a", (tx, ctx) -> {
                ctx.poke("a channel");
                ctx.afterCommit(() -> told.add("effect"));
            })));
            assertThat(told).isEmpty();
            after.forEach(Runnable::run);
            assertThat(told).containsExactly("effect", "poked [a, a channel]");
        }
    }

    @Test
    void theVersionIsKnownWhereItIsTakenFirst() {
        List<OptionalLong> versions = new ArrayList<>();
        for (boolean last : new boolean[] {false, true}) {
            try (SyncServer<MemoryTx> server = server(builder -> last ? builder.versionLast() : builder)) {
                write(server, ctx -> versions.add(ctx.version()));
                storage.transaction(handle ->
                        server.<RuntimeException>writeWithin(handle, "a", (tx, ctx) -> versions.add(ctx.version())));
            }
        }
        assertThat(versions)
                .containsExactly(OptionalLong.of(1), OptionalLong.of(2), OptionalLong.empty(), OptionalLong.of(4));
        assertThat(storage.state().space("a").version()).isEqualTo(4);
    }

    @Test
    void aLockCostsNothingWhereTheVersionIsLocked() {
        for (boolean last : new boolean[] {false, true}) {
            passed.clear();
            try (SyncServer<MemoryTx> server = server(builder -> last ? builder.versionLast() : builder)) {
                write(server, ctx -> ctx.lock("any name"));
            }
            assertThat(count(Point.LOCK)).isEqualTo(last ? 1 : 0);
        }
    }

    @Test
    void namesThatNoStoreKeepsAreIllegalArguments() {
        try (SyncServer<MemoryTx> server = server()) {
            String lone = "item/\ud800";
            assertIllegal(server, ctx -> ctx.touch(lone), "a key must not hold lone surrogates");
            assertIllegal(
                    server, ctx -> ctx.touch("item/1", Set.of("u\0")), "a user id in lostBy must not hold U+0000");
            assertIllegal(server, ctx -> ctx.lock(""), "the name of a lock must not be empty");
        }
        assertThat(passed).doesNotContain(Point.TOUCH, Point.LOCK);
    }

    private void assertIllegal(SyncServer<MemoryTx> server, Consumer<WriteContext> call, String message) {
        assertThatThrownBy(() -> write(server, call))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }
}
