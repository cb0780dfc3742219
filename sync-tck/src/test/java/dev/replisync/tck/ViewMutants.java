package dev.replisync.tck;

import com.fasterxml.jackson.databind.JsonNode;
import dev.replisync.protocol.Caller;
import dev.replisync.protocol.PullRequest;
import dev.replisync.storage.KeptViews;
import dev.replisync.storage.OpenPush;
import dev.replisync.storage.RecordStore;
import dev.replisync.storage.ViewReads;
import dev.replisync.storage.ViewReads.Pull;
import dev.replisync.storage.ViewReads.Request;
import dev.replisync.storage.ViewReads.State;
import dev.replisync.storage.ViewReads.ViewSink;
import dev.replisync.storage.ViewRecord;
import dev.replisync.strategy.DiffStrategy;
import dev.replisync.strategy.PatchBuffer;
import dev.replisync.strategy.PullResult;
import dev.replisync.strategy.StrategyContext;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** Wrong views, wrong records, and wrong uses of both. */
final class ViewMutants {
    private ViewMutants() {}

    /** Nothing wrong, for one rule. */
    static Mutant right(String rule) {
        return new ViewMutant(rule, "views as they should be");
    }

    static List<Mutant> all() {
        return List.of(
                new ViewMutant("R6", "the bookkeeping is read after the view") {
                    @Override
                    Pull open(MemoryStorage store, ViewReads right, Request request) {
                        return early(right, request);
                    }
                },
                new ViewMutant("R12", "deleted rows are told to who holds nothing") {
                    @Override
                    void changes(MemoryStorage store, ViewReads views, Request request, Pull right, ViewSink sink) {
                        right.changes(sink);
                        store.state().rows.forEach((key, row) -> {
                            if (row.value() == null && request.since().isEmpty()) {
                                sink.del(key.key());
                            }
                        });
                    }
                },
                new ViewMutant("R14", "each pull counts, with news or without") {
                    @Override
                    Pull open(MemoryStorage store, ViewReads right, Request request) {
                        store.change(next -> next.counters.merge(request.clientGroupID(), 1L, Long::sum));
                        return super.open(store, right, request);
                    }
                },
                new ViewMutant("R4", "clients are not compared") {
                    @Override
                    PullResult pull(DiffStrategy right, Caller caller, PullRequest request) {
                        PullResult result = right.pull(caller, request);
                        return result.patch().operations() == 0
                                        && !request.cookie().isNull()
                                ? PullResult.unchanged(request.cookie())
                                : result;
                    }
                },
                new ViewMutant("R11", "who lost the record is not told to forget") {
                    @Override
                    PullResult pull(DiffStrategy right, Caller caller, PullRequest request) {
                        PullResult result = right.pull(caller, request);
                        PatchBuffer patch = new PatchBuffer();
                        for (JsonNode operation : Bodies.read(result.patch().toString())) {
                            String key = operation.path("key").asText();
                            if (operation.path("op").asText().equals("put")) {
                                patch.put(key, operation.get("value").toString().getBytes(StandardCharsets.UTF_8));
                            } else if (operation.path("op").asText().equals("del")) {
                                patch.del(key);
                            }
                        }
                        return new PullResult(result.cookie(), result.lastMutationIDChanges(), patch);
                    }
                },
                new ViewMutant("R35", "orders are counters, whatever the client holds") {
                    @Override
                    PullResult pull(DiffStrategy right, Caller caller, PullRequest request) {
                        return recookied(
                                right.pull(caller, request), request, cookie -> cookie.set("order", cookie.get("v")));
                    }
                },
                new ViewMutant("R35", "the clients of all groups are told") {
                    @Override
                    State state(MemoryStorage store, Request request, State right) {
                        Map<String, Long> all = new HashMap<>();
                        store.state().clients.forEach((id, client) -> all.put(id, client.lastMutationID()));
                        return with(right, right.group(), all, right.epoch());
                    }
                },
                new ViewMutant("R37", "epochs are not told apart") {
                    @Override
                    State state(MemoryStorage store, Request request, State right) {
                        return with(right, right.group(), right.clients(), "the only one");
                    }
                },
                new ViewMutant("R40", "the order is a GUID") {
                    @Override
                    PullResult pull(DiffStrategy right, Caller caller, PullRequest request) {
                        return recookied(
                                right.pull(caller, request),
                                request,
                                cookie -> cookie.put("order", UUID.randomUUID().toString()));
                    }
                },
                new ViewMutant("R40", "the order is one above the received one") {
                    @Override
                    PullResult pull(DiffStrategy right, Caller caller, PullRequest request) {
                        long before = Bodies.read(request.cookie().toString())
                                .path("order")
                                .asLong(0);
                        return recookied(
                                right.pull(caller, request),
                                request,
                                cookie -> cookie.put(
                                        "order",
                                        Math.max(before + 1, cookie.path("v").asLong())));
                    }
                },
                new ViewMutant("R40", "the view is read before the lock") {
                    @Override
                    Pull open(MemoryStorage store, ViewReads right, Request request) {
                        return early(right, request);
                    }
                },
                new ViewMutant("R41", "a row is changed if its version is higher") {
                    @Override
                    Pull open(MemoryStorage store, ViewReads right, Request request) {
                        store.restartRowVersions();
                        return super.open(store, right, request);
                    }

                    @Override
                    void changes(MemoryStorage store, ViewReads views, Request request, Pull right, ViewSink sink) {
                        Map<String, String> held = held(request);
                        right.changes(sink(sink::del, (key, row) -> {
                            String before = held.get(key);
                            if (before == null || before.compareTo(row.version()) < 0) {
                                row.putTo(sink, key);
                            }
                        }));
                    }
                },
                new ViewMutant("R43", "the release is in no cookie and no record") {
                    @Override
                    StrategyContext context(StrategyContext right) {
                        ViewReads views =
                                new DecoratedStorage.Views(right.views().orElseThrow()) {
                                    @Override
                                    public String viewVersion() {
                                        return "any";
                                    }
                                };
                        return new StorageContext("kit", right.versioned(), Optional.of(views), true);
                    }
                },
                new ViewMutant("R44", "a record belongs to nobody") {
                    @Override
                    boolean keepsViews() {
                        return true;
                    }

                    @Override
                    ViewReads views(MemoryStorage store, ViewReads right) {
                        return new DecoratedStorage.Views(right) {
                            @Override
                            public Optional<KeptViews> kept() {
                                return super.kept().map(kept -> asked -> {
                                    List<String> asking =
                                            List.of(asked.userID(), asked.spaceID(), asked.profileID(), viewVersion());
                                    store.change(
                                            next -> next.kept.replaceAll((position, sent) -> new MemoryState.SentView(
                                                    asking, sent.groupID(), sent.epoch(), sent.told(), sent.view())));
                                    return kept.open(asked);
                                });
                            }
                        };
                    }
                },
                new ViewMutant("R45", "nobody looks whose group it is") {
                    @Override
                    State state(MemoryStorage store, Request request, State right) {
                        OpenPush.Group asking =
                                new OpenPush.Group(request.clientGroupID(), request.userID(), request.spaceID());
                        return with(right, asking, right.clients(), right.epoch());
                    }
                },
                new ViewMutant("R50", "a new record takes the place of the old ones") {
                    @Override
                    RecordStore records(RecordStore right) {
                        return latest;
                    }

                    private final RecordStore latest = new RecordStore() {
                        private final Map<String, byte[]> only = new ConcurrentHashMap<>();

                        @Override
                        public Optional<byte[]> read(String id) {
                            return Optional.ofNullable(only.get(id));
                        }

                        @Override
                        public void write(String id, byte[] record) {
                            only.clear();
                            only.put(id, record);
                        }
                    };
                },
                new ViewMutant("R50", "a group has one record, written again and again") {
                    @Override
                    RecordStore records(RecordStore right) {
                        return new RecordStore() {
                            @Override
                            public Optional<byte[]> read(String id) {
                                return Optional.ofNullable(ids.contains(id) ? last : null);
                            }

                            @Override
                            public void write(String id, byte[] record) {
                                ids.add(id);
                                last = record;
                            }
                        };
                    }

                    private final Set<String> ids = ConcurrentHashMap.newKeySet();
                    private volatile byte[] last = {};
                },
                new ViewMutant("R55", "only rows that are deleted leave a view") {
                    @Override
                    void changes(MemoryStorage store, ViewReads views, Request request, Pull right, ViewSink sink) {
                        right.changes(sink(
                                key -> {
                                    if (store.state()
                                                    .rows
                                                    .get(new MemoryState.RowKey(request.spaceID(), key))
                                                    .value()
                                            == null) {
                                        sink.del(key);
                                    }
                                },
                                (key, row) -> row.putTo(sink, key)));
                    }
                },
                new ViewMutant("R56", "each group sees an entity of its own") {
                    @Override
                    void changes(MemoryStorage store, ViewReads views, Request request, Pull right, ViewSink sink) {
                        right.changes(sink);
                        sink.put("group/" + request.clientGroupID(), "1", new byte[] {'1'});
                    }
                },
                new ViewMutant("R60", "view and record are merged in the order of Java's texts") {
                    @Override
                    Pull open(MemoryStorage store, ViewReads right, Request request) {
                        Map<String, Row> now = whole(right, request);
                        return new DecoratedPull(right.open(request)) {
                            @Override
                            public void changes(ViewSink sink) {
                                merge(now, request, sink);
                            }
                        };
                    }

                    private void merge(Map<String, Row> now, Request request, ViewSink sink) {
                        List<String> keys =
                                request.since().map(ViewRecord::keys).orElse(List.of());
                        List<String> versions =
                                request.since().map(ViewRecord::versions).orElse(List.of());
                        int i = 0;
                        for (Map.Entry<String, Row> row : now.entrySet()) {
                            for (; i < keys.size() && keys.get(i).compareTo(row.getKey()) < 0; i++) {
                                sink.del(keys.get(i));
                            }
                            boolean held = i < keys.size() && keys.get(i).equals(row.getKey());
                            if (!held || !versions.get(i).equals(row.getValue().version())) {
                                row.getValue().putTo(sink, row.getKey());
                            }
                            i += held ? 1 : 0;
                        }
                        keys.subList(i, keys.size()).forEach(sink::del);
                    }
                });
    }

    private static State with(State right, OpenPush.Group group, Map<String, Long> clients, String epoch) {
        return new State(epoch, right.secret(), group, right.counter(), clients, null);
    }

    /** A pull whose view was read some time before everything else. */
    private static Pull early(ViewReads right, Request request) {
        Map<String, ViewMutant.Row> early = ViewMutant.whole(right, request);
        ViewMutant.aMoment();
        return new ViewMutant.DecoratedPull(right.open(request)) {
            @Override
            public void changes(ViewSink sink) {
                compare(request, early, sink);
            }
        };
    }

    /** Tells how a view that was read some time differs from the record. */
    private static void compare(Request request, Map<String, ViewMutant.Row> view, ViewSink sink) {
        Map<String, String> held = ViewMutant.held(request);
        view.forEach((key, row) -> {
            if (!row.version().equals(held.remove(key))) {
                row.putTo(sink, key);
            }
        });
        held.keySet().forEach(sink::del);
    }
}
