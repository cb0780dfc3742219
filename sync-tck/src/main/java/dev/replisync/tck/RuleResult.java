package dev.replisync.tck;

import java.util.List;
import java.util.Optional;

/**
 * How one test of rules ended in one setup.
 *
 * @param type the outermost class of the test
 * @param place where it ran, from that class to the method
 * @param rules what it checks
 * @param outcome how it ended
 * @param reason why it failed or was skipped, in one line; else empty
 */
record RuleResult(String type, String place, List<String> rules, Outcome outcome, String reason) {

    enum Outcome {
        PASSED,
        FAILED,
        SKIPPED
    }

    RuleResult {
        reason = reason.replaceAll("\\s+", " ").strip();
    }

    /** As a line of a file. */
    String line() {
        return String.join("\t", type, place, String.join(" ", rules), outcome.name(), reason);
    }

    /** Reads a line; empty if it is none. */
    static Optional<RuleResult> of(String line) {
        String[] parts = line.split("\t", -1);
        return parts.length == 5
                ? Optional.of(new RuleResult(
                        parts[0], parts[1], List.of(parts[2].split(" ")), Outcome.valueOf(parts[3]), parts[4]))
                : Optional.empty();
    }
}
