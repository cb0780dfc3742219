package dev.replisync.strategy.rowversion;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The latest proof for each record that this node has seen used: while nothing changes in a client's view its record is
 * not written anew, but the proof moves with each write elsewhere. Safe for use by several threads.
 */
final class Proofs {
    private static final int MOST = 10_000;

    private final Map<String, String> byRecord = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
            return size() > MOST;
        }
    };

    @Nullable
    synchronized String of(String recordID) {
        return byRecord.get(recordID);
    }

    synchronized void note(String recordID, @Nullable String proof) {
        if (proof != null) {
            byRecord.put(recordID, proof);
        }
    }
}
