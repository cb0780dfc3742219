package dev.replisync.tck;

import dev.replisync.tck.RuleCatalogue.Entry;
import dev.replisync.tck.RuleResult.Outcome;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** What became of each rule in a run, as a page for people. */
final class RuleReport {

    /** What a run says of a rule. */
    enum State {
        PASSED,
        FAILED,
        SKIPPED,
        UNTESTED,
        NOT_RUN;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', ' ');
        }
    }

    private final List<RuleResult> results;
    private final StringBuilder page = new StringBuilder();

    private RuleReport(List<RuleResult> results) {
        this.results = results;
    }

    static String of(List<RuleResult> results) {
        return new RuleReport(results).write();
    }

    private String write() {
        page.append("# What this run says of the rules\n\nOf sync-tck; the classes that took part: ")
                .append(results.stream()
                        .map(result -> "`" + result.type() + "`")
                        .distinct()
                        .sorted()
                        .collect(Collectors.joining(", ")))
                .append(".\n\n");
        Map<State, Long> counts = new EnumMap<>(State.class);
        RuleCatalogue.entries().forEach(rule -> counts.merge(state(rule), 1L, Long::sum));
        page.append(counts.entrySet().stream()
                        .map(count -> count.getValue() + " " + count.getKey())
                        .collect(Collectors.joining(", ", "Rules: ", ".\n\n")))
                .append("| rule | level | concerns | state | tests | intent |\n|---|---|---|---|---|---|\n");
        RuleCatalogue.entries().forEach(this::row);
        RuleCatalogue.entries().stream()
                .filter(rule -> state(rule) == State.FAILED)
                .forEach(this::failures);
        return page.toString();
    }

    private void row(Entry rule) {
        page.append("| ")
                .append(String.join(
                        " | ",
                        rule.id(),
                        word(rule.level()),
                        word(rule.concern()),
                        stateAndReason(rule),
                        tests(rule),
                        rule.intent()))
                .append(" |\n");
    }

    private String stateAndReason(Entry rule) {
        State state = state(rule);
        return switch (state) {
            case SKIPPED -> "skipped because " + String.join("; ", reasons(rule));
            case UNTESTED -> "untested because " + rule.untestedBecause().orElseThrow();
            case PASSED, FAILED, NOT_RUN -> state.toString();
        };
    }

    private String tests(Entry rule) {
        List<String> counts = new ArrayList<>();
        for (Outcome outcome : Outcome.values()) {
            long count = count(rule, outcome);
            if (count > 0) {
                counts.add(count + " " + word(outcome));
            }
        }
        boolean inPart = state(rule) != State.SKIPPED && count(rule, Outcome.SKIPPED) > 0;
        return String.join(", ", counts) + (inPart ? " because " + String.join("; ", reasons(rule)) : "");
    }

    private void failures(Entry rule) {
        page.append("\n## ")
                .append(rule.id())
                .append(": ")
                .append(rule.intent())
                .append("\n\n");
        page.append("Check: ").append(rule.check()).append(".\n\n");
        results.stream()
                .filter(result -> result.rules().contains(rule.id()) && result.outcome() == Outcome.FAILED)
                .forEach(result -> page.append("- ")
                        .append(result.place())
                        .append(": ")
                        .append(result.reason())
                        .append('\n'));
    }

    private State state(Entry rule) {
        if (count(rule, Outcome.FAILED) > 0) {
            return State.FAILED;
        }
        if (count(rule, Outcome.PASSED) > 0) {
            return State.PASSED;
        }
        if (count(rule, Outcome.SKIPPED) > 0) {
            return State.SKIPPED;
        }
        return rule.untestedBecause().isPresent() ? State.UNTESTED : State.NOT_RUN;
    }

    private List<String> reasons(Entry rule) {
        return results.stream()
                .filter(result -> result.rules().contains(rule.id()) && result.outcome() == Outcome.SKIPPED)
                .map(RuleResult::reason)
                .distinct()
                .sorted()
                .toList();
    }

    private long count(Entry rule, Outcome outcome) {
        return results.stream()
                .filter(result -> result.rules().contains(rule.id()) && result.outcome() == outcome)
                .count();
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
