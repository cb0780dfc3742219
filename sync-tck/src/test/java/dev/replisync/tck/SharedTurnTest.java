package dev.replisync.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replisync.Mutators;
import dev.replisync.SyncServer;
import dev.replisync.protocol.Caller;
import dev.replisync.protocol.Json;
import dev.replisync.storage.OpenPush;
import dev.replisync.storage.PushTx;
import dev.replisync.strategy.global.GlobalVersion;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which pushes share a transaction, and on whose thread their mutators run. */
class SharedTurnTest {
    private static final int WAITING = 5;

    private final MemoryStorage store = new MemoryStorage();
    private final List<OpenPush> opened = new CopyOnWriteArrayList<>();
    private final List<Thread> pushing = new ArrayList<>();
    private final Map<String, Integer> statuses = new ConcurrentHashMap<>();
    private final Map<String, Thread> ranOn = new ConcurrentHashMap<>();
    private final CountDownLatch first = new CountDownLatch(1);
    private final CountDownLatch open = new CountDownLatch(1);

    record Item(String key) {}

    private SyncServer<MemoryTx> server(int batch) {
        DecoratedStorage<MemoryTx> counting = new DecoratedStorage<>(store) {
            @Override
            public PushTx<MemoryTx> open(OpenPush what) {
                opened.add(what);
                return super.open(what);
            }
        };
        return SyncServer.builder(counting)
                .strategy(new GlobalVersion())
                .batch(batch)
                .mutators(new Mutators<MemoryTx>()
                        .add("put", Item.class, (tx, item, ctx) -> {
                            ranOn.put(ctx.clientGroupID(), Thread.currentThread());
                            tx.put(item.key(), Json.of(1));
                        })
                        .add("gate", Item.class, (tx, item, ctx) -> {
                            first.countDown();
                            open.await();
                        }))
                .build();
    }

    private Thread push(SyncServer<MemoryTx> server, String group, String client, String mutator, int mutations) {
        StringBuilder all = new StringBuilder();
        for (int id = 1; id <= mutations; id++) {
            all.append(id == 1 ? "" : ",")
                    .append("{\"clientID\":\"" + client + "\",\"id\":" + id + ",\"name\":\"" + mutator
                            + "\",\"args\":{\"key\":\"item/" + client + "\"},\"timestamp\":0}");
        }
        String body = "{\"pushVersion\":1,\"clientGroupID\":\"" + group
                + "\",\"profileID\":\"p\",\"schemaVersion\":\"\",\"mutations\":[" + all + "]}";
        Thread thread = new Thread(() -> statuses.put(
                Thread.currentThread().getName(),
                server.push(
                                Caller.of("user of " + group, "s"),
                                new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8)))
                        .status()));
        thread.setName(group + "/" + client);
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
        for (Thread waiting : pushing.subList(1, pushing.size())) {
            while (waiting.getState() != Thread.State.TIMED_WAITING && waiting.getState() != Thread.State.WAITING) {
                Thread.onSpinWait();
            }
        }
        open.countDown();
        for (Thread thread : pushing) {
            thread.join();
        }
        assertThat(statuses)
                .hasSize(pushing.size())
                .allSatisfy((push, status) -> assertThat(status).isEqualTo(200));
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
}
