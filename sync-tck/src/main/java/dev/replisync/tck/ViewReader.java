package dev.replisync.tck;

import dev.replisync.storage.Storage;
import dev.replisync.storage.ViewReads;
import dev.replisync.storage.ViewReads.Pull;
import dev.replisync.storage.ViewReads.Request;
import dev.replisync.storage.ViewReads.State;
import dev.replisync.storage.ViewReads.ViewSink;
import dev.replisync.storage.ViewRecord;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Pulls like a strategy does, on a node of its own, and holds what it was sent. */
final class ViewReader<T> implements ViewSink {
    private final String user;
    private final String group;
    private final String space;
    private final Storage<T> storage;
    private final ViewReads views;

    final Map<String, String> versions = new TreeMap<>();
    boolean holds;
    private List<String> lines = new ArrayList<>();

    @Nullable
    String proof;

    State last;

    ViewReader(Port<T> node, String user, String group, String space) {
        this.user = user;
        this.group = group;
        this.space = space;
        this.storage = node.storage();
        this.views = node.views();
        this.last = look();
    }

    void forget() {
        versions.clear();
        holds = false;
        proof = null;
    }

    /** Opens a pull and gives it up. */
    State look() {
        try (Pull pull = views.open(new Request(user, space, group, "profile", Optional.empty(), null))) {
            return pull.state();
        }
    }

    /** Pulls and commits; says what changed, as lines in the order of their text. */
    List<String> pull() {
        for (int i = 0; ; i++) {
            lines = new ArrayList<>();
            Map<String, String> before = new TreeMap<>(versions);
            Optional<ViewRecord> since = holds ? Optional.of(ViewRecord.of(versions)) : Optional.empty();
            try (Pull pull = views.open(new Request(user, space, group, "profile", since, proof))) {
                last = pull.state();
                if (proof == null || !proof.equals(last.proof())) {
                    pull.changes(this);
                }
                proof = pull.commit(last.counter() + 1);
                holds = true;
                lines.sort(null);
                return lines;
            } catch (RuntimeException e) {
                // Another pull of the group was faster.
                if (storage.classify(e, Storage.Where.SDK) != Storage.Failure.TRANSIENT || i > 1_000) {
                    throw e;
                }
                versions.clear();
                versions.putAll(before);
            }
        }
    }

    @Override
    public void put(String key, String version, byte[] json) {
        versions.put(key, version);
        lines.add("put " + key + " " + new String(json, StandardCharsets.UTF_8));
    }

    @Override
    public void del(String key) {
        versions.remove(key);
        lines.add("del " + key);
    }
}
