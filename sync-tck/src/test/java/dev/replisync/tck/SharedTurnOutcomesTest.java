package dev.replisync.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replisync.SyncObserver;
import dev.replisync.SyncServer;
import dev.replisync.error.RejectedException;
import dev.replisync.error.RetryLaterException;
import dev.replisync.storage.OpenPush;
import dev.replisync.storage.Storage.Failure;
import dev.replisync.strategy.space.SpaceVersion;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What becomes of pushes that share a transaction: each as if it had been alone, whatever fails. */
class SharedTurnOutcomesTest extends WaitingPushes {

    @Test
    void effectsOfAllRunOnceAndAfterTheirCommit() throws InterruptedException {
        List<String> effects = new CopyOnWriteArrayList<>();
        try (SyncServer<MemoryTx> server = server(100)) {
            for (int i = 0; i < WAITING; i++) {
                int push = i;
                acts.put("g" + i, ctx -> {
                    ctx.afterCommit(() -> effects.add(push + " " + isStored(push) + " "
                            + Thread.currentThread().getName()));
                    if (push == 2) {
                        throw new RejectedException("never");
                    }
                });
            }
            line(server, WAITING);
            letGo();
        }
        assertThat(effects).containsExactlyInAnyOrder("0 true g0/c0", "1 true g1/c1", "3 true g3/c3", "4 true g4/c4");
        assertThat(isStored(2)).isFalse();
        for (int i = 0; i < WAITING; i++) {
            assertThat(idOf(i)).isEqualTo(1);
        }
    }

    @Test
    void eachPokesWhatItTouched() throws InterruptedException {
        Set<String> poked = ConcurrentHashMap.newKeySet();
        SyncObserver observer = new SyncObserver() {
            @Override
            public void poked(Set<String> channels) {
                poked.addAll(channels);
            }
        };
        try (SyncServer<MemoryTx> server = server(builder -> builder.strategy(new SpaceVersion())
                .createSpaces()
                .pokeExecutor(Runnable::run)
                .observer(observer))) {
            acts.put("g1", ctx -> ctx.poke("a channel"));
            acts.put("g2", ctx -> ctx.touchIn("another", "item/c0", Set.of()));
            acts.put("g3", ctx -> ctx.poke("one more"));
            line(server, WAITING);
            letGo();
        }
        assertThat(opened.get(1).groups()).hasSize(WAITING);
        assertThat(poked).containsExactlyInAnyOrder("s", "another", "a channel", "one more");
        assertThat(store.state().spaces.get("another").version()).isEqualTo(1);
    }

    /** A stranger costs nobody anything: it is put out before a mutator runs. */
    @Test
    void whoMustNotPushIsPutOutBeforeAnybodyRuns() throws InterruptedException {
        try (SyncServer<MemoryTx> server = server(100)) {
            store.change(next -> next.groups.put("g", new OpenPush.Group("g", "owner", "global")));
            store.change(next -> next.clients.put("owned", new MemoryState.Client("g", 0, 0)));
            line(server, 2);
            push(server, "thief", "g", "stolen", "act", 1);
            push(server, "thief", "of the thief", "owned", "act", 1);
            finish();
        }
        assertThat(statuses).containsEntry("g/stolen", 403).containsEntry("of the thief/owned", 403);
        statuses.keySet().removeAll(Set.of("g/stolen", "of the thief/owned"));
        assertThat(statuses)
                .hasSize(3)
                .allSatisfy((push, status) -> assertThat(status).isEqualTo(200));
        assertThat(runs).containsOnly(Map.entry("g0", 1), Map.entry("g1", 1));
        assertThat(opened.stream().map(what -> what.groups().size()).filter(groups -> groups > 1))
                .as("client groups of the transactions that are shared")
                .containsExactly(4, 2);
        assertThat(store.state().clients).doesNotContainKey("stolen");
    }

