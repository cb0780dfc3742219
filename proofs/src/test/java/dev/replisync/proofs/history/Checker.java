package dev.replisync.proofs.history;

import static dev.replisync.proofs.history.Property.ANSWERS;
import static dev.replisync.proofs.history.Property.ATOMIC;
import static dev.replisync.proofs.history.Property.EXACTLY_ONCE;
import static dev.replisync.proofs.history.Property.MONOTONE;
import static dev.replisync.proofs.history.Property.NOTHING_LOST;
import static dev.replisync.proofs.history.Property.ONE_ORDER;

import dev.replisync.proofs.history.Event.Opened;
import dev.replisync.proofs.history.Event.Pulled;
import dev.replisync.proofs.history.Event.Pushed;
import dev.replisync.proofs.history.Event.Sent;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Decides from what clients saw whether a server keeps its promises. It knows nothing of the server: mutations leave tags
 * in lists that only grow, so that each view tells which mutations it holds and in which order they took effect.
 */
public final class Checker {
    private static final int OK = 200;
    private static final int COME_AGAIN = 503;

    private final Verdict verdict = new Verdict();
    private final Reality reality;
    private final Outcome outcome;
    private final Map<String, TabView> views = new HashMap<>();

    /** By space, the states that were seen. */
    private final Map<String, List<State>> states = new TreeMap<>();

    private Checker(History history) {
        reality = new Reality(history);
        outcome = new Outcome(history, reality);
    }

    /** How far each client had come in a view. */
    private record State(String tab, int event, Map<String, Integer> lengths) {
        int sum() {
            return lengths.values().stream().mapToInt(length -> length).sum();
        }
    }

    /**
     * Judges a history that has come to rest.
     *
     * @param history the history
     * @return what it shows
     */
    public static Verdict check(History history) {
        Checker checker = new Checker(history);
        List<Event> events = history.events();
        for (int i = 0; i < events.size(); i++) {
            if (events.get(i) instanceof Opened tab) {
                checker.views.put(
                        tab.tab(),
                        tab.from() == null
                                ? new TabView()
                                : checker.views.get(tab.from()).copy());
            } else if (events.get(i) instanceof Pushed push) {
                checker.pushed(i, push);
            } else if (events.get(i) instanceof Pulled pull) {
                checker.pulled(i, pull);
            }
        }
        checker.states.values().forEach(checker::areOneLine);
        checker.outcome.judge(checker.verdict);
        return checker.verdict;
    }

    private boolean isAnswered(String what, String tab, int status, String body) {
        if (status == Event.NO_ANSWER || status == COME_AGAIN) {
            verdict.unanswered++;
        } else if (status != OK) {
            verdict.violates(ANSWERS, "a %s of %s was answered with %s %s".formatted(what, tab, status, body));
        }
        return status == OK;
    }

    private void pushed(int event, Pushed push) {
        push.mutations().forEach(mutation -> verdict.sent.add(mutation.tag()));
        if (!isAnswered("push", push.tab(), push.status(), push.body())) {
            return;
        }
        if (push.body().contains("ClientStateNotFound")) {
            verdict.violates(
                    NOTHING_LOST, "the server does not know client group of %s any more".formatted(push.tab()));
        } else if (push.body().contains("error")) {
            verdict.violates(ANSWERS, "a push of %s was answered with %s".formatted(push.tab(), push.body()));
        } else {
            for (Sent mutation : push.mutations()) {
                acknowledged(event, mutation.clientID(), mutation.id());
            }
        }
    }

    private void acknowledged(int event, String client, long id) {
        reality.learned(event, client, id);
        for (long i = id; i > 0 && verdict.acknowledged.add(client + ":" + i); i--) {
            // What came before it is done as well.
        }
    }

    private void pulled(int event, Pulled pull) {
        if (!isAnswered("pull", pull.tab(), pull.status(), pull.body().toString())) {
            return;
        }
        verdict.pulls++;
        TabView view = views.get(pull.tab());
        String dropped = view.apply(pull.body());
        if (dropped != null) {
            verdict.violates(MONOTONE, "%s drops the answer to pull %s: %s".formatted(pull.tab(), event, dropped));
        }
        view.lists().forEach((key, tags) -> isWhole(pull.tab(), event, view, key, tags));
        Map<String, BitSet> visible = view.visible();
        Map<String, Integer> lengths = new TreeMap<>();
        for (String client : reality.clients()) {
            BitSet seen = visible.getOrDefault(client, new BitSet());
            if (reality.sameGroup(client, pull.tab())) {
                fitsItsID(pull, event, client, seen, view.lastMutationID(client));
            } else {
                isPrefix(pull, event, client, seen);
            }
            if (reality.sameSpace(client, pull.tab())) {
                holdsWhatWasDone(pull, event, client, seen);
            }
            lengths.put(client, outcome.kept(client, seen).cardinality());
        }
        states.computeIfAbsent(reality.tab(pull.tab()).space(), space -> new ArrayList<>())
                .add(new State(pull.tab(), event, lengths));
        for (String client : reality.clients()) {
            if (reality.sameGroup(client, pull.tab())) {
                acknowledged(event, client, view.lastMutationID(client));
            }
        }
    }

