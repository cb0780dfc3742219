package dev.replisync;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Whose turn it is to write to a space, among the pushes of this node: they stand in line here and not at the space's
 * lock, and whoever has the turn may take along those that wait. Safe for use by several threads.
 */
final class Turns<T> {
    /** Of the spaces to which somebody writes: those that wait. */
    private final Map<String, Deque<Seat<T>>> lines = new HashMap<>();

    /** Takes the turn if nobody has it, else stands in line. Returns whether it has the turn, which it must pass on. */
    synchronized boolean take(String space, Seat<T> seat) {
        Deque<Seat<T>> line = lines.get(space);
        if (line == null) {
            lines.put(space, new ArrayDeque<>());
            return true;
        }
        line.add(seat);
        return false;
    }

    /** Leaves the line. Returns false if the seat is not in it any more. */
    synchronized boolean leave(String space, Seat<T> seat) {
        Deque<Seat<T>> line = lines.get(space);
        return line != null && line.remove(seat);
    }

    /**
     * Takes those out of the line that can share a transaction with whoever has the turn: it holds so many mutations at
     * most, and each client group and each client once, because what one of them did is not read again for the next.
     *
     * @return them all, in the order they came, the one with the turn first
     */
    synchronized List<Seat<T>> along(String space, Seat<T> first, int mutations) {
        List<Seat<T>> together = new ArrayList<>(List.of(first));
        Set<String> groups = new HashSet<>(Set.of(first.groupID()));
        Set<String> clients = new HashSet<>(first.clients());
        int size = first.mutations();
        for (Seat<T> seat : lines.getOrDefault(space, new ArrayDeque<>())) {
            boolean apart =
                    !groups.contains(seat.groupID()) && seat.clients().stream().noneMatch(clients::contains);
            if (apart && size + seat.mutations() <= mutations) {
                together.add(seat);
                groups.add(seat.groupID());
                clients.addAll(seat.clients());
                size += seat.mutations();
            }
        }
        lines.getOrDefault(space, new ArrayDeque<>()).removeAll(together);
        return together;
    }

    /** Passes the turn on, first to those that were taken along and not served. */
    synchronized void pass(String space, List<Seat<T>> unserved) {
        Deque<Seat<T>> line = lines.getOrDefault(space, new ArrayDeque<>());
        for (int i = unserved.size() - 1; i >= 0; i--) {
            line.addFirst(unserved.get(i));
        }
        Seat<T> next = line.poll();
        if (next == null) {
            lines.remove(space);
        } else {
            next.end(Seat.End.LEADS);
        }
    }
}
