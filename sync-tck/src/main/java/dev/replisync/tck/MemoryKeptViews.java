package dev.replisync.tck;

import dev.replisync.storage.KeptViews;
import dev.replisync.storage.OpenPush;
import dev.replisync.storage.PatchSink;
import dev.replisync.storage.ViewReads;
import dev.replisync.storage.ViewRecord;
import dev.replisync.tck.MemoryState.SentView;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Client view records kept beside the data: compared, written and counted while the client group is locked. */
final class MemoryKeptViews implements KeptViews {
    private final MemoryStorage node;
    private final MemoryViews views;

    MemoryKeptViews(MemoryStorage node, MemoryViews views) {
        this.node = node;
        this.views = views;
    }

    @Override
    public Pull open(Request request) {
        @Nullable SentView held = request.held().map(node.current().kept::get).orElse(null);
        List<String> owner = List.of(request.userID(), request.spaceID(), request.profileID(), views.viewVersion());
        SentView own = held != null && held.owner().equals(owner) ? held : null;
        boolean continued = own != null && own.epoch().equals(node.state().epoch);
        ViewReads.Request asked = new ViewReads.Request(
                request.userID(),
                request.spaceID(),
                request.clientGroupID(),
                request.profileID(),
                Optional.ofNullable(own).filter(sent -> continued).map(SentView::view),
                null);
        try (ViewReads.Pull pull = views.open(asked)) {
            return new OnePull(request, owner, own, continued, pull);
        }
    }

    private final class OnePull implements Pull, ViewReads.ViewSink {
        private final Map<String, String> versions = new LinkedHashMap<>();
        private final Map<String, byte[]> puts = new LinkedHashMap<>();
        private final Set<String> dels = new HashSet<>();
        private final State state;

        OnePull(Request request, List<String> owner, @Nullable SentView own, boolean continued, ViewReads.Pull pull) {
            ViewReads.State now = pull.state();
            OpenPush.Group asking = new OpenPush.Group(request.clientGroupID(), request.userID(), request.spaceID());
            Optional<Map<String, Long>> told = Optional.ofNullable(own)
                    .filter(sent -> sent.groupID().equals(asking.id()))
                    .map(SentView::told);
            Position position = request.held().orElse(new Position("none", 0));
            if (now.group().equals(asking)) {
                pull.changes(this);
                boolean news = !puts.isEmpty()
                        || !dels.isEmpty()
                        || !told.orElse(Map.of()).equals(now.clients());
                if (!continued || news) {
                    long number = Math.max(now.counter(), continued ? position.number() : 0) + 1;
                    // Each group counts for itself, so one that was forked begins a view of its own.
                    boolean sameCount = continued && told.isPresent();
                    position = new Position(
                            sameCount ? position.view() : UUID.randomUUID().toString(), number);
                    pull.commit(number);
                    ViewRecord before = continued && own != null ? own.view() : ViewRecord.of(Map.of());
                    SentView sent =
                            new SentView(owner, asking.id(), now.epoch(), now.clients(), before.with(versions, dels));
                    Position kept = position;
                    node.commit(next -> next.kept.put(kept, sent));
                }
            }
            this.state = new State(now.epoch(), now.group(), continued, position, now.clients(), told);
        }

        @Override
        public void put(String key, String version, byte[] json) {
            versions.put(key, version);
            puts.put(key, json);
        }

        @Override
        public void del(String key) {
            dels.add(key);
        }

        @Override
        public State state() {
            return state;
        }

        @Override
        public void changes(PatchSink sink) {
            puts.forEach(sink::put);
            dels.forEach(sink::del);
        }

        @Override
        public void close() {}
    }
}
