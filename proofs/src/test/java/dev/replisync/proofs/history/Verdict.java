package dev.replisync.proofs.history;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** What a history shows. */
public final class Verdict {
    private static final int MOST_SHOWN = 20;

    private final List<String> violations = new ArrayList<>();
    private final Set<Property> violated = EnumSet.noneOf(Property.class);
    private int more;
    final Set<String> sent = new TreeSet<>();
    final Set<String> acknowledged = new TreeSet<>();
    final Set<String> lost = new TreeSet<>();
    final Set<String> doubled = new TreeSet<>();
    final Set<String> diverged = new TreeSet<>();
    int unanswered;
    int pulls;

    Verdict() {}

    void violates(Property property, String text) {
        violated.add(property);
        if (violations.size() < MOST_SHOWN) {
            violations.add(property + ": " + text);
        } else {
            more++;
        }
    }

    /** {@return what is violated, in words, each beginning with the property's name} */
    public List<String> violations() {
        List<String> shown = new ArrayList<>(violations);
        if (more > 0) {
            shown.add("and " + more + " more");
        }
        return shown;
    }

    /** {@return which properties are violated} */
    public Set<Property> violated() {
        return violated;
    }

    /** {@return how many mutations were sent at least once} */
    public int sent() {
        return sent.size();
    }

    /** {@return how many mutations some client was told to be done} */
    public int acknowledged() {
        return acknowledged.size();
    }

    /** {@return how many of those are not there} */
    public int lost() {
        return lost.size();
    }

    /** {@return how many mutations took effect twice} */
    public int doubled() {
        return doubled.size();
    }

    /** {@return how many tabs ended with another view than a fresh one} */
    public int diverged() {
        return diverged.size();
    }

    /** {@return how many requests had no answer, or 503} */
    public int unanswered() {
        return unanswered;
    }

    /** {@return how many pulls were looked at} */
    public int pulls() {
        return pulls;
    }
}
