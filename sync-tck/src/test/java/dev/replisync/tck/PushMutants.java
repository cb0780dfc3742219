package dev.replisync.tck;

import dev.replisync.storage.OpenPush;
import dev.replisync.storage.PushTx;
import dev.replisync.storage.Storage;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Stores that open wrongly: what they read, when, and what they lock. */
final class PushMutants {
    private PushMutants() {}

    static List<Mutant> all() {
        return List.of(
                new Shared("R15", "of pushes that share a transaction the first one's ids are kept") {
                    @Override
                    void commit(Transaction tx, PushTx.Closing closing) {
                        Map<String, PushTx.Client> clients = new HashMap<>(closing.clients());
                        clients.values().removeIf(client -> !client.groupID().equals(first(tx)));
                        tx.real().commit(new PushTx.Closing(clients, closing.spaces()));
                    }
                },
                new Shared("R46", "clients of pushes that share a transaction are of its first group") {
                    @Override
                    void commit(Transaction tx, PushTx.Closing closing) {
                        Map<String, PushTx.Client> clients = new HashMap<>(closing.clients());
                        clients.replaceAll((id, client) -> new PushTx.Client(first(tx), client.lastMutationID()));
                        tx.real().commit(new PushTx.Closing(clients, closing.spaces()));
                    }
                },
                new Shared("R45", "whose the groups are that share a transaction is not looked at") {
                    @Override
                    PushTx.State state(Transaction tx) {
                        PushTx.State right = tx.real().state();
                        boolean alone = tx.what().groups().size() == 1;
                        return new PushTx.State(
                                alone ? right.groups() : asked(tx.what()),
                                right.clients(),
                                right.versions(),
                                right.unknownSpaces());
                    }
                },
                new Shared("R27", "of groups that share a transaction the last one is locked") {
                    @Override
                    OpenPush opening(OpenPush what) {
                        List<OpenPush.Group> groups = what.groups();
                        return new OpenPush(
                                groups.subList(Math.max(0, groups.size() - 1), groups.size()),
                                what.clientIDs(),
                                what.spaces(),
                                what.lockVersions(),
                                what.createSpaces());
                    }

                    @Override
                    PushTx.State state(Transaction tx) {
                        PushTx.State right = tx.real().state();
                        return new PushTx.State(
                                asked(tx.what()), right.clients(), right.versions(), right.unknownSpaces());
                    }
                },
                new TxMutant("R17", "one clever statement reads before it has waited for the lock") {
                    private final Map<Thread, MemoryState> before = new ConcurrentHashMap<>();

                    @Override
                    void beforeOpen(MemoryStorage store, OpenPush what) {
                        before.put(Thread.currentThread(), store.state());
                    }

                    @Override
                    PushTx.State state(Transaction tx) {
                        PushTx.State right = tx.real().state();
                        return new PushTx.State(
                                right.groups(),
                                clients(before.get(Thread.currentThread()), tx.what()),
                                right.versions(),
                                right.unknownSpaces());
                    }
                },
                new TxMutant("R18", "a new group is stored before there is anything to store") {
                    @Override
                    void beforeOpen(MemoryStorage store, OpenPush what) {
                        what.groups()
                                .forEach(group -> store.change(next -> next.groups.putIfAbsent(group.id(), group)));
                    }
                },
                new Forgetful("R19", "the retry in error mode trusts what was read before", "PushContract"),
                new Forgetful("R22", "a commit whose answer was lost is done again", "PushFaultContract"),
                new TxMutant("R24", "every fault is final") {
                    @Override
                    String contract() {
                        return "StorageContract";
                    }

                    @Override
                    Storage.Failure classify(Storage.Failure right) {
                        return Storage.Failure.PERMANENT;
                    }
                },
                new TxMutant("R27", "a lock by name locks nothing") {
                    @Override
                    void lock(Transaction tx, String space, String name) {}
                },
                new TxMutant("R45", "the user of a group is not looked at") {
                    @Override
                    PushTx.State state(Transaction tx) {
                        PushTx.State right = tx.real().state();
                        return new PushTx.State(
                                asked(tx.what()), right.clients(), right.versions(), right.unknownSpaces());
                    }
                },
                new TxMutant("R45", "a group is taken over by whoever pushes it") {
                    @Override
                    void beforeOpen(MemoryStorage store, OpenPush what) {
                        what.groups().forEach(group -> store.change(next -> next.groups.put(group.id(), group)));
                    }
                },
                new TxMutant("R46", "a client is moved to the group that pushes it") {
                    @Override
                    PushTx.State state(Transaction tx) {
                        PushTx.State right = tx.real().state();
                        String group = tx.what().groups().stream()
                                .map(OpenPush.Group::id)
                                .findFirst()
                                .orElse("");
                        Map<String, PushTx.Client> clients = new HashMap<>();
                        right.clients()
                                .forEach((id, c) -> clients.put(id, new PushTx.Client(group, c.lastMutationID())));
                        return new PushTx.State(right.groups(), clients, right.versions(), right.unknownSpaces());
                    }
                },
                new TxMutant("R55", "who lost an entity is forgotten") {
                    @Override
                    void touch(Transaction tx, String space, String key, Set<String> lostBy) {
                        tx.real().touch(space, key, Set.of());
                    }
                },
                new TxMutant("R55", "a mutator is told that everybody sees everything") {
                    @Override
                    boolean visible(Transaction tx, String user, String space, String key) {
                        return true;
                    }
                },
                new TxMutant("R59", "what was only touched is not stamped") {
                    @Override
                    void touch(Transaction tx, String space, String key, Set<String> lostBy) {}
                });
    }

    /** What is only wrong where several pushes share a transaction. */
    private abstract static class Shared extends TxMutant {
        Shared(String rule, String name) {
            super(rule, name);
        }

        @Override
        String contract() {
            return "WaitingContract";
        }

        static String first(Transaction tx) {
            return tx.what().groups().get(0).id();
        }
    }

    /** Reads the clients of a push once and remembers them for its next attempts. */
    private static final class Forgetful extends TxMutant {
        private final Map<Set<String>, PushTx.State> first = new ConcurrentHashMap<>();
        private final String contract;

        Forgetful(String rule, String name, String contract) {
            super(rule, name);
            this.contract = contract;
        }

        @Override
        String contract() {
            return contract;
        }

        @Override
        PushTx.State state(Transaction tx) {
            return first.computeIfAbsent(tx.what().clientIDs(), ids -> tx.real().state());
        }
    }

    static Map<String, PushTx.Client> clients(MemoryState state, OpenPush what) {
        Map<String, PushTx.Client> clients = new HashMap<>();
        for (String id : what.clientIDs()) {
            Optional.ofNullable(state.clients.get(id))
                    .ifPresent(c -> clients.put(id, new PushTx.Client(c.groupID(), c.lastMutationID())));
        }
        return clients;
    }
}
