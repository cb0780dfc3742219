package dev.replisync.tck;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.replisync.storage.OpenPush;
import dev.replisync.storage.PatchSink;
import dev.replisync.storage.PushTx;
import dev.replisync.storage.Storage;
import dev.replisync.storage.ViewReads;
import dev.replisync.strategy.global.GlobalVersion;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Mistakes that other servers for this protocol make, as the rules name them. */
final class PeerMutants {
    private static final int MOST_PARAMETERS = 65_535;

    private PeerMutants() {}

    static List<Mutant> all() {
        return List.of(
                new TxMutant("R3", "error mode confirms the mutation and does not move the version") {
                    @Override
                    void commit(Transaction tx, PushTx.Closing closing) {
                        boolean wroteNothing = tx.handle().rows.isEmpty();
                        tx.real().commit(closing);
                        if (wroteNothing) {
                            VersionMutants.unmove(tx);
                        }
                    }
                },
                new Clock(),
                new WireMutants.Pulls("R8", "orders come from a clock, which is set back") {
                    private final AtomicLong clock = new AtomicLong(1_700_000_000_000L);

                    @Override
                    void change(ObjectNode answer, JsonNode received) {
                        ((ObjectNode) answer.path("cookie")).put("order", clock.addAndGet(-1_000));
                    }
                },
                new TxMutant("R9", "ids are kept in 32 bits") {
                    @Override
                    void commit(Transaction tx, PushTx.Closing closing) {
                        Map<String, PushTx.Client> clients = new HashMap<>(closing.clients());
                        clients.replaceAll((id, c) -> new PushTx.Client(c.groupID(), (int) c.lastMutationID()));
                        tx.real().commit(new PushTx.Closing(clients, closing.spaces()));
                    }
                },
                new Guarded(),
                new TxMutant("R23", "a commit of a failed transaction reports success and has rolled back") {
                    @Override
                    String contract() {
                        return "PushFaultContract";
                    }

                    @Override
                    void commit(Transaction tx, PushTx.Closing closing) {
                        try {
                            tx.real().commit(closing);
                        } catch (MemoryPoison e) {
                            tx.real().close();
                        }
                    }
                },
                new Classifying("R24", "a fault of the datastore is booked as a failed mutation") {
                    @Override
                    Storage.Failure classify(Storage<?> right, Throwable thrown, Storage.Where where) {
                        return where == Storage.Where.SDK ? Storage.Failure.PERMANENT : right.classify(thrown, where);
                    }
                },
                new Classifying("R24", "what a mutator throws is waited for, for ever") {
                    @Override
                    Storage.Failure classify(Storage<?> right, Throwable thrown, Storage.Where where) {
                        Storage.Failure found = right.classify(thrown, where);
                        return found == Storage.Failure.PERMANENT ? Storage.Failure.TRANSIENT : found;
                    }
                },
                new Classifying("R25", "a fault is known only where nothing wraps it") {
                    @Override
                    Storage.Failure classify(Storage<?> right, Throwable thrown, Storage.Where where) {
                        return right.classify(new IllegalStateException(thrown.toString()), where);
                    }
                },
                new ViewMutant("R41", "xmin is compared as text, for being greater") {
                    @Override
                    void changes(
                            MemoryStorage store,
                            ViewReads views,
                            ViewReads.Request request,
                            ViewReads.Pull right,
                            ViewReads.ViewSink sink) {
                        Map<String, String> held = held(request);
                        right.changes(sink(sink::del, (key, row) -> {
                            String before = held.get(key);
                            if (before == null || before.compareTo(row.version()) < 0) {
                                row.putTo(sink, key);
                            }
                        }));
                    }
                },
                new Upsert(),
                new Mutant("R52", "a replica that lags is taken for a restore") {
                    @Override
                    ServerSetup<MemoryTx> setup() {
                        return super.setup().withReplicas(new GlobalVersion());
                    }
                },
                new ReadMutant("R66", "a statement has a parameter for each row") {
                    @Override
                    PatchSink sink(PatchSink right) {
                        AtomicInteger rows = new AtomicInteger();
                        return sink(right::del, (key, json) -> {
                            if (rows.incrementAndGet() > MOST_PARAMETERS) {
                                throw new IllegalStateException("too many parameters");
                            }
                            right.put(key, json);
                        });
                    }
                });
    }

