package dev.replisync.jdbi;

import dev.replisync.Mutators;
import dev.replisync.SyncServer;
import dev.replisync.SyncServerBuilder;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jdbi.v3.core.Handle;

/** An application whose invariants break when an update is lost: counters, a log of runs, and places in a list. */
final class Counters {
    static final SyncedTable COUNTERS =
            SyncedTable.of("counter").key("counter/", "id").columns("id", "n");
    static final SyncedTable PLACES =
            SyncedTable.of("place").key("place/", "id").columns("id", "sort");

    private final TestDatabase db;

    record Name(String id) {}

    Counters(TestDatabase db) {
        this.db = db;
        db.execute(
                "create table counter (id varchar(50) primary key, n int not null)",
                "create table place (id varchar(50) primary key, sort int not null)",
                "create table run (client varchar(50) not null, mutation bigint not null)");
        storage(db).install();
    }

    static JdbiStorage storage(TestDatabase db) {
        return JdbiStorage.builder(db.jdbi()).tables(COUNTERS, PLACES).build();
    }

    /** A node of its own. */
    SyncServer<Handle> node(boolean versionLast) {
        return node(versionLast, new Mutators<>());
    }

    SyncServer<Handle> node(boolean versionLast, Mutators<Handle> more) {
        SyncServerBuilder<Handle> builder = SyncServer.builder(storage(db))
                .strategy("global")
                .mutators(more.add("increment", Name.class, (h, name, ctx) -> {
                            h.execute(
                                    "insert into run values (?, ?)",
                                    ctx.mutation().clientID(),
                                    ctx.mutation().id());
                            ctx.lock(name.id());
                            // Read, then write: right only if nobody is in between.
                            int n = COUNTERS.find(h, name.id())
                                    .map(row -> (int) value(row, "n"))
                                    .orElse(0);
                            COUNTERS.put(h, ctx, Map.of("id", name.id(), "n", n + 1));
                        })
                        .add("append", Name.class, (h, name, ctx) -> {
                            ctx.lock("places");
                            int last = h.select("select coalesce(max(sort), 0) from place")
                                    .mapTo(Integer.class)
                                    .one();
                            PLACES.insert(h, ctx, Map.of("id", name.id(), "sort", last + 1));
                        }));
        return (versionLast ? builder.versionLast() : builder).build();
    }

    static Object value(Map<String, Object> row, String column) {
        return row.entrySet().stream()
                .filter(e -> e.getKey().equalsIgnoreCase(column))
                .findFirst()
                .orElseThrow()
                .getValue();
    }

    int counter(String id) {
        return number("select coalesce(max(n), 0) from counter where id = '" + id + "'");
    }

    int number(String sql) {
        return db.jdbi().withHandle(h -> h.select(sql).mapTo(Integer.class).one());
    }

    /** Runs the same on several threads at once and fails if one of them fails. */
    static void inParallel(int threads, Task task) throws InterruptedException {
        ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
        Thread[] all = new Thread[threads];
        for (int i = 0; i < threads; i++) {
            int number = i;
            all[i] = new Thread(() -> {
                try {
                    task.run(number);
                } catch (Throwable e) {
                    failures.add(e);
                }
            });
            all[i].start();
        }
        for (Thread thread : all) {
            thread.join(60_000);
            if (thread.isAlive()) {
                failures.add(new AssertionError("a thread hangs"));
            }
        }
        if (!failures.isEmpty()) {
            throw new AssertionError(failures.size() + " threads failed: " + failures, failures.peek());
        }
    }

    /** What a thread does. */
    interface Task {
        void run(int number) throws Exception;
    }
}
