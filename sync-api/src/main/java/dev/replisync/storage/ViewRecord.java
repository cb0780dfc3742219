package dev.replisync.storage;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The keys and versions of a client view as it was sent: a client view record without what the strategy notes beside
 * it. In the order in which clients order keys, that of their UTF-8 bytes (rule R60). Immutable.
 */
public final class ViewRecord {
    private final List<String> keys;
    private final List<String> versions;

    private ViewRecord(List<String> keys, List<String> versions) {
        this.keys = Collections.unmodifiableList(keys);
        this.versions = Collections.unmodifiableList(versions);
    }

    /**
     * A record of given entities.
     *
     * @param versions the versions by key
     * @return the record
     */
    public static ViewRecord of(Map<String, String> versions) {
        TreeMap<String, String> sorted = new TreeMap<>(ViewRecord::compareKeys);
        sorted.putAll(versions);
        return new ViewRecord(new ArrayList<>(sorted.keySet()), new ArrayList<>(sorted.values()));
    }

    /** {@return how many entities the view held} */
    public int size() {
        return keys.size();
    }

    /** {@return the keys, ordered by their UTF-8 bytes} */
    public List<String> keys() {
        return keys;
    }

    /** {@return the version of each of the {@link #keys()}, in their order} */
    public List<String> versions() {
        return versions;
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
}
