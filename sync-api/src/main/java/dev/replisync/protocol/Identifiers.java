package dev.replisync.protocol;

import org.jspecify.annotations.Nullable;

/** What every id must be, so that each store keeps it unaltered and tells two of them apart (rules R61, R62). */
final class Identifiers {
    static final int MAX_LENGTH = 512;

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
        if (id == null) {
            return "must not be null";
        }
        if (id.isEmpty() || id.length() > MAX_LENGTH) {
            return "must have 1 to " + MAX_LENGTH + " characters but has " + id.length();
        }
        for (int i = 0; i < id.length(); i++) {
            if (Character.isISOControl(id.charAt(i))) {
                return "must not hold control characters";
            }
        }
        return Text.hasLoneSurrogate(id) ? "must not hold lone surrogates" : null;
    }
}
