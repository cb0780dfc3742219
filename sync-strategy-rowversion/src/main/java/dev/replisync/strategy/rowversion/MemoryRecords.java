package dev.replisync.strategy.rowversion;

import dev.replisync.storage.RecordStore;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Client view records in the memory of this process: for one node, or nodes that keep their clients. What was not used
 * for longest goes first where there is not enough room, and each record that was not used for the time to live. Safe for
 * use by several threads.
 */
public final class MemoryRecords implements RecordStore {
    /** How many bytes the records may have together if nothing else is said: 64 MiB. */
    public static final long DEFAULT_BYTES = 64L << 20;

    /** How long a record is kept that nobody uses if nothing else is said: a day. */
    public static final Duration DEFAULT_TIME_TO_LIVE = Duration.ofDays(1);

    /** What an entry of the map takes beside its record, roughly. */
    private static final int OVERHEAD = 200;

    private final long maxBytes;
    private final Duration timeToLive;
    private final Clock clock;
    /** From the one that was not used for longest to the one used last. */
    private final Map<String, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);

    private long bytes;

    private static final class Entry {
        final byte[] record;
        Instant used;

        Entry(byte[] record, Instant used) {
            this.record = record;
            this.used = used;
        }

        long size() {
            return record.length + (long) OVERHEAD;
        }
    }

    /** At most {@link #DEFAULT_BYTES}, each for {@link #DEFAULT_TIME_TO_LIVE} after its last use. */
    public MemoryRecords() {
        this(DEFAULT_BYTES, DEFAULT_TIME_TO_LIVE, Clock.systemUTC());
    }

    /**
     * Says how much, and for how long.
     *
     * @param maxBytes how many bytes the records may have together, with 200 for each beside its own; a larger record is
     *     not kept at all
     * @param timeToLive how long a record is kept after it was last read or written
     * @param clock tells the time
     * @throws IllegalArgumentException if a limit is not positive
     */
    public MemoryRecords(long maxBytes, Duration timeToLive, Clock clock) {
        if (maxBytes <= 0) {
            throw new IllegalArgumentException("maxBytes was " + maxBytes + " but it must be positive");
        }
        if (timeToLive.isZero() || timeToLive.isNegative()) {
            throw new IllegalArgumentException("timeToLive was " + timeToLive + " but it must be positive");
        }
        this.maxBytes = maxBytes;
        this.timeToLive = timeToLive;
        this.clock = Objects.requireNonNull(clock, "clock");
    }

    @Override
    public synchronized Optional<byte[]> read(String id) {
        expire();
        Entry entry = entries.get(id);
        if (entry == null) {
            return Optional.empty();
        }
        entry.used = clock.instant();
        return Optional.of(entry.record);
    }

    @Override
    public synchronized void write(String id, byte[] record) {
        expire();
        Entry entry = new Entry(record, clock.instant());
        Entry before = entries.remove(id);
        if (before != null) {
            bytes -= before.size();
        }
        if (entry.size() > maxBytes) {
            return;
        }
        entries.put(id, entry);
        bytes += entry.size();
        for (Iterator<Entry> oldest = entries.values().iterator(); bytes > maxBytes; ) {
            bytes -= oldest.next().size();
            oldest.remove();
        }
    }

    /** {@return how many bytes the records have now, with 200 for each beside its own} */
    public synchronized long bytes() {
        return bytes;
    }

    private void expire() {
        Instant before = clock.instant().minus(timeToLive);
        for (Iterator<Entry> oldest = entries.values().iterator(); oldest.hasNext(); ) {
            Entry entry = oldest.next();
            if (entry.used.isAfter(before)) {
                return;
            }
            bytes -= entry.size();
            oldest.remove();
        }
    }
}
