package dev.replisync.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replisync.MutationContext;
import dev.replisync.Mutators;
import dev.replisync.SyncObserver;
import dev.replisync.SyncResponse;
import dev.replisync.SyncServer;
import dev.replisync.SyncServerBuilder;
import dev.replisync.error.RejectedException;
import dev.replisync.error.RetryLaterException;
import dev.replisync.protocol.Caller;
import dev.replisync.protocol.Json;
import dev.replisync.storage.OpenPush;
import dev.replisync.storage.PushTx;
import dev.replisync.strategy.global.GlobalVersion;
import dev.replisync.strategy.space.SpaceVersion;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which pushes share a transaction, and on whose thread their mutators run. */
class SharedTurnTest {
    private static final int WAITING = 5;
    private static final Duration LONG = Duration.ofSeconds(15);

    private final MemoryStorage store = new MemoryStorage();
    private final List<OpenPush> opened = new CopyOnWriteArrayList<>();
    private final List<Thread> pushing = new ArrayList<>();
    private final Map<String, Integer> statuses = new ConcurrentHashMap<>();
    private final Map<String, Thread> ranOn = new ConcurrentHashMap<>();
    private final Map<String, String> bodies = new ConcurrentHashMap<>();
    private final Map<String, Integer> runs = new ConcurrentHashMap<>();
    private final Map<String, Consumer<MutationContext>> acts = new ConcurrentHashMap<>();
    private final Map<String, Runnable> faults = new ConcurrentHashMap<>();
    private final CountDownLatch first = new CountDownLatch(1);
    private final CountDownLatch open = new CountDownLatch(1);
    private boolean connectionsAlike = true;

    record Item(String key) {}

    private SyncServer<MemoryTx> server(int batch) {
        return server(builder -> builder.batch(batch));
    }

    private SyncServer<MemoryTx> server(UnaryOperator<SyncServerBuilder<MemoryTx>> more) {
        DecoratedStorage<MemoryTx> watched = new DecoratedStorage<>(store) {
            @Override
            public boolean sharesTransactions() {
                return connectionsAlike;
            }

            @Override
            public PushTx<MemoryTx> open(OpenPush what) {
                opened.add(what);
                boolean shared = what.groups().size() > 1;
                if (shared) {
                    at("open");
                }
                return new DecoratedStorage.Tx<>(super.open(what)) {
                    @Override
                    public void commit(Closing closing) {
                        if (shared) {
                            at("commit");
                        }
                        super.commit(closing);
                        if (shared) {
                            at("committed");
                        }
                    }

                    @Override
                    public void close() {
                        super.close();
                        if (shared) {
                            at("close");
                        }
                    }
                };
            }
        };
        return more.apply(SyncServer.builder(watched)
                        .strategy(new GlobalVersion())
                        .mutators(new Mutators<MemoryTx>()
                                .add("put", Item.class, (tx, item, ctx) -> {
                                    ranOn.put(ctx.clientGroupID(), Thread.currentThread());
                                    tx.put(item.key(), Json.of(1));
                                })
                                .add("act", Item.class, (tx, item, ctx) -> {
                                    runs.merge(ctx.clientGroupID(), 1, Integer::sum);
                                    tx.put(item.key(), Json.of(1));
                                    acts.getOrDefault(ctx.clientGroupID(), c -> {})
                                            .accept(ctx);
                                })
                                .add("gate", Item.class, (tx, item, ctx) -> {
                                    first.countDown();
                                    open.await();
                                })))
                .build();
    }

    /** Comes by a place in a transaction that pushes share. */
    private void at(String place) {
        Runnable fault = faults.remove(place);
        if (fault != null) {
            fault.run();
        }
    }

    private static <X extends Throwable> void raise(Throwable thrown) throws X {
        @SuppressWarnings("unchecked")
        X any = (X) thrown;
        throw any;
    }

    private Thread push(SyncServer<MemoryTx> server, String group, String client, String mutator, int mutations) {
        return push(server, "user of " + group, group, client, mutator, mutations);
    }