    /** Each tag once, of a mutation that was sent and does this, and in both lists of a pair. */
    private void isWhole(String tab, int event, TabView view, String key, List<String> tags) {
        LinkedHashSet<String> once = new LinkedHashSet<>();
        for (String tag : tags) {
            if (!once.add(tag) && verdict.doubled.add(tag)) {
                verdict.violates(EXACTLY_ONCE, "%s is twice in %s, pull %s of %s".formatted(tag, key, event, tab));
            }
            Sent mutation = reality.find(tag);
            if (mutation == null || !Outcome.keys(mutation).contains(key)) {
                verdict.violates(
                        EXACTLY_ONCE,
                        "%s is in %s, pull %s of %s, but %s does nothing to it"
                                .formatted(
                                        tag,
                                        key,
                                        event,
                                        tab,
                                        mutation == null ? "no mutation that was sent" : mutation));
            }
        }
        if (key.endsWith(Outcome.LEFT)) {
            String other = key.substring(0, key.length() - Outcome.LEFT.length()) + Outcome.RIGHT;
            List<String> right = view.list(other);
            if (!once.equals(new LinkedHashSet<>(right))) {
                verdict.violates(
                        ATOMIC, "%s is %s but %s is %s, pull %s of %s".formatted(key, tags, other, right, event, tab));
            }
        } else if (key.endsWith(Outcome.RIGHT)
                && !view.lists().containsKey(key.substring(0, key.length() - Outcome.RIGHT.length()) + Outcome.LEFT)) {
            verdict.violates(ATOMIC, "%s is %s but it is alone, pull %s of %s".formatted(key, tags, event, tab));
        }
        List<String> kept = once.stream().filter(outcome::isThere).toList();
        List<String> last = outcome.list(tab, key).stream()
                .distinct()
                .filter(outcome::isThere)
                .toList();
        if (kept.size() > last.size() || !last.subList(0, kept.size()).equals(kept)) {
            verdict.violates(
                    ONE_ORDER,
                    "%s is %s, pull %s of %s, which is no beginning of %s".formatted(key, kept, event, tab, last));
        }
    }

    /** A group sees its own mutations together with their ids. */
    private void fitsItsID(Pulled pull, int event, String client, BitSet seen, long lastMutationID) {
        BitSet expected = reality.writesUpTo(client, lastMutationID);
        BitSet differs = (BitSet) seen.clone();
        differs.xor(expected);
        differs.stream()
                .filter(id -> outcome.isThere(client + ":" + id) && outcome.isProcessed(client, id))
                .findFirst()
                .ifPresent(id -> verdict.violates(
                        ATOMIC,
                        "%s:%s is %s, pull %s of %s, but the last mutation id is %s"
                                .formatted(
                                        client,
                                        id,
                                        seen.get(id) ? "there" : "not there",
                                        event,
                                        pull.tab(),
                                        lastMutationID)));
    }

    /** Others see a client's mutations in the order in which it made them. */
    private void isPrefix(Pulled pull, int event, String client, BitSet seen) {
        BitSet kept = outcome.kept(client, seen);
        BitSet expected = outcome.kept(client, reality.writesUpTo(client, Math.max(0, kept.length() - 1)));
        expected.andNot(kept);
        if (!expected.isEmpty()) {
            verdict.violates(
                    ONE_ORDER,
                    "%s:%s is not there, pull %s of %s, but %s:%s is, which came later"
                            .formatted(client, expected.nextSetBit(0), event, pull.tab(), client, kept.length() - 1));
        }
    }

    /** What anybody knew to be done before the pull was sent is in its answer. */
    private void holdsWhatWasDone(Pulled pull, int event, String client, BitSet seen) {
        long done = reality.doneBefore(pull.began(), client);
        BitSet missing = outcome.kept(client, reality.writesUpTo(client, done));
        missing.andNot(seen);
        if (!missing.isEmpty()) {
            verdict.violates(
                    NOTHING_LOST,
                    "%s:%s is not there, pull %s of %s, but it was acknowledged before that began"
                            .formatted(client, missing.nextSetBit(0), event, pull.tab()));
        }
    }

    /** Of two views one holds all that the other holds. */
    private void areOneLine(List<State> seen) {
        List<State> sorted = new ArrayList<>(seen);
        sorted.sort((a, b) -> Integer.compare(a.sum(), b.sum()));
        for (int i = 1; i < sorted.size(); i++) {
            State less = sorted.get(i - 1);
            State more = sorted.get(i);
            for (Map.Entry<String, Integer> length : less.lengths.entrySet()) {
                if (length.getValue() > more.lengths.getOrDefault(length.getKey(), 0)) {
                    verdict.violates(
                            ONE_ORDER,
                            ("pull %s of %s and pull %s of %s: each holds what the other does not, in the first %s, in the"
                                            + " second %s")
                                    .formatted(less.event, less.tab, more.event, more.tab, less.lengths, more.lengths));
                    return;
                }
            }
        }
    }
}
