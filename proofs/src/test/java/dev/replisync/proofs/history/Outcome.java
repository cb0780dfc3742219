package dev.replisync.proofs.history;

import static dev.replisync.proofs.history.Property.CONVERGENT;
import static dev.replisync.proofs.history.Property.EXACTLY_ONCE;
import static dev.replisync.proofs.history.Property.NEVER_WEDGED;
import static dev.replisync.proofs.history.Property.NOTHING_LOST;

import com.fasterxml.jackson.databind.JsonNode;
import dev.replisync.proofs.history.Event.Effect;
import dev.replisync.proofs.history.Event.Opened;
import dev.replisync.proofs.history.Event.Pulled;
import dev.replisync.proofs.history.Event.Sent;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What was there when all was quiet. */
final class Outcome {
    static final String LEFT = "-left";
    static final String RIGHT = "-right";

    private static final String COUNTER = "counter/";

    private final Reality reality;

    /** The views of all tabs that pulled when all was quiet. */
    private final Map<String, TabView> views = new TreeMap<>();

    /** By space, the tab whose view the others must have: a fresh one, if there is one. */
    private final Map<String, String> freshest = new TreeMap<>();

    private final Set<String> there = new HashSet<>();
    private final Map<String, Long> processed = new HashMap<>();
    private final Set<String> silent = new HashSet<>();

    Outcome(History history, Reality reality) {
        this.reality = reality;
        Map<String, TabView> all = new TreeMap<>();
        List<Event> events = history.events();
        for (int i = 0; i < events.size(); i++) {
            boolean quiet = i >= history.quietSince();
            if (events.get(i) instanceof Opened tab) {
                all.put(
                        tab.tab(),
                        tab.from() == null ? new TabView() : all.get(tab.from()).copy());
                if (quiet) {
                    freshest.put(tab.space(), tab.tab());
                } else {
                    silent.add(tab.tab());
                    freshest.putIfAbsent(tab.space(), tab.tab());
                }
            } else if (events.get(i) instanceof Pulled pull && pull.status() == 200) {
                all.get(pull.tab()).apply(pull.body());
                if (quiet) {
                    silent.remove(pull.tab());
                    views.put(pull.tab(), all.get(pull.tab()));
                }
            }
        }
        for (TabView view : views.values()) {
            for (String client : reality.clients()) {
                processed.merge(client, view.lastMutationID(client), Math::max);
            }
        }
        for (String tab : freshest.values()) {
            TabView view = views.getOrDefault(tab, new TabView());
            reality.all().forEach((tag, mutation) -> {
                if (keys(mutation).stream().anyMatch(key -> view.list(key).contains(tag))) {
                    there.add(tag);
                }
            });
        }
    }

    /** The lists that a mutation leaves its tag in. */
    static Set<String> keys(Sent mutation) {
        return switch (mutation.effect()) {
            case APPEND -> Set.of(TabView.LIST + mutation.target());
            case BOTH -> Set.of(TabView.LIST + mutation.target() + LEFT, TabView.LIST + mutation.target() + RIGHT);
            case ADD, TOGGLE, FAIL -> Set.of();
        };
    }

    /** Whether a tag is in a list in the end. */
    boolean isThere(String tag) {
        return there.contains(tag);
    }

    boolean isProcessed(String client, long id) {
        return id <= processed.getOrDefault(client, 0L);
    }

    /** Those of a client's mutations that are there in the end. */
    BitSet kept(String client, BitSet ids) {
        BitSet kept = new BitSet();
        ids.stream().filter(id -> isThere(client + ":" + id)).forEach(kept::set);
        return kept;
    }

    /** A list in the end, as all in a tab's space should see it. */
    List<String> list(String tab, String key) {
        return reference(tab).list(key);
    }

    private TabView reference(String tab) {
        String freshTab = freshest.getOrDefault(reality.tab(tab).space(), tab);
        return views.getOrDefault(freshTab, new TabView());
    }

    void judge(Verdict verdict) {
        silent.forEach(
                tab -> verdict.violates(NEVER_WEDGED, "no pull of %s was answered when all was quiet".formatted(tab)));
        reality.all().forEach((tag, mutation) -> judge(tag, mutation, verdict));
        freshest.forEach((space, tab) -> judgeCounters(space, views.getOrDefault(tab, new TabView()), verdict));
        views.forEach((tab, view) -> {
            TabView reference = reference(tab);
            if (!view.entities().equals(reference.entities())) {
                verdict.diverged.add(tab);
                verdict.violates(
                        CONVERGENT, "%s and a fresh client: %s".formatted(tab, TabView.difference(view, reference)));
            }
        });
    }

    private void judge(String tag, Sent mutation, Verdict verdict) {
        boolean done = isProcessed(mutation.clientID(), mutation.id());
        boolean leavesTag = !keys(mutation).isEmpty();
        if (done && leavesTag && !isThere(tag)) {
            verdict.lost.add(tag);
            verdict.violates(NOTHING_LOST, "%s is marked as processed and its effect is nowhere".formatted(tag));
        } else if (!done && isThere(tag)) {
            verdict.violates(
                    EXACTLY_ONCE, "%s is there and not marked as processed, so it will come again".formatted(tag));
        } else if (!done && verdict.acknowledged.contains(tag)) {
            verdict.lost.add(tag);
            verdict.violates(NOTHING_LOST, "%s was acknowledged and is not marked as processed".formatted(tag));
        } else if (!done) {
            verdict.violates(NEVER_WEDGED, "%s was sent and is not processed".formatted(tag));
        }
    }

    private void judgeCounters(String space, TabView view, Verdict verdict) {
        Map<String, Long> expected = new TreeMap<>();
        for (Sent mutation : reality.all().values()) {
            if (mutation.effect() == Effect.ADD
                    && reality.tab(mutation.clientID()).space().equals(space)
                    && isProcessed(mutation.clientID(), mutation.id())) {
                expected.merge(COUNTER + mutation.target(), 1L, Long::sum);
            }
        }
        expected.forEach((key, count) -> {
            JsonNode counter = view.entities().get(key);
            long value = counter == null ? 0 : counter.path("n").asLong();
            for (long i = value; i < count; i++) {
                verdict.lost.add(key + " " + i);
            }
            for (long i = count; i < value; i++) {
                verdict.doubled.add(key + " " + i);
            }
            if (value != count) {
                verdict.violates(
                        value < count ? NOTHING_LOST : EXACTLY_ONCE,
                        "%s is %s but %s mutations that add one to it are marked as processed"
                                .formatted(key, value, count));
            }
        });
    }
}
