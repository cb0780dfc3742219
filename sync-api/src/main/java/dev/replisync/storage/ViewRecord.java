package dev.replisync.storage;

import dev.replisync.storage.ViewEntries.Cursor;
import dev.replisync.storage.ViewEntries.Part;
import dev.replisync.storage.ViewEntries.Writer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The keys and versions of a client view as it was sent: a client view record without what the strategy notes beside
 * it. In the order in which clients order keys, that of their UTF-8 bytes (rule R60). Kept as bytes, which share what
 * neighbours have in common; texts are made of them when they are asked for. Immutable.
 */
public final class ViewRecord {
    private final byte[] entries;
    private final int offset;
    private final int size;
    private volatile @Nullable Lists lists;

    private record Lists(List<String> keys, List<String> versions) {}

    private ViewRecord(byte[] entries, int offset, int size) {
        this.entries = entries;
        this.offset = offset;
        this.size = size;
    }

    /**
     * A record of given entities.
     *
     * @param versions the versions by key
     * @return the record
     */
    public static ViewRecord of(Map<String, String> versions) {
        return new ViewRecord(new byte[0], 0, 0).with(versions, Set.of());
    }

    /**
     * A record from its bytes.
     *
     * @param bytes what {@link #toBytes} gave, unharmed, at the end of the array; not changed by anyone afterwards
     * @param offset where it begins
     * @param size how many entities it holds
     * @return the record
     */
    public static ViewRecord ofBytes(byte[] bytes, int offset, int size) {
        return new ViewRecord(bytes, offset, size);
    }

    /** {@return keys and versions as bytes, without how many they are; the same for equal records} */
    public byte[] toBytes() {
        return Arrays.copyOfRange(entries, offset, entries.length);
    }

    /** {@return how many entities the view held} */
    public int size() {
        return size;
    }

    /** {@return the keys, ordered by their UTF-8 bytes} */
    public List<String> keys() {
        return lists().keys();
    }

    /** {@return the version of each of the {@link #keys()}, in their order} */
    public List<String> versions() {
        return lists().versions();
    }

    /**
     * The record of the view that this one became. Takes one pass over it, however few entities changed.
     *
     * @param puts the versions of entities that are new or have another version, by key
     * @param dels the keys of those that are gone
     * @return the new record
     */
    public ViewRecord with(Map<String, String> puts, Set<String> dels) {
        List<Change> changes = new ArrayList<>(puts.size() + dels.size());
        puts.forEach((key, version) -> changes.add(Change.of(key, version)));
        dels.forEach(key -> changes.add(Change.of(key, null)));
        changes.sort((a, b) -> a.part().compareTo(b.part()));
        Writer writer = new Writer(entries.length - offset + 32 * puts.size());
        int next = 0;
        for (Cursor each = cursor(); each.next(); ) {
            int order = -1;
            while (next < changes.size()
                    && (order = each.compareKey(changes.get(next).part())) > 0) {
                changes.get(next++).addTo(writer);
            }
            if (order == 0) {
                writer.skip();
            } else {
                writer.copy(each);
            }
        }
        while (next < changes.size()) {
            changes.get(next++).addTo(writer);
        }
        return new ViewRecord(writer.entries(), 0, writer.size());
    }

    /**
     * Compares keys as clients do: by their UTF-8 bytes, which is by code points.
     *
     * @param a a key
     * @param b a key
     * @return negative, zero or positive as {@code a} comes before, is, or comes after {@code b}
     */
    public static int compareKeys(String a, String b) {
        int length = Math.min(a.length(), b.length());
        for (int i = 0; i < length; i++) {
            char x = a.charAt(i);
            char y = b.charAt(i);
            if (x != y) {
                // Surrogates stand for code points above all others, but are numbered below U+E000.
                boolean high = Character.isSurrogate(x);
                return high == Character.isSurrogate(y) ? x - y : high ? 1 : -1;
            }
        }
        return a.length() - b.length();
    }

    /** A walk through the entries that makes no lists. */
    Cursor cursor() {
        return new Cursor(entries, offset, size);
    }

    private Lists lists() {
        Lists made = lists;
        if (made == null) {
            List<String> keys = new ArrayList<>(size);
            List<String> versions = new ArrayList<>(size);
            for (Cursor each = cursor(); each.next(); ) {
                keys.add(each.key());
                versions.add(each.version());
            }
            made = new Lists(Collections.unmodifiableList(keys), Collections.unmodifiableList(versions));
            lists = made;
        }
        return made;
    }

    private record Change(String key, @Nullable String version, Part part) {
        static Change of(String key, @Nullable String version) {
            return new Change(key, version, Part.of(key));
        }

        void addTo(Writer writer) {
            if (version != null) {
                writer.add(key, version);
            }
        }
    }
}