    @Test
    void eachIsToldItsOwnAnswer() throws InterruptedException {
        try (SyncServer<MemoryTx> server = server(100)) {
            acts.put("g1", ctx -> {
                throw new RetryLaterException("not now");
            });
            store.change(next -> next.groups.put("g", new OpenPush.Group("g", "user of g", "global")));
            line(server, 3);
            faults.put("open", () -> store.change(next -> next.clients.put("c2", new MemoryState.Client("g2", 7, 0))));
            finish();
        }
        assertThat(statuses)
                .containsOnly(
                        Map.entry("holder/holder", 200),
                        Map.entry("g0/c0", 200),
                        Map.entry("g1/c1", 503),
                        Map.entry("g2/c2", 200));
        assertThat(bodies.get("g1/c1")).contains("not all mutations are processed");
        assertThat(store.state().clients).doesNotContainKey("c1");
        assertThat(idOf(2)).as("the id of whom another node served").isEqualTo(7);
        assertThat(store.state().groups)
                .as("client groups of pushes of which nothing was processed")
                .doesNotContainKeys("g1", "g2");
        assertThat(runs).as("runs").doesNotContainKey("g2");
    }

    /** Of those that wait, the first has the turn: whatever becomes of it, the others come out as if they had been alone. */
    @ParameterizedTest
    @CsvSource({
        "open, runtime", "open, error", "open, checked", "commit, runtime", "commit, error", "commit, checked",
        "committed, runtime", "committed, error", "committed, checked", "close, runtime", "close, error",
                "close, checked"
    })
    void whateverFailsInTheTurnNobodyWaitsForEver(String place, String what) throws InterruptedException {
        faults.put(
                place,
                () -> raise(
                        switch (what) {
                            case "runtime" -> FaultyStorage.Fault.at(FaultyStorage.Point.OPEN);
                            case "error" -> new LinkageError("planted");
                            default -> new IOException("planted");
                        }));
        try (SyncServer<MemoryTx> server = server(100)) {
            line(server, WAITING);
            finish();
            assertThat(faults).as("faults that did not happen").isEmpty();
            assertThat(opened)
                    .as("transactions: of the first, the one that was shared, and each of its own if need be")
                    .hasSize(place.equals("close") ? 2 : 2 + WAITING);
            for (int i = 0; i < WAITING; i++) {
                assertThat(statuses).containsEntry("g" + i + "/c" + i, 200);
                assertThat(isStored(i)).isTrue();
                assertThat(idOf(i)).isEqualTo(1);
                if (!place.equals("commit")) {
                    assertThat(runs).containsEntry("g" + i, 1);
                }
            }
        }
    }

    @Test
    void whoIsInterruptedInItsTurnHarmsNobody() throws InterruptedException {
        acts.put("g0", ctx -> Thread.currentThread().interrupt());
        try (SyncServer<MemoryTx> server = server(100)) {
            line(server, WAITING);
            finish();
        }
        for (int i = 1; i < WAITING; i++) {
            assertThat(statuses).containsEntry("g" + i + "/c" + i, 200);
            assertThat(idOf(i)).isEqualTo(1);
        }
        assertThat(statuses.get("g0/c0")).isEqualTo(store.state().clients.containsKey("c0") ? 200 : 503);
    }

    @Test
    void anErrorInTheMutatorOfWhoHasTheTurnHarmsNobody() throws InterruptedException {
        acts.put("g0", ctx -> {
            acts.remove("g0");
            throw new LinkageError("planted");
        });
        acts.put("g3", ctx -> {
            throw new StackOverflowError();
        });
        try (SyncServer<MemoryTx> server = server(100)) {
            line(server, WAITING);
            letGo();
        }
        for (int i = 0; i < WAITING; i++) {
            assertThat(isStored(i)).isEqualTo(i != 3);
            assertThat(idOf(i)).isEqualTo(1);
        }
    }

