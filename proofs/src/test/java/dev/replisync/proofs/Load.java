package dev.replisync.proofs;

import dev.replisync.proofs.history.Checker;
import dev.replisync.proofs.history.Event.Effect;
import dev.replisync.proofs.history.History;
import dev.replisync.proofs.history.Verdict;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** Browsers that write and read all the time until they are told to come to rest. */
final class Load implements AutoCloseable {
    private static final int GROUPS = 6;
    private static final String[] SPACES = {"s1", "s2"};
    private static final int MOST_WAITING = 20;

    /** How long it may take until nobody waits for anything any more. */
    private static final Duration REST = Duration.ofSeconds(30);

    private final History history = new History();
    private final Way way;
    private final AtomicInteger numbers = new AtomicInteger();
    private final AtomicInteger made = new AtomicInteger();
    private final List<Tab> tabs = new ArrayList<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<Future<?>> running = new ArrayList<>();
    private volatile boolean writing = true;
    private volatile long deadline;

    private Load(Way way) {
        this.way = way;
    }

    static Load start(Way way, long seed) {
        Load load = new Load(way);
        for (int i = 0; i < GROUPS; i++) {
            Tab first = new Tab(load.history, way, SPACES[i % SPACES.length], load.numbers);
            load.tabs.add(first);
            load.tabs.add(first.another());
        }
        for (Tab tab : load.tabs) {
            Random random = new Random(seed + load.running.size());
            load.running.add(load.threads.submit(() -> load.use(tab, random)));
        }
        return load;
    }

    /** How many mutations were made. */
    int made() {
        return made.get();
    }

    private void use(Tab tab, Random random) {
        int failures = 0;
        while (writing || (tab.waiting() > 0 && System.nanoTime() < deadline)) {
            if (writing && tab.waiting() < MOST_WAITING) {
                mutate(tab, random);
            }
            int status = tab.push(random.nextInt(4) == 0);
            if (random.nextBoolean() || !writing) {
                status = Math.max(status, tab.pull());
            }
            failures = status == 200 ? 0 : Math.min(failures + 1, 5);
            if (failures > 0) {
                LockSupport.parkNanos(random.nextInt(1 << failures) * 5_000_000L);
            }
        }
    }

    private void mutate(Tab tab, Random random) {
        // New lists now and then, so that none becomes long.
        String target = tab.space() + "-" + made.addAndGet(1) / 300 + "-" + random.nextInt(3);
        for (int i = random.nextInt(3); i >= 0; i--) {
            tab.mutate(
                    switch (random.nextInt(10)) {
                        case 0, 1, 2, 3 -> Effect.APPEND;
                        case 4, 5 -> Effect.BOTH;
                        case 6, 7 -> Effect.ADD;
                        case 8 -> Effect.TOGGLE;
                        default -> Effect.FAIL;
                    },
                    target);
        }
    }

    /** Lets all clients come to rest, and judges what they saw. */
    Verdict rest() {
        deadline = System.nanoTime() + REST.toNanos();
        writing = false;
        for (Future<?> tab : running) {
            try {
                tab.get();
            } catch (InterruptedException | ExecutionException e) {
                throw new IllegalStateException("a client broke", e);
            }
        }
        history.quiet();
        List<Tab> all = new ArrayList<>(tabs);
        for (String space : SPACES) {
            all.add(new Tab(history, way, space, numbers));
        }
        for (Tab tab : all) {
            for (int tries = 0; tab.pull() != 200 && tries < 20; tries++) {
                LockSupport.parkNanos(50_000_000);
            }
        }
        return Checker.check(history);
    }

    @Override
    public void close() {
        writing = false;
        threads.shutdownNow();
    }
}