    private Thread push(
            SyncServer<MemoryTx> server, String user, String group, String client, String mutator, int mutations) {
        StringBuilder all = new StringBuilder();
        for (int id = 1; id <= mutations; id++) {
            all.append(id == 1 ? "" : ",")
                    .append("{\"clientID\":\"" + client + "\",\"id\":" + id + ",\"name\":\"" + mutator
                            + "\",\"args\":{\"key\":\"item/" + client + "\"},\"timestamp\":0}");
        }
        String body = "{\"pushVersion\":1,\"clientGroupID\":\"" + group
                + "\",\"profileID\":\"p\",\"schemaVersion\":\"\",\"mutations\":[" + all + "]}";
        String name = group + "/" + client;
        Thread thread = new Thread(() -> {
            SyncResponse answer =
                    server.push(Caller.of(user, "s"), new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8)));
            bodies.put(name, answer.text());
            statuses.put(name, answer.status());
        });
        thread.setName(name);
        thread.setDaemon(true);
        pushing.add(thread);
        thread.start();
        return thread;
    }

    /** Holds the turn until all that are to wait do so. */
    private void hold(SyncServer<MemoryTx> server) throws InterruptedException {
        push(server, "holder", "holder", "gate", 1);
        first.await();
    }

    private void letGo() throws InterruptedException {
        finish();
        assertThat(statuses)
                .hasSize(pushing.size())
                .allSatisfy((push, status) -> assertThat(status).isEqualTo(200));
    }

    /** Lets all go on to their answers. */
    private void finish() throws InterruptedException {
        for (Thread waiting : pushing.subList(1, pushing.size())) {
            while (waiting.getState() != Thread.State.TIMED_WAITING && waiting.getState() != Thread.State.WAITING) {
                Thread.onSpinWait();
            }
        }
        open.countDown();
        for (Thread thread : pushing) {
            thread.join(LONG.toMillis());
            assertThat(thread.isAlive())
                    .as("whether %s hangs", thread.getName())
                    .isFalse();
        }
    }

    /** Lets a number of pushes wait, one after the other: the first has the next turn. */
    private void line(SyncServer<MemoryTx> server, int pushes) throws InterruptedException {
        hold(server);
        for (int i = 0; i < pushes; i++) {
            Thread thread = push(server, "g" + i, "c" + i, "act", 1);
            while (thread.getState() != Thread.State.TIMED_WAITING) {
                Thread.onSpinWait();
            }
        }
    }

    private boolean isStored(int push) {
        return store.state().rows.keySet().stream().anyMatch(row -> row.key().equals("item/c" + push));
    }

    private long idOf(int push) {
        return store.state().clients.get("c" + push).lastMutationID();
    }

    @Test
    void thoseThatWaitShareOneTransactionAndRunOnTheirOwnThreads() throws InterruptedException {
        try (SyncServer<MemoryTx> server = server(100)) {
            hold(server);
            for (int i = 0; i < WAITING; i++) {
                push(server, "g" + i, "c" + i, "put", 1);
            }
            letGo();
            assertThat(opened).hasSize(2);
            assertThat(opened.get(1).groups()).hasSize(WAITING);
            assertThat(store.state().spaces.get("global").version()).isEqualTo(2);
            for (int i = 0; i < WAITING; i++) {
                assertThat(ranOn.get("g" + i)).isEqualTo(pushing.get(i + 1));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void noTransactionHoldsMoreMutationsThanABatch(int batch) throws InterruptedException {
        try (SyncServer<MemoryTx> server = server(batch)) {
            hold(server);
            for (int i = 0; i < WAITING; i++) {
                push(server, "g" + i, "c" + i, "put", 2);
            }
            letGo();
            assertThat(opened).hasSize(1 + (batch == 1 ? 2 * WAITING : 3));
            assertThat(store.state().clients).hasSize(WAITING + 1);
        }
    }

    @Test
    void whereConnectionsDifferByUserNothingIsShared() throws InterruptedException {
        connectionsAlike = false;
        try (SyncServer<MemoryTx> server = server(100)) {
            hold(server);
            for (int i = 0; i < WAITING; i++) {
                push(server, "g" + i, "c" + i, "put", 1);
            }
            letGo();
            assertThat(opened)
                    .hasSize(1 + WAITING)
                    .allMatch(what -> what.groups().size() == 1);
        }
    }

    @Test
    void oneClientGroupIsInATransactionOnce() throws InterruptedException {
        try (SyncServer<MemoryTx> server = server(100)) {
            hold(server);
            push(server, "g", "c1", "put", 1);
            push(server, "g", "c2", "put", 1);
            push(server, "h", "c3", "put", 1);
            letGo();
            assertThat(opened).hasSize(3);
            assertThat(opened)
                    .allSatisfy(what -> assertThat(what.groups().stream().map(OpenPush.Group::id))
                            .doesNotHaveDuplicates());
        }
    }

    /** A push that is interrupted leaves the line and gives up; the others go on. */
    @Test
    void whoIsInterruptedWhileWaitingLeaves() throws InterruptedException {
        try (SyncServer<MemoryTx> server = server(100)) {
            hold(server);
            Thread leaving = push(server, "g", "c", "put", 1);
            while (leaving.getState() != Thread.State.TIMED_WAITING) {
                Thread.onSpinWait();
            }
            leaving.interrupt();
            leaving.join();
            assertThat(statuses).containsEntry("g/c", 503);
            statuses.clear();
            pushing.remove(leaving);
            push(server, "h", "d", "put", 1);
            letGo();
        }
    }

    /** After too long, too: what it waits for then is the datastore. */
    @Test
    void whoIsOutOfTimeLeaves() throws InterruptedException {
        try (SyncServer<MemoryTx> server = server(builder -> builder.timeLimit(Duration.ofMillis(100)))) {
            line(server, 2);
            long began = System.nanoTime();
            while (opened.size() < 3 && System.nanoTime() - began < LONG.toNanos()) {
                Thread.onSpinWait();
            }
            assertThat(opened).as("transactions while one holds the turn").hasSizeGreaterThanOrEqualTo(3);
            finish();
        }
    }

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
            line(server, 2);
            push(server, "thief", "g", "stolen", "act", 1);
            finish();
        }
        assertThat(statuses).containsEntry("g/stolen", 403);
        statuses.remove("g/stolen");
        assertThat(statuses)
                .hasSize(3)
                .allSatisfy((push, status) -> assertThat(status).isEqualTo(200));
        assertThat(runs).containsOnly(Map.entry("g0", 1), Map.entry("g1", 1));
        assertThat(opened.get(1).groups()).hasSize(3);
        assertThat(opened.get(2).groups()).hasSize(2);
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
            for (int i = 0; i < WAITING; i++) {
                assertThat(statuses).containsEntry("g" + i + "/c" + i, 200);
                assertThat(isStored(i)).isTrue();
                assertThat(idOf(i)).isEqualTo(1);
                boolean committed = place.equals("committed") || place.equals("close");
                assertThat(runs.get("g" + i)).isEqualTo(committed ? 1 : runs.get("g" + i));
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
        acts.put("g1", ctx -> LockSupport.parkNanos(Duration.ofMillis(80).toNanos()));
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
}
