package dev.replisync;

import dev.replisync.protocol.Mutation;
import dev.replisync.storage.PushTx;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What is left to do of one push: each client's mutations in the order of their ids (rule R15), without those processed
 * already (R16), up to the first gap (R21). Clients send them in this order; what comes too early waits for the next
 * chunk. What is processed is what the datastore said last, under the lock: never a memory of this push, because another
 * push may have run in between, and a failing datastore may have gone back.
 */
final class PushPlan {
    private final List<Mutation> mutations;
    private final Map<String, Client> clients = new LinkedHashMap<>();
    private int cursor;

    /** A client as this push sees it. */
    private static final class Client {
        private long lowest = Long.MAX_VALUE;
        private long highest;
        private long last;
        private long stoppedAt = Long.MAX_VALUE;

        boolean hasMore() {
            return highest > last;
        }
    }

    PushPlan(List<Mutation> mutations) {
        for (Mutation m : mutations) {
            Client client = clients.computeIfAbsent(m.clientID(), id -> new Client());
            client.lowest = Math.min(client.lowest, m.id());
            client.highest = Math.max(client.highest, m.id());
        }
        this.mutations = mutations;
    }

    /** The clients that still have something to do. */
    Set<String> clients() {
        return clients.entrySet().stream()
                .filter(c -> c.getValue().hasMore())
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
    }

    /**
     * Takes over what the datastore says was processed.
     *
     * @param asked the clients asked for
     * @param found those of them that it knows
     */
    void look(Set<String> asked, Map<String, PushTx.Client> found) {
        for (String id : asked) {
            PushTx.Client client = found.get(id);
            long last = client == null ? 0 : client.lastMutationID();
            if (last < client(id).last) {
                cursor = 0;
            }
            client(id).last = last;
        }
    }

    /** Notes that a mutation was processed by a commit of this push. */
    void processed(Mutation m) {
        client(m.clientID()).last = m.id();
    }

    boolean isProcessed(Mutation m) {
        return m.id() <= client(m.clientID()).last;
    }

    /** The next mutations to run, at most {@code count}. */
    List<Mutation> next(int count) {
        while (cursor < mutations.size() && isProcessed(mutations.get(cursor))) {
            cursor++;
        }
        List<Mutation> chunk = new ArrayList<>();
        Map<String, Long> reached = new HashMap<>();
        for (int i = cursor; i < mutations.size() && chunk.size() < count; i++) {
            Mutation m = mutations.get(i);
            Client client = client(m.clientID());
            if (m.id() < client.stoppedAt && m.id() == reached.getOrDefault(m.clientID(), client.last) + 1) {
                chunk.add(m);
                reached.put(m.clientID(), m.id());
            }
        }
        return chunk;
    }

    /** Leaves a mutation, and those of its client behind it, for another push. */
    void stopAt(Mutation m) {
        Client client = client(m.clientID());
        client.stoppedAt = Math.min(client.stoppedAt, m.id());
    }

    /**
     * Whether a client's sequence begins above what the server has: mutations that it once confirmed are gone, and the
     * client will never send them again. A hole inside this push is no such thing.
     */
    boolean isStateGone() {
        return clients.values().stream().anyMatch(c -> c.hasMore() && c.lowest > c.last + 1);
    }

    /** Whether something is left that the client can send again: its state is not gone. */
    boolean isIncomplete() {
        return clients.values().stream().anyMatch(c -> c.hasMore() && c.lowest <= c.last + 1);
    }

    private Client client(String id) {
        return Objects.requireNonNull(clients.get(id));
    }
}
