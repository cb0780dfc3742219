package dev.replisync.tck;

import dev.replisync.protocol.Json;
import dev.replisync.storage.OpenPush;
import dev.replisync.storage.PatchSink;
import dev.replisync.storage.VersionedReads;
import dev.replisync.strategy.DiffStrategy;
import dev.replisync.strategy.DiffStrategyProvider;
import dev.replisync.strategy.StrategyContext;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/** Stores that read wrongly for a pull. */
final class ReadMutants {
    private ReadMutants() {}

    static List<Mutant> all() {
        return List.of(
                new ReadMutant("R4", "ids are not told") {
                    @Override
                    VersionedReads.State state(
                            MemoryStorage store, VersionedReads.Request request, VersionedReads.State s) {
                        return with(s, s.epoch(), s.ancestors(), s.floor(), Map.of());
                    }
                },
                new ReadMutant("R6", "a snapshot reads the version at one moment and the entities at another") {
                    @Override
                    VersionedReads.Snapshot rows(
                            VersionedReads reads, VersionedReads.Request request, VersionedReads.Snapshot right) {
                        return reads.open(request);
                    }
                },
                new ReadMutant("R12", "tombstones are sent to those who begin with nothing") {
                    @Override
                    void everything(
                            VersionedReads reads,
                            VersionedReads.Request request,
                            VersionedReads.Snapshot right,
                            PatchSink sink) {
                        reads.open(new VersionedReads.Request(
                                        request.userID(),
                                        request.spaceID(),
                                        request.clientGroupID(),
                                        OptionalLong.of(0)))
                                .changes(sink);
                    }
                },
                new ReadMutant("R13", "a change is a del and a put") {
                    @Override
                    PatchSink sink(PatchSink right) {
                        return sink(right::del, (key, json) -> {
                            right.del(key);
                            right.put(key, json);
                        });
                    }
                },
                new ReadMutant("R14", "a pull stores the group that asks") {
                    @Override
                    void opening(MemoryStorage store, VersionedReads.Request request) {
                        store.change(next -> next.groups.putIfAbsent(
                                request.clientGroupID(),
                                new OpenPush.Group(request.clientGroupID(), request.userID(), request.spaceID())));
                    }
                },
                new ReadMutant("R15", "the id of one client only is told") {
                    @Override
                    VersionedReads.State state(
                            MemoryStorage store, VersionedReads.Request request, VersionedReads.State s) {
                        Map<String, VersionedReads.ClientVersion> one = new HashMap<>(s.clients());
                        s.clients().keySet().stream().sorted().skip(1).forEach(one::remove);
                        return with(s, s.epoch(), s.ancestors(), s.floor(), one);
                    }
                },
                new ReadMutant("R36", "a restored store goes by its old epoch") {
                    @Override
                    VersionedReads.State state(
                            MemoryStorage store, VersionedReads.Request request, VersionedReads.State s) {
                        return with(s, "always the same", Map.of(), s.floor(), s.clients());
                    }
                },
                new ReadMutant("R37", "a restored store tells all its ids") {
                    @Override
                    VersionedReads.State state(
                            MemoryStorage store, VersionedReads.Request request, VersionedReads.State s) {
                        Map<String, Long> all = new HashMap<>(s.ancestors());
                        all.replaceAll((epoch, version) -> Long.MAX_VALUE);
                        return with(s, s.epoch(), all, s.floor(), s.clients());
                    }
                },
                new ReadMutant("R44", "a cookie does not say whose it is") {
                    @Override
                    boolean perUser() {
                        return false;
                    }
                },
                new ReadMutant("R48", "ids are told of clients that no push has named") {
                    @Override
                    VersionedReads.State state(
                            MemoryStorage store, VersionedReads.Request request, VersionedReads.State s) {
                        Map<String, VersionedReads.ClientVersion> more = new HashMap<>(s.clients());
                        more.putIfAbsent("c-nobody", new VersionedReads.ClientVersion(0, Long.MAX_VALUE));
                        return with(s, s.epoch(), s.ancestors(), s.floor(), more);
                    }
                },
                new ReadMutant("R51", "the floor is forgotten") {
                    @Override
                    VersionedReads.State state(
                            MemoryStorage store, VersionedReads.Request request, VersionedReads.State s) {
                        return with(s, s.epoch(), s.ancestors(), 0, s.clients());
                    }
                },
                new ReadMutant("R53", "clients of all groups are told") {
                    @Override
                    VersionedReads.State state(
                            MemoryStorage store, VersionedReads.Request request, VersionedReads.State s) {
                        Map<String, VersionedReads.ClientVersion> everybody = new HashMap<>();
                        store.state()
                                .clients
                                .forEach((id, c) -> everybody.put(
                                        id, new VersionedReads.ClientVersion(c.lastMutationID(), c.version())));
                        return with(s, s.epoch(), s.ancestors(), s.floor(), everybody);
                    }
                },
                new ReadMutant("R55", "read rules are ignored") {
                    @Override
                    VersionedReads.Request asked(VersionedReads.Request r) {
                        return new VersionedReads.Request("ann", r.spaceID(), r.clientGroupID(), r.since());
                    }
                },
                new ReadMutant("R55", "a del tells strangers of what is not theirs") {
                    @Override
                    void changes(
                            MemoryStorage store,
                            VersionedReads.Request request,
                            VersionedReads.Snapshot right,
                            PatchSink sink) {
                        Set<String> told = new HashSet<>();
                        right.changes(sink(
                                key -> {
                                    told.add(key);
                                    sink.del(key);
                                },
                                (key, json) -> {
                                    told.add(key);
                                    sink.put(key, json);
                                }));
                        store.state().rows.forEach((key, row) -> {
                            if (row.version() > request.since().orElse(0) && !told.contains(key.key())) {
                                sink.del(key.key());
                            }
                        });
                    }
                },
                new ReadMutant("R56", "an answer depends on the group that asks") {
                    @Override
                    VersionedReads.State state(
                            MemoryStorage store, VersionedReads.Request request, VersionedReads.State s) {
                        return with(s, s.epoch() + request.clientGroupID(), s.ancestors(), s.floor(), s.clients());
                    }
                },
                new ReadMutant("R57", "what was deleted once stays deleted") {
                    private final Set<String> deleted = new HashSet<>();

                    @Override
                    void opening(MemoryStorage store, VersionedReads.Request request) {
                        store.state().rows.forEach((key, row) -> {
                            if (row.value() == null || !row.lost().isEmpty() || row.lostByAll() >= 0) {
                                deleted.add(key.key());
                            }
                        });
                    }

                    @Override
                    PatchSink sink(PatchSink right) {
                        return sink(right::del, (key, json) -> {
                            if (deleted.contains(key)) {
                                right.del(key);
                            } else {
                                right.put(key, json);
                            }
                        });
                    }
                },
                new ReadMutant("R63", "values are written by a JSON library") {
                    @Override
                    PatchSink sink(PatchSink right) {
                        return sink(
                                right::del,
                                (key, json) -> right.put(
                                        key,
                                        Json.of(Bodies.read(Json.ofTrusted(json).toString()))
                                                .toByteArray()));
                    }
                },
                new Mutant("R43", "the view version is forgotten") {
                    @Override
                    DiffStrategyProvider strategy(DiffStrategyProvider right) {
                        return new DiffStrategyProvider() {
                            @Override
                            public String id() {
                                return right.id();
                            }

                            @Override
                            public DiffStrategy create(StrategyContext context) {
                                return right.create(new StorageContext(
                                        context.storageName(),
                                        context.versioned().map(reads -> new DecoratedStorage.Reads(reads) {
                                            @Override
                                            public String viewVersion() {
                                                return "always the same";
                                            }
                                        }),
                                        context.views(),
                                        context.createsSpaces()));
                            }
                        };
                    }
                });
    }

    private static VersionedReads.State with(
            VersionedReads.State s,
            String epoch,
            Map<String, Long> ancestors,
            long floor,
            Map<String, VersionedReads.ClientVersion> clients) {
        return new VersionedReads.State(
                epoch, ancestors, s.exists(), s.version(), floor, s.secret(), s.group(), clients);
    }
}
