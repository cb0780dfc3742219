package dev.replisync.tck;

import dev.replisync.storage.OpenPush;
import dev.replisync.storage.PushTx;
import dev.replisync.storage.RecordStore;
import dev.replisync.storage.Storage;
import dev.replisync.storage.VersionedReads;
import dev.replisync.storage.ViewReads;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A datastore in memory, for the kit's own tests, for tests of strategies, and as the example of the smallest useful
 * adapter: real transactions at READ COMMITTED, real locks with time-outs and deadlocks, values kept as bytes. Nothing
 * survives the process. Safe for use by several threads.
 */
public final class MemoryStorage implements Storage<MemoryTx> {
    private static final int DEEPEST_CHAIN = 50;

    final Database database;
    private final String viewVersion;
    private final boolean keepsViews;
    private volatile @Nullable String strategy;

    /** An empty store. Who waits for a lock for more than five seconds is refused. */
    public MemoryStorage() {
        this(Duration.ofSeconds(5));
    }

    /**
     * An empty store.
     *
     * @param patience how long to wait for a lock before the transaction is refused
     */
    public MemoryStorage(Duration patience) {
        this(new Database(new MemoryLocks(patience)), "1", false);
    }

    private MemoryStorage(Database database, String viewVersion, boolean keepsViews) {
        this.database = database;
        this.viewVersion = viewVersion;
        this.keepsViews = keepsViews;
    }

    /** {@return a second node on the same store} */
    public MemoryStorage node() {
        return new MemoryStorage(database, viewVersion, keepsViews);
    }

    /**
     * A second node on the same store, of another release.
     *
     * @param newViewVersion how that release calls the form of its entities (rule R43)
     * @return the node
     */
    public MemoryStorage node(String newViewVersion) {
        return new MemoryStorage(database, newViewVersion, keepsViews);
    }

    /** {@return a node on the same store that keeps client view records as rows, and compares them itself} */
    MemoryStorage keepingViews() {
        return new MemoryStorage(database, viewVersion, true);
    }

    /** From now on a row that is deleted and created again begins with row version 1, as a column's default may do. */
    void restartRowVersions() {
        database.rowVersionsRestart = true;
    }

    @Override
    public PushTx<MemoryTx> open(OpenPush what) {
        MemoryTx tx = new MemoryTx(this);
        try {
            return new MemoryPush(tx, what, false);
        } catch (RuntimeException | Error e) {
            tx.end();
            throw e;
        }
    }

    @Override
    public PushTx<MemoryTx> join(MemoryTx handle, OpenPush what) {
        return new MemoryPush(handle, what, true);
    }

    @Override
    public Optional<VersionedReads> versioned() {
        return Optional.of(new MemoryReads(this, viewVersion));
    }

    @Override
    public Optional<ViewReads> views() {
        return Optional.of(new MemoryViews(this, viewVersion, keepsViews));
    }

    @Override
    public boolean sharesTransactions() {
        return true;
    }

    @Override
    public Failure classify(Throwable thrown, Where where) {
        Throwable t = thrown;
        for (int i = 0; t != null && i < DEEPEST_CHAIN; i++, t = t.getCause()) {
            if (t instanceof MemoryConflict) {
                return Failure.TRANSIENT;
            }
            if (t instanceof MemoryPoison) {
                return Failure.POISONED;
            }
        }
        return where == Where.MUTATOR ? Failure.PERMANENT : Failure.TRANSIENT;
    }

    /** The strategy that all servers run is that of the first one that started, until it is changed. */
    @Override
    public List<String> problems(Check check) {
        database.change(next -> next.strategy = next.strategy == null ? check.strategyID() : next.strategy);
        String running = database.state().strategy;
        if (!check.strategyID().equals(running)) {
            return List.of("strategy was '" + check.strategyID() + "' but the servers of this store run '" + running
                    + "'; start with that one, or stop all of them and call MemoryStorage.changeStrategy(\""
                    + check.strategyID() + "\", …)");
        }
        strategy = running;
        return List.of();
    }

    /**
     * Does work in a transaction of the application's own; the commit makes visible what was written, but only a {@link
     * dev.replisync.SyncServer#writeWithin} inside it lets clients hear of it.
     *
     * @param work what to do; rolled back if it throws
     */
    public void transaction(Consumer<MemoryTx> work) {
        MemoryTx tx = new MemoryTx(this);
        try {
            work.accept(tx);
            tx.commit();
        } finally {
            tx.end();
        }
    }

    /**
     * Makes a space known; does nothing if it is.
     *
     * @param spaceID the space
     */
    public void createSpace(String spaceID) {
        database.change(next -> next.spaces.putIfAbsent(spaceID, new MemoryState.Space(0, 0)));
    }

    /**
     * Takes a copy of everything, but of client view records.
     *
     * @return puts the store back to the copy when it is run, without telling anybody: see {@link #newEpoch}
     */
    public Runnable backup() {
        MemoryState copy = database.state();
        return () -> database.replace(copy);
    }

