package dev.replisync.jdbi;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which moment this node last saw at which a history's latest record was what its view holds. A pull that finds nothing
 * to tell writes nothing (rule R14), so the database does not know; without this each pull after a write elsewhere would
 * go through the view, until something changes in it. Safe for use by several threads.
 */
final class KeptProofs {
    private static final int MOST = 10_000;

    private final Map<String, String> byHistory = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
            return size() > MOST;
        }
    };

    /** {@return a proof as {@link KeptSql} returned it, or an empty one, which proves nothing} */
    synchronized String of(String history) {
        return byHistory.getOrDefault(history, "");
    }

    synchronized void note(String history, @Nullable String proof) {
        if (proof != null) {
            byHistory.put(history, proof);
        }
    }
}
