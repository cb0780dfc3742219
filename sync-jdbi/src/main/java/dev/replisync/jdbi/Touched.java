package dev.replisync.jdbi;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** The entities that a transaction touched, sorted, so that all transactions stamp in one order (rule R27). */
final class Touched {
    private final TreeMap<String, TreeMap<String, TreeSet<String>>> bySpace = new TreeMap<>();

    /** One entity with the users who lost it. */
    record Entry(String space, String key, Set<String> lostBy) {}

    void add(String space, String key, Set<String> lostBy) {
        bySpace.computeIfAbsent(space, s -> new TreeMap<>())
                .computeIfAbsent(key, k -> new TreeSet<>())
                .addAll(lostBy);
    }

    Set<String> spaces() {
        return bySpace.keySet();
    }

    boolean isEmpty() {
        return bySpace.isEmpty();
    }

    /** The keys of a table's entities, sorted. */
    String[] keysOf(Table table) {
        return of(table).stream().map(Entry::key).distinct().sorted().toArray(String[]::new);
    }

    /** The entities of a table. */
    List<Entry> of(Table table) {
        List<Entry> entries = new ArrayList<>();
        for (Map.Entry<String, TreeMap<String, TreeSet<String>>> space : bySpace.entrySet()) {
            for (Map.Entry<String, TreeSet<String>> key : space.getValue().entrySet()) {
                if (table.owns(key.getKey())) {
                    entries.add(new Entry(space.getKey(), key.getKey(), key.getValue()));
                }
            }
        }
        return entries;
    }
}