    @Test
    void whatWouldTakeTooLongIsNotBegun() throws InterruptedException {
        acts.put("g1", ctx -> nanoTime.addAndGet(Duration.ofMillis(80).toNanos()));
        try (SyncServer<MemoryTx> server = server(100)) {
            line(server, WAITING);
            letGo();
        }
        assertThat(opened).hasSize(3);
        assertThat(opened.get(1).groups()).hasSize(WAITING);
        assertThat(opened.get(2).groups()).extracting(OpenPush.Group::id).containsExactly("g2", "g3", "g4");
        for (int i = 0; i < WAITING; i++) {
            assertThat(runs).containsEntry("g" + i, 1);
            assertThat(idOf(i)).isEqualTo(1);
        }
    }

    /** Who has been taken along must not leave: the one with the turn waits for it, and commits what it did. */
    @Test
    void whoIsInterruptedOnceItIsTakenAlongStays() throws InterruptedException {
        try (SyncServer<MemoryTx> server = server(100)) {
            acts.put("g1", ctx -> {
                pushing.get(3).interrupt();
                LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
            });
            acts.put(
                    "g2",
                    ctx -> assertThat(Thread.currentThread().isInterrupted()).isFalse());
            acts.put("g3", ctx -> pushing.get(3).interrupt());
            line(server, WAITING);
            letGo();
        }
        assertThat(opened).hasSize(2);
        assertThat(runs).containsOnlyKeys("g0", "g1", "g2", "g3", "g4").containsEntry("g2", 1);
    }

    /** What was rolled back for one of them is not taken for done because the connection breaks then. */
    @Test
    void whatIsRolledBackIsRunAgainThoughItCannotBeClosed() throws InterruptedException {
        acts.put("g2", ctx -> {
            throw new RejectedException("never");
        });
        faults.put("close", () -> raise(FaultyStorage.Fault.at(FaultyStorage.Point.OPEN)));
        try (SyncServer<MemoryTx> server = server(100)) {
            line(server, WAITING);
            letGo();
        }
        for (int i = 0; i < WAITING; i++) {
            assertThat(isStored(i)).isEqualTo(i != 2);
            assertThat(idOf(i)).isEqualTo(1);
        }
    }

    /** Whoever fails is put out, one at a time, and the others share on: three times. */
    @Test
    void theOthersAreRunAgainWithoutThoseThatFail() throws InterruptedException {
        for (int failing : List.of(1, 3)) {
            acts.put("g" + failing, ctx -> {
                throw new RejectedException("never");
            });
        }
        try (SyncServer<MemoryTx> server = server(100)) {
            line(server, WAITING);
            letGo();
        }
        assertThat(sharedBy()).containsExactly(5, 4, 3);
        for (int i = 0; i < WAITING; i++) {
            assertThat(isStored(i)).isEqualTo(i != 1 && i != 3);
            assertThat(idOf(i)).isEqualTo(1);
        }
    }

    @Test
    void whereThreeFailEachIsOnItsOwn() throws InterruptedException {
        for (int failing = 0; failing < 3; failing++) {
            acts.put("g" + failing, ctx -> {
                throw new RejectedException("never");
            });
        }
        try (SyncServer<MemoryTx> server = server(100)) {
            line(server, WAITING);
            letGo();
        }
        assertThat(sharedBy()).containsExactly(5, 4, 3);
        assertThat(runs).containsEntry("g3", 1).containsEntry("g4", 1);
        for (int i = 0; i < WAITING; i++) {
            assertThat(isStored(i)).isEqualTo(i >= 3);
            assertThat(idOf(i)).isEqualTo(1);
        }
    }

    @Test
    void whoIsLeftAloneIsOnItsOwn() throws InterruptedException {
        for (String failing : List.of("g0", "g1")) {
            acts.put(failing, ctx -> {
                throw new RejectedException("never");
            });
        }
        try (SyncServer<MemoryTx> server = server(100)) {
            line(server, 2);
            letGo();
        }
        assertThat(sharedBy()).containsExactly(2);
        assertThat(runs).containsOnly(Map.entry("g0", 2), Map.entry("g1", 1));
        for (int i = 0; i < 2; i++) {
            assertThat(isStored(i)).isFalse();
            assertThat(idOf(i)).isEqualTo(1);
        }
    }

