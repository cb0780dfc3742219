package dev.replisync.tck;

import dev.replisync.protocol.Json;
import dev.replisync.storage.OpenPush;
import dev.replisync.storage.PushTx;
import dev.replisync.storage.Storage;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/** Stores that commit wrongly: versions, atomicity, what is written beside the entities. */
final class VersionMutants {
    private VersionMutants() {}

    static List<Mutant> all() {
        return List.of(
                new TxMutant("R1", "the version is never moved") {
                    @Override
                    void commit(Transaction tx, PushTx.Closing closing) {
                        tx.real().commit(closing);
                        unmove(tx);
                    }
                },
                new TxMutant("R2", "a version is kept under the group's id") {
                    @Override
                    void commit(Transaction tx, PushTx.Closing closing) {
                        tx.real().commit(closing);
                        tx.what()
                                .groups()
                                .forEach(group -> tx.store()
                                        .change(next -> next.spaces.put(group.id(), new MemoryState.Space(1, 0))));
                    }
                },
                new TxMutant("R3", "a failed mutation commits nothing, not even its id") {
                    @Override
                    void commit(Transaction tx, PushTx.Closing closing) {
                        if (!tx.handle().rows.isEmpty()) {
                            tx.real().commit(closing);
                        }
                    }
                },
                new TxMutant("R5", "the version is read without its lock") {
                    @Override
                    String contract() {
                        return "StorageContract";
                    }

                    private final Map<Transaction, Long> read = new HashMap<>();

                    @Override
                    boolean versionLast() {
                        return true;
                    }

                    @Override
                    synchronized void opened(Transaction tx) {
                        read.put(tx, version(tx));
                    }

                    @Override
                    synchronized void commit(Transaction tx, PushTx.Closing closing) {
                        tx.real().commit(closing);
                        long mine = read.getOrDefault(tx, 0L) + 1;
                        restamp(tx, version(tx), mine, mine);
                    }
                },
                new TxMutant("R5", "the version comes from a sequence, out of commit order") {
                    @Override
                    String contract() {
                        return "StorageContract";
                    }

                    private final AtomicLong sequence = new AtomicLong();
                    private final Map<Transaction, Long> drawn = new HashMap<>();
                    private long highest;

                    @Override
                    boolean versionLast() {
                        return true;
                    }

                    @Override
                    synchronized void opened(Transaction tx) {
                        drawn.put(tx, sequence.incrementAndGet());
                    }

                    @Override
                    synchronized void commit(Transaction tx, PushTx.Closing closing) {
                        tx.real().commit(closing);
                        long mine = drawn.getOrDefault(tx, 0L);
                        highest = Math.max(highest, mine);
                        restamp(tx, version(tx), mine, highest);
                    }
                },
                new TxMutant("R22", "the commit happens when the transaction is closed") {
                    private final Map<Transaction, PushTx.Closing> late = new HashMap<>();

                    @Override
                    synchronized void commit(Transaction tx, PushTx.Closing closing) {
                        late.put(tx, closing);
                    }

                    @Override
                    synchronized void close(Transaction tx) {
                        PushTx.Closing closing = late.remove(tx);
                        if (closing != null) {
                            tx.real().commit(closing);
                        }
                        tx.real().close();
                    }
                },
                new TxMutant("R22", "ids are committed in a second transaction") {
                    private final Map<Transaction, PushTx.Closing> late = new HashMap<>();

                    @Override
                    synchronized void commit(Transaction tx, PushTx.Closing closing) {
                        tx.real().commit(new PushTx.Closing(Map.of(), closing.spaces()));
                        late.put(tx, closing);
                    }

                    @Override
                    synchronized void close(Transaction tx) {
                        tx.real().close();
                        PushTx.Closing closing = late.remove(tx);
                        if (closing != null) {
                            try (PushTx<MemoryTx> second = tx.store().open(tx.what())) {
                                second.commit(closing);
                            }
                        }
                    }
                },
                new TxMutant("R23", "what a failing mutation wrote stays") {
                    @Override
                    String contract() {
                        return "PushContract";
                    }

                    private final Set<Transaction> committed = new java.util.HashSet<>();

                    @Override
                    synchronized void commit(Transaction tx, PushTx.Closing closing) {
                        committed.add(tx);
                        tx.real().commit(closing);
                    }

                    @Override
                    synchronized void close(Transaction tx) {
                        if (!committed.contains(tx)) {
                            tx.real()
                                    .commit(new PushTx.Closing(
                                            Map.of(), tx.what().spaces()));
                        }
                        tx.real().close();
                    }
                },
                new TxMutant("R28", "a commit is written behind, some time after it was answered") {
                    private PushTx<MemoryTx> open;
                    private PushTx.Closing behind;

                    @Override
                    Storage<MemoryTx> storage(MemoryStorage right) {
                        Storage<MemoryTx> transactions = super.storage(right);
                        return new DecoratedStorage<>(transactions) {
                            @Override
                            public PushTx<MemoryTx> open(OpenPush what) {
                                flush();
                                return super.open(what);
                            }
                        };
                    }

                    private synchronized void flush() {
                        if (open != null) {
                            open.commit(behind);
                            open.close();
                            open = null;
                        }
                    }

                    @Override
                    synchronized void commit(Transaction tx, PushTx.Closing closing) {
                        open = tx.real();
                        behind = closing;
                    }

                    @Override
                    synchronized void close(Transaction tx) {
                        if (!tx.real().equals(open)) {
                            tx.real().close();
                        }
                    }
                },
                new TxMutant("R53", "a statement on clients does not name its group") {
                    @Override
                    void commit(Transaction tx, PushTx.Closing closing) {
                        tx.real().commit(closing);
                        long now = version(tx);
                        tx.store()
                                .change(next -> next.clients.replaceAll((id, client) ->
                                        new MemoryState.Client(client.groupID(), client.lastMutationID(), now)));
                    }
                },
                new KitMutant("R58", "a deleted entity can still be read by mutators") {
                    @Override
                    void delete(KitHandle kit, String key) {
                        kit.get(key).ifPresent(value -> gone.put(key, value));
                        kit.delete(key);
                    }
                },
                new KitMutant("R58", "deleting what is not there fails") {
                    @Override
                    String contract() {
                        return "EntityContract";
                    }

                    @Override
                    void delete(KitHandle kit, String key) {
                        if (kit.get(key).isEmpty()) {
                            throw new IllegalStateException("no such entity");
                        }
                        kit.delete(key);
                    }
                },
                new KitMutant("R60", "keys are folded to one case") {
                    @Override
                    void put(KitHandle kit, String key, Json value) {
                        kit.put(key.toLowerCase(java.util.Locale.ROOT), value);
                    }
                },
                new KitMutant("R61", "U+0000 is a fault that never passes") {
                    @Override
                    void put(KitHandle kit, String key, Json value) {
                        if (key.indexOf('\0') >= 0) {
                            throw new dev.replisync.error.RetryLaterException("22021");
                        }
                        kit.put(key, value);
                    }
                },
                new KitMutant("R62", "half a character becomes a question mark") {
                    @Override
                    void put(KitHandle kit, String key, Json value) {
                        kit.put(key, Json.parse(value.toString().replace("\\ud83d\"", "?\"")));
                    }
                },
                new KitMutant("R63", "JSON is stored in another form") {
                    @Override
                    void put(KitHandle kit, String key, Json value) {
                        kit.put(key, Json.of(Bodies.read(value.toString())));
                    }
                },
                new KitMutant("R64", "numbers are stored as floating point") {
                    @Override
                    void put(KitHandle kit, String key, Json value) {
                        kit.put(
                                key,
                                Json.parse(value.toString()
                                        .replace("9007199254740993", "9007199254740992")
                                        .replace("12345678901234567890", "12345678901234567000")));
                    }
                });
    }

    static long version(TxMutant.Transaction tx) {
        return tx.store().state().space(tx.what().spaces().first()).version();
    }

    /** Takes back that the version moved. */
    static void unmove(TxMutant.Transaction tx) {
        long moved = version(tx);
        restamp(tx, moved, moved - 1, moved - 1);
    }

    /** Gives everything of one version another one, and the space too. */
    static void restamp(TxMutant.Transaction tx, long from, long to, long space) {
        tx.store().change(next -> {
            next.rows.replaceAll((key, row) -> row.version() == from ? row.stamped(to) : row);
            next.clients.replaceAll(
                    (id, c) -> c.version() == from ? new MemoryState.Client(c.groupID(), c.lastMutationID(), to) : c);
            next.spaces.replaceAll((id, s) -> new MemoryState.Space(space, s.floor()));
        });
    }
}
