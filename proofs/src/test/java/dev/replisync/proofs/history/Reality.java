package dev.replisync.proofs.history;

import dev.replisync.proofs.history.Event.Effect;
import dev.replisync.proofs.history.Event.Opened;
import dev.replisync.proofs.history.Event.Pushed;
import dev.replisync.proofs.history.Event.Sent;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What was sent, and what the clients may rely on since when. */
final class Reality {
    private final Map<String, Sent> sent = new HashMap<>();
    private final Map<String, Opened> tabs = new HashMap<>();

    /** By client: the ids whose tags must be found in lists. */
    private final Map<String, BitSet> writes = new HashMap<>();

    /** By client: after how many events it was known that everything up to an id is done. */
    private final Map<String, NavigableMap<Integer, Long>> known = new HashMap<>();

    Reality(History history) {
        for (Event event : history.events()) {
            if (event instanceof Opened tab) {
                tabs.put(tab.tab(), tab);
            } else if (event instanceof Pushed push) {
                push.mutations().forEach(this::sent);
            }
        }
    }

    private void sent(Sent mutation) {
        sent.put(mutation.tag(), mutation);
        BitSet ids = writes.computeIfAbsent(mutation.clientID(), client -> new BitSet());
        if (mutation.effect() == Effect.APPEND || mutation.effect() == Effect.BOTH) {
            ids.set((int) mutation.id());
        }
    }

    Map<String, Sent> all() {
        return sent;
    }

    @Nullable
    Sent find(String tag) {
        return sent.get(tag);
    }

    Set<String> clients() {
        return writes.keySet();
    }

    Opened tab(String name) {
        Opened tab = tabs.get(name);
        if (tab == null) {
            throw new IllegalStateException("the history has an event of tab " + name + ", which was never opened");
        }
        return tab;
    }

    boolean sameGroup(String a, String b) {
        return tab(a).group().equals(tab(b).group());
    }

    boolean sameSpace(String a, String b) {
        return tab(a).space().equals(tab(b).space());
    }

    /** The ids of a client's tags that are there when everything up to an id is done. */
    BitSet writesUpTo(String client, long id) {
        BitSet all = writes.getOrDefault(client, new BitSet());
        return all.get(0, (int) id + 1);
    }

    /** Notes that with the event of this number somebody learned that a client's mutations are done up to an id. */
    void learned(int event, String client, long id) {
        NavigableMap<Integer, Long> times = known.computeIfAbsent(client, c -> new TreeMap<>());
        Map.Entry<Integer, Long> last = times.lastEntry();
        if (last == null || last.getValue() < id) {
            times.put(event, id);
        }
    }

    /** Up to which id a client's mutations were known to be done before a request that began then. */
    long doneBefore(int began, String client) {
        Map.Entry<Integer, Long> last =
                known.getOrDefault(client, new TreeMap<>()).lowerEntry(began);
        return last == null ? 0 : last.getValue();
    }
}
