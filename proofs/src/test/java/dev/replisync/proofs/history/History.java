package dev.replisync.proofs.history;

import java.util.ArrayList;
import java.util.List;

/** What clients sent and saw, in the order in which it ended. Safe for use by several threads. */
public final class History {
    private final List<Event> events = new ArrayList<>();
    private int quiet = -1;

    /** {@return how many events have ended: to be noted before a request is sent} */
    public synchronized int now() {
        return events.size();
    }

    /** Notes what has ended. */
    public synchronized History add(Event event) {
        events.add(event);
        return this;
    }

    /** From now on nobody writes, and everybody pulls once more. */
    public synchronized History quiet() {
        quiet = events.size();
        return this;
    }

    /** {@return all events} */
    public synchronized List<Event> events() {
        return List.copyOf(events);
    }

    /** {@return how many events there were when all was quiet} */
    public synchronized int quietSince() {
        if (quiet < 0) {
            throw new IllegalStateException("a history can be judged when it has come to rest: call quiet()");
        }
        return quiet;
    }
}
