package dev.replisync.tck;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The rules of the protocol, in one list: how binding each is, whom it concerns, what it is for, where it comes from and
 * what to look at when it fails. Read from the resource {@code rules.txt}, one block for each rule. Immutable.
 */
public final class RuleCatalogue {
    private static final String RESOURCE = "rules.txt";
    private static final List<Entry> ENTRIES = read();

    /** How binding a rule is and how it is checked. */
    public enum Level {
        /** Each implementation must pass its tests. */
        REQUIRED,
        /** Must hold where a store or strategy has the feature that it is about; skipped where it has not. */
        OPTIONAL,
        /** Required, and a wrong implementation may pass its tests by luck. */
        STOCHASTIC,
        /** The kit does not check it, and says why. */
        UNTESTED
    }

    /** Which strategies a rule concerns. */
    public enum Concern {
        /** All strategies. */
        ALL,
        /** Those that pull by version: global and per space. */
        VERSION,
        /** The row-version strategy only. */
        ROW_VERSION
    }

    /**
     * A rule.
     *
     * @param id its number, {@code R1} to {@code R70}
     * @param level how binding it is and how it is checked
     * @param concern which strategies it concerns
     * @param intent what it is for, in one line
     * @param check what to look at in an implementation that fails it, in one line
     * @param source where it comes from: a page of Replicache's documentation, or what was seen by running the client or
     *     a database
     * @param untestedBecause why the kit does not check it; empty if it does
     */
    public record Entry(
            String id,
            Level level,
            Concern concern,
            String intent,
            String check,
            String source,
            Optional<String> untestedBecause) {}

    private RuleCatalogue() {}

    /** {@return all rules in the order of their numbers} */
    public static List<Entry> entries() {
        return ENTRIES;
    }

    /**
     * Finds a rule.
     *
     * @param id its number
     * @return the rule, empty if there is none of that number
     */
    public static Optional<Entry> find(String id) {
        return ENTRIES.stream().filter(entry -> entry.id().equals(id)).findFirst();
    }

    private static List<Entry> read() {
        List<Entry> entries = new ArrayList<>();
        for (String block : text().strip().split("\n\n+")) {
            entries.add(entry(block.lines().toList()));
        }
        return List.copyOf(entries);
    }

    private static Entry entry(List<String> lines) {
        String[] head = lines.get(0).split(" ");
        Map<String, String> members = new TreeMap<>();
        for (String line : lines.subList(1, lines.size())) {
            int colon = line.indexOf(": ");
            if (colon < 0 || members.put(line.substring(0, colon), line.substring(colon + 2)) != null) {
                throw new IllegalStateException(RESOURCE + " has a line that is none of a rule: " + line);
            }
        }
        return new Entry(
                head[0],
                Level.valueOf(constant(head[1])),
                Concern.valueOf(constant(head[2])),
                required(members, "intent", head[0]),
                required(members, "check", head[0]),
                required(members, "source", head[0]),
                Optional.ofNullable(members.get("because")));
    }

    private static String constant(String word) {
        return word.toUpperCase(Locale.ROOT).replace('-', '_');
    }

    private static String required(Map<String, String> members, String name, String rule) {
        String value = members.get(name);
        if (value == null) {
            throw new IllegalStateException(RESOURCE + " does not say the " + name + " of " + rule);
        }
        return value;
    }

    private static String text() {
        try (InputStream in = RuleCatalogue.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IllegalStateException(RESOURCE + " is missing beside " + RuleCatalogue.class);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