    /** Begins a new epoch: what the runbook demands of an operator after a restore. */
    public void newEpoch() {
        database.change(next -> {
            Map<String, Long> versions = new HashMap<>();
            next.spaces.forEach((id, space) -> versions.put(id, space.version()));
            next.ancestors.put(next.epoch, versions);
            next.epoch = UUID.randomUUID().toString();
        });
    }

    /** Forgets all tombstones, and remembers up to which version (rule R51). */
    public void purgeTombstones() {
        database.change(next -> {
            for (Iterator<Map.Entry<MemoryState.RowKey, MemoryState.Row>> i =
                            next.rows.entrySet().iterator();
                    i.hasNext(); ) {
                Map.Entry<MemoryState.RowKey, MemoryState.Row> row = i.next();
                if (row.getValue().value() == null) {
                    MemoryState.Space space = next.space(row.getKey().space());
                    long floor = Math.max(space.floor(), row.getValue().version());
                    next.spaces.put(row.getKey().space(), new MemoryState.Space(space.version(), floor));
                    i.remove();
                }
            }
        });
    }

    /** Forgets all client groups with their clients, as if nobody had used them for longer than they are kept (R49). */
    public void collectClientGroups() {
        database.change(next -> {
            next.groups.clear();
            next.clients.clear();
            next.counters.clear();
        });
    }

    /**
     * Changes the strategy that the servers of this store run, while none runs: the last mutation ids stay, and each
     * client is sent everything anew. Does nothing if it is that one already. A server that was left running answers 503
     * from then on, and commits nothing.
     *
     * @param toStrategyID the new strategy
     * @param spaceOfGroup the space that each client group belongs to from now on, as the new strategy keeps it: always
     *     {@code "global"} for the strategy of that name, and else never for the others of this project
     * @throws IllegalArgumentException if {@code spaceOfGroup} gives a space that the strategy cannot keep the group in,
     *     or if entities of two spaces have one key, and the strategy keeps all in one; nothing is changed then
     */
    public void changeStrategy(String toStrategyID, Function<OpenPush.Group, String> spaceOfGroup) {
        database.change(next -> {
            if (!toStrategyID.equals(next.strategy)) {
                new MemoryStrategyChange(next, toStrategyID, spaceOfGroup).run();
            }
        });
    }

    void insteadOfWaiting(Runnable giveWay) {
        database.locks.insteadOfWaiting(giveWay);
    }

    MemoryState state() {
        return database.state();
    }

    /** What is committed, to a server with the strategy of this store. */
    MemoryState current() {
        MemoryState now = database.state();
        check(now);
        return now;
    }

    /** Commits a change of a server with the strategy of this store. */
    void commit(Consumer<MemoryState> change) {
        database.change(next -> {
            check(next);
            change.accept(next);
        });
    }

    private void check(MemoryState now) {
        String mine = strategy;
        if (mine != null && !mine.equals(now.strategy)) {
            throw new IllegalStateException(
                    "this server was started with strategy '" + mine + "' but the store was changed to '" + now.strategy
                            + "' since; stop it, and start it with that one");
        }
    }

    /** Changes what is committed past all transactions, as a person with a database console does. */
    void change(Consumer<MemoryState> change) {
        database.change(change);
    }

    /** What the nodes of one store share. */
    static final class Database {
        final MemoryLocks locks;
        final RecordStore records = new Records();
        /** Whether a row that is created again begins with version 1, as a column with that default does. */
        volatile boolean rowVersionsRestart;

        private MemoryState state =
                new MemoryState(UUID.randomUUID().toString(), UUID.randomUUID().toString());

        Database(MemoryLocks locks) {
            this.locks = locks;
        }

        synchronized MemoryState state() {
            return state;
        }

        synchronized void change(Consumer<MemoryState> change) {
            MemoryState next = new MemoryState(state);
            change.accept(next);
            state = next;
        }

        /** A version that the row has never had, or one more than it has. */
        long rowVersion(MemoryState next, MemoryState.RowKey key) {
            if (!rowVersionsRestart) {
                return ++next.rowVersions;
            }
            MemoryState.Row before = next.rows.getOrDefault(key, MemoryState.Row.NONE);
            return before.value() == null ? 1 : before.rowVersion() + 1;
        }

        synchronized void replace(MemoryState other) {
            state = other;
        }
    }

    /** Client view records in a map; nothing is ever forgotten. */
    private static final class Records implements RecordStore {
        private final ConcurrentMap<String, byte[]> byID = new ConcurrentHashMap<>();

        @Override
        public Optional<byte[]> read(String id) {
            return Optional.ofNullable(byID.get(id)).map(byte[]::clone);
        }

        @Override
        public void write(String id, byte[] record) {
            byID.put(id, record.clone());
        }
    }
}
