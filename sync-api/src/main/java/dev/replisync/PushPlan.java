package dev.replisync;

import dev.replisync.protocol.Mutation;
import dev.replisync.storage.PushTx;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Set;

/**
 * What is left to do of one push: each client's mutations in the order of their ids (rule R15), without those processed
 * already (R16), up to the first gap (R21).
 */
final class PushPlan {
    private List<Mutation> pending;
    private final Map<String, Long> lowest = new HashMap<>();
    private final Map<String, Long> last = new HashMap<>();
    private final Set<String> stopped = new HashSet<>();
    private boolean gap;
    private boolean lost;

    PushPlan(List<Mutation> mutations) {
        for (Mutation m : mutations) {
            lowest.merge(m.clientID(), m.id(), Math::min);
        }
        this.pending = ordered(mutations);
    }

    /** The clients that still have something pending. */
    Set<String> clients() {
        Set<String> clients = new HashSet<>();
        pending.forEach(m -> clients.add(m.clientID()));
        return clients;
    }

    /** Takes over what the datastore says was processed; each look may show more, other pushes run meanwhile. */
    void processed(Map<String, PushTx.Client> clients) {
        clients.forEach((id, client) -> last.merge(id, client.lastMutationID(), Math::max));
    }

    /** Notes that a mutation was processed by this push. */
    void processed(Mutation m) {
        last.merge(m.clientID(), m.id(), Math::max);
    }

    boolean isProcessed(Mutation m) {
        return m.id() <= last.getOrDefault(m.clientID(), 0L);
    }

    /** The next mutations to run, at most {@code count}; what turns out to be processed or not runnable is dropped. */
    List<Mutation> next(int count) {
        List<Mutation> chunk = new ArrayList<>();
        List<Mutation> rest = new ArrayList<>();
        Map<String, Long> reached = new HashMap<>(last);
        for (Mutation m : pending) {
            long expected = reached.getOrDefault(m.clientID(), 0L) + 1;
            if (m.id() < expected || stopped.contains(m.clientID())) {
                continue;
            }
            if (chunk.size() == count) {
                rest.add(m);
            } else if (m.id() == expected) {
                chunk.add(m);
                rest.add(m);
                reached.put(m.clientID(), m.id());
            } else {
                stopAtGap(m);
            }
        }
        pending = rest;
        return chunk;
    }

    /** Leaves the rest of a client's mutations for another push. */
    void stop(String clientID) {
        stopped.add(clientID);
    }

    /** Whether a client's sequence has a hole inside this push. */
    boolean gap() {
        return gap;
    }

    /** Whether a client's sequence begins above what the server has: mutations once confirmed are gone. */
    boolean lost() {
        return lost;
    }

    private void stopAtGap(Mutation m) {
        stopped.add(m.clientID());
        long reached = last.getOrDefault(m.clientID(), 0L);
        if (lowest.getOrDefault(m.clientID(), m.id()) > reached + 1) {
            lost = true;
        } else {
            gap = true;
        }
    }

    /** Sorts each client's mutations by id and leaves the clients interleaved as they came. */
    private static List<Mutation> ordered(List<Mutation> mutations) {
        Map<String, Queue<Mutation>> byClient = new HashMap<>();
        for (Mutation m : mutations) {
            byClient.computeIfAbsent(m.clientID(), c -> new PriorityQueue<>(Comparator.comparingLong(Mutation::id)))
                    .add(m);
        }
        List<Mutation> ordered = new ArrayList<>(mutations.size());
        for (Mutation m : mutations) {
            ordered.add(byClient.getOrDefault(m.clientID(), new ArrayDeque<>()).remove());
        }
        return ordered;
    }
}
