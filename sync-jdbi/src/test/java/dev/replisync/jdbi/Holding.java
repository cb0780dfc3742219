package dev.replisync.jdbi;

import dev.replisync.storage.ViewReads;
import dev.replisync.storage.ViewReads.Pull;
import dev.replisync.storage.ViewReads.Request;
import dev.replisync.storage.ViewReads.ViewSink;
import dev.replisync.storage.ViewRecord;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What a client of one group holds, pulled at the port, without a strategy. Used by one thread. */
final class Holding {
    private final ViewReads views;
    private final String group;
    final Map<String, String> versions = new TreeMap<>();
    final List<String> changes = new ArrayList<>();
    private boolean first = true;
    long counter;

    @Nullable
    String proof;

    Holding(ViewReads views, String group) {
        this.views = views;
        this.group = group;
    }

    Pull open() {
        return views.open(new Request(
                "u", "s", group, "p", first ? Optional.empty() : Optional.of(ViewRecord.of(versions)), proof));
    }

    /** Takes the changes, as lines; does not commit. */
    List<String> take(Pull pull) {
        changes.clear();
        counter = pull.state().counter();
        pull.changes(new ViewSink() {
            @Override
            public void put(String key, String version, byte[] json) {
                versions.put(key, version);
                changes.add("put " + key + " " + new String(json, StandardCharsets.UTF_8));
            }

            @Override
            public void del(String key) {
                versions.remove(key);
                changes.add("del " + key);
            }
        });
        return changes;
    }

    /** Pulls, and commits if anything changed or it is the first time. */
    List<String> pull() {
        try (Pull pull = open()) {
            take(pull);
            if (first || !changes.isEmpty()) {
                counter++;
                proof = pull.commit(counter);
            } else {
                proof = pull.state().proof();
            }
            first = false;
        }
        return changes;
    }
}
