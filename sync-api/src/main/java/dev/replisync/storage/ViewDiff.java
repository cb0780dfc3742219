package dev.replisync.storage;

import dev.replisync.storage.ViewEntries.Cursor;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Compares a view with a record, for a storage that can only list its view in the order of keys: both are gone through
 * once, side by side.
 *
 * <ol>
 *   <li>{@link #changed} for each entity of the view, in the order of {@link ViewRecord#compareKeys}; what it says is to
 *       be put the storage puts;
 *   <li>{@link #end} after the last.
 * </ol>
 *
 * <p>What is only in the record is told as del on the way. Used by one thread.
 */
public final class ViewDiff {
    private final ViewReads.ViewSink sink;
    private final @Nullable Cursor record;
    private @Nullable String held;
    private @Nullable String before;

    /**
     * Begins.
     *
     * @param since what the client holds; empty for nothing
     * @param sink takes the dels
     */
    public ViewDiff(Optional<ViewRecord> since, ViewReads.ViewSink sink) {
        this.sink = sink;
        this.record = since.map(ViewRecord::cursor).orElse(null);
        this.held = following();
    }

    /**
     * Takes the next entity of the view.
     *
     * @param key its key
     * @param version its version
     * @return whether it is new or has another version, so that it must be put
     * @throws IllegalStateException if its key does not come after the one before
     */
    public boolean changed(String key, String version) {
        if (before != null && ViewRecord.compareKeys(before, key) >= 0) {
            throw new IllegalStateException(
                    "the view was read with key '" + key + "' after key '" + before
                            + "', but each key must come once and in the order of its bytes in UTF-8; sort by ViewRecord.compareKeys");
        }
        before = key;
        int order = 1;
        while (held != null && (order = compare(held, key)) < 0) {
            sink.del(held);
            held = following();
        }
        if (held == null || order > 0 || record == null) {
            return true;
        }
        boolean same = record.version().equals(version);
        held = following();
        return !same;
    }

    /** Ends: what is left of the record is gone. To be called once, after the last entity. */
    public void end() {
        for (; held != null; held = following()) {
            sink.del(held);
        }
    }

    private @Nullable String following() {
        return record != null && record.next() ? record.key() : null;
    }

    /** Most keys are in both. */
    private static int compare(String a, String b) {
        return a.equals(b) ? 0 : ViewRecord.compareKeys(a, b);
    }
}
