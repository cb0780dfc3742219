package dev.replisync.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replisync.MutationContext;
import dev.replisync.Mutators;
import dev.replisync.SyncResponse;
import dev.replisync.SyncServer;
import dev.replisync.SyncServerBuilder;
import dev.replisync.protocol.Caller;
import dev.replisync.protocol.Json;
import dev.replisync.storage.OpenPush;
import dev.replisync.storage.PushTx;
import dev.replisync.strategy.global.GlobalVersion;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * Pushes that wait for one that holds the turn of their space, with faults planted in the transactions that they share. The
 * server's time stands still but where a test moves it: how busy the machine is decides nothing.
 */
abstract class WaitingPushes {
    static final int WAITING = 5;
    static final Duration LONG = Duration.ofSeconds(15);

    final MemoryStorage store = new MemoryStorage();
    final List<OpenPush> opened = new CopyOnWriteArrayList<>();
    final List<Thread> pushing = new ArrayList<>();
    final Map<String, Integer> statuses = new ConcurrentHashMap<>();
    final Map<String, Thread> ranOn = new ConcurrentHashMap<>();
    final Map<String, String> bodies = new ConcurrentHashMap<>();
    final Map<String, Integer> runs = new ConcurrentHashMap<>();
    final Map<String, Consumer<MutationContext>> acts = new ConcurrentHashMap<>();
    final Map<String, Runnable> faults = new ConcurrentHashMap<>();
    final CountDownLatch first = new CountDownLatch(1);
    final CountDownLatch open = new CountDownLatch(1);
    /** It may begin anywhere; here it overflows before the time limit of a push. */
    final AtomicLong nanoTime = new AtomicLong(Long.MAX_VALUE - LONG.toNanos());

    boolean connectionsAlike = true;

    record Item(String key) {}

    SyncServer<MemoryTx> server(int batch) {
        return server(builder -> builder.batch(batch));
    }

    SyncServer<MemoryTx> server(UnaryOperator<SyncServerBuilder<MemoryTx>> more) {
        DecoratedStorage<MemoryTx> watched = new DecoratedStorage<>(new FaultyStorage<>(store, point -> {})) {
            @Override
            public Failure classify(Throwable thrown, Where where) {
                at("classify");
                return super.classify(thrown, where);
            }

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
                        .time(nanoTime::get, time -> LockSupport.parkNanos(time.toNanos()))
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
    void at(String place) {
        Runnable fault = faults.remove(place);
        if (fault != null) {
            fault.run();
        }
    }

    static <X extends Throwable> void raise(Throwable thrown) throws X {
        @SuppressWarnings("unchecked")
        X any = (X) thrown;
        throw any;
    }

    Thread push(SyncServer<MemoryTx> server, String group, String client, String mutator, int mutations) {
        return push(server, "user of " + group, group, client, mutator, mutations);
    }

    Thread push(SyncServer<MemoryTx> server, String user, String group, String client, String mutator, int mutations) {
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
    void hold(SyncServer<MemoryTx> server) throws InterruptedException {
        push(server, "holder", "holder", "gate", 1);
        first.await();
    }

    void letGo() throws InterruptedException {
        finish();
        assertThat(statuses)
                .hasSize(pushing.size())
                .allSatisfy((push, status) -> assertThat(status).isEqualTo(200));
    }

    /** Lets all go on to their answers. */
    void finish() throws InterruptedException {
        for (Thread waiting : pushing.subList(1, pushing.size())) {
            while (waiting.getState() != Thread.State.TIMED_WAITING && waiting.isAlive()) {
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
    void line(SyncServer<MemoryTx> server, int pushes) throws InterruptedException {
        hold(server);
        for (int i = 0; i < pushes; i++) {
            Thread thread = push(server, "g" + i, "c" + i, "act", 1);
            while (thread.getState() != Thread.State.TIMED_WAITING) {
                Thread.onSpinWait();
            }
        }
    }

    boolean isStored(int push) {
        return store.state().rows.keySet().stream().anyMatch(row -> row.key().equals("item/c" + push));
    }

    long idOf(int push) {
        return store.state().clients.get("c" + push).lastMutationID();
    }
}