    private List<Integer> sharedBy() {
        return opened.stream()
                .map(what -> what.groups().size())
                .filter(groups -> groups > 1)
                .toList();
    }

    /** Nothing is booked on whoever had part in it: each sees for itself. */
    @ParameterizedTest
    @EnumSource(
            value = Failure.class,
            names = {"PERMANENT", "POISONED", "TRANSIENT"})
    void aSharedCommitThatIsRefusedIsNobodysFault(Failure refused) throws InterruptedException {
        faults.put("commit", () -> raise(new FaultyStorage.Fault(refused, FaultyStorage.Point.COMMIT)));
        try (SyncServer<MemoryTx> server = server(100)) {
            line(server, WAITING);
            letGo();
        }
        assertThat(sharedBy()).containsExactly(WAITING);
        for (int i = 0; i < WAITING; i++) {
            assertThat(runs).containsEntry("g" + i, 2);
            assertThat(isStored(i)).isTrue();
            assertThat(idOf(i)).isEqualTo(1);
        }
    }

    /** Rule R67: what may be committed is poked, by each for itself. */
    @Test
    void aSharedCommitThatIsNotAnsweredPokesForAll() throws InterruptedException {
        Set<String> poked = ConcurrentHashMap.newKeySet();
        SyncObserver observer = new SyncObserver() {
            @Override
            public void poked(Set<String> channels) {
                poked.addAll(channels);
            }
        };
        for (int i = 0; i < WAITING; i++) {
            String channel = "channel " + i;
            acts.put("g" + i, ctx -> ctx.poke(channel));
        }
        faults.put("committed", () -> raise(FaultyStorage.Fault.at(FaultyStorage.Point.COMMITTED)));
        try (SyncServer<MemoryTx> server = server(builder -> builder.observer(observer))) {
            line(server, WAITING);
            letGo();
        }
        assertThat(runs)
                .hasSize(WAITING)
                .allSatisfy((push, times) -> assertThat(times).isEqualTo(1));
        assertThat(poked)
                .containsExactlyInAnyOrder("global", "channel 0", "channel 1", "channel 2", "channel 3", "channel 4");
    }

    /** Any method of a storage may throw. */
    @Test
    void aStorageThatCannotSayWhatAFailureMeansHarmsNobodyElse() throws InterruptedException {
        acts.put("g1", ctx -> {
            throw new IllegalStateException("never");
        });
        faults.put("classify", () -> raise(new IllegalStateException("planted")));
        try (SyncServer<MemoryTx> server = server(100)) {
            line(server, WAITING);
            letGo();
        }
        for (int i = 0; i < WAITING; i++) {
            assertThat(isStored(i)).isEqualTo(i != 1);
            assertThat(idOf(i)).isEqualTo(1);
        }
    }

    /** The transaction is in use by another thread then, so it is ended first. */
    @Test
    void whoIsInterruptedWhileAnotherRunsInItsTransactionIsSoAfterwards() throws InterruptedException {
        Set<Boolean> interrupted = ConcurrentHashMap.newKeySet();
        acts.put("g" + (WAITING - 1), ctx -> {
            Thread leader = pushing.get(1);
            leader.interrupt();
            while (leader.isInterrupted()) {
                Thread.onSpinWait();
            }
        });
        faults.put("commit", () -> interrupted.add(Thread.currentThread().isInterrupted()));
        try (SyncServer<MemoryTx> server = server(100)) {
            line(server, WAITING);
            letGo();
        }
        assertThat(interrupted).containsExactly(true);
        assertThat(opened).hasSize(2);
    }
}
