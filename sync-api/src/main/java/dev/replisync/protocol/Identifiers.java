package dev.replisync.protocol;

import org.jspecify.annotations.Nullable;

/** What every id must be, so that each store keeps it unaltered and tells two of them apart (rules R61, R62). */
final class Identifiers {
    static final int MAX_BYTES = 512;

    private Identifiers() {}

    static String check(String what, @Nullable String id) {
        String problem = problem(id);
        if (id == null || problem != null) {
            throw new IllegalArgumentException(what + " " + problem);
        }
        return id;
    }

    /** Returns null if the id is fine. */
    static @Nullable String problem(@Nullable String id) {
        String problem = Text.problem(id, MAX_BYTES);
        if (problem == null && id != null && id.chars().anyMatch(Character::isISOControl)) {
            return "must not hold control characters";
        }
        return problem;
    }
}