    /** Pulls from replicas, nothing wrong with it. */
    static Mutant rightOnReplicas() {
        return new Mutant("R52", "replicas as they should be") {
            @Override
            ServerSetup<MemoryTx> setup() {
                return super.setup().withReplicas(new GlobalVersion().pullingFromReplicas());
            }
        };
    }

    /** Two that begin in one millisecond have one version, and the later one may commit first. */
    private static final class Clock extends TxMutant {
        private final Map<Transaction, Long> began = new ConcurrentHashMap<>();
        private long highest;

        Clock() {
            super("R5", "the version is the time of day at which a push began");
        }

        @Override
        String contract() {
            return "StorageContract";
        }

        @Override
        boolean versionLast() {
            return true;
        }

        @Override
        void opened(Transaction tx) {
            began.put(tx, System.currentTimeMillis());
        }

        @Override
        synchronized void commit(Transaction tx, PushTx.Closing closing) {
            tx.real().commit(closing);
            long mine = began.getOrDefault(tx, 0L);
            highest = Math.max(highest, mine);
            VersionMutants.restamp(tx, VersionMutants.version(tx), mine, highest);
        }
    }

    /** {@code update … where lmid = ?; commit}: commits what the mutators wrote also when it updates no row. */
    private static final class Guarded extends TxMutant {
        private final Map<Thread, MemoryState> before = new ConcurrentHashMap<>();

        Guarded() {
            super("R17", "ids are written where they are as expected, entities in any case");
        }

        @Override
        void beforeOpen(MemoryStorage store, OpenPush what) {
            before.put(Thread.currentThread(), store.state());
        }

        @Override
        PushTx.State state(Transaction tx) {
            PushTx.State right = tx.real().state();
            return new PushTx.State(
                    right.groups(),
                    PushMutants.clients(before.get(Thread.currentThread()), tx.what()),
                    right.versions(),
                    right.unknownSpaces());
        }

        @Override
        void commit(Transaction tx, PushTx.Closing closing) {
            Map<String, PushTx.Client> expected = state(tx).clients();
            Map<String, PushTx.Client> found = PushMutants.clients(tx.store().state(), tx.what());
            Map<String, PushTx.Client> clients = new HashMap<>(closing.clients());
            clients.keySet().removeIf(id -> !Objects.equals(expected.get(id), found.get(id)));
            tx.real().commit(new PushTx.Closing(clients, closing.spaces()));
        }
    }

    /** {@code insert … on conflict (id) do update set group = excluded.group}. */
    private static final class Upsert extends TxMutant {
        private final Map<Transaction, Map<String, PushTx.Client>> read = new ConcurrentHashMap<>();

        Upsert() {
            super("R46", "an upsert moves a client that another group has just brought");
        }

        @Override
        OpenPush opening(OpenPush what) {
            return new OpenPush(what.groups(), Set.of(), what.spaces(), what.lockVersions(), what.createSpaces());
        }

        @Override
        void opened(Transaction tx) {
            read.put(tx, PushMutants.clients(tx.store().state(), tx.what()));
        }

        @Override
        PushTx.State state(Transaction tx) {
            PushTx.State right = tx.real().state();
            return new PushTx.State(right.groups(), read.get(tx), right.versions(), right.unknownSpaces());
        }
    }

    /** Takes exceptions for something else. */
    private abstract static class Classifying extends Mutant {
        Classifying(String rule, String name) {
            super(rule, name);
        }

        abstract Storage.Failure classify(Storage<?> right, Throwable thrown, Storage.Where where);

        @Override
        String contract() {
            return "StorageContract";
        }

        @Override
        Storage<MemoryTx> storage(MemoryStorage right) {
            return new DecoratedStorage<>(right) {
                @Override
                public Failure classify(Throwable thrown, Where where) {
                    return Classifying.this.classify(right, thrown, where);
                }
            };
        }
    }
}
