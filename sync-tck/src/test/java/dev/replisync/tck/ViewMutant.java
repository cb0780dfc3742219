package dev.replisync.tck;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.replisync.protocol.Caller;
import dev.replisync.protocol.Json;
import dev.replisync.protocol.PullRequest;
import dev.replisync.storage.RecordStore;
import dev.replisync.storage.Storage;
import dev.replisync.storage.ViewReads;
import dev.replisync.storage.ViewReads.Pull;
import dev.replisync.storage.ViewReads.Request;
import dev.replisync.storage.ViewReads.State;
import dev.replisync.storage.ViewReads.ViewSink;
import dev.replisync.strategy.DiffStrategy;
import dev.replisync.strategy.DiffStrategyProvider;
import dev.replisync.strategy.PullResult;
import dev.replisync.strategy.StrategyContext;
import dev.replisync.strategy.rowversion.RowVersion;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** A mutant of the row version strategy, of its records or of the views it reads; each is right unless overridden. */
class ViewMutant extends Mutant {
    private final DiffStrategyProvider strategy = new RowVersion();

    ViewMutant(String rule, String name) {
        super(rule, name);
    }

    /** Whether records are the storage's own, as rows. */
    boolean keepsViews() {
        return false;
    }

    ViewReads views(MemoryStorage store, ViewReads right) {
        return new DecoratedStorage.Views(right) {
            @Override
            public Pull open(Request request) {
                return ViewMutant.this.open(store, right, request);
            }

            @Override
            public Optional<RecordStore> records() {
                return right.records().map(ViewMutant.this::records);
            }
        };
    }

    Pull open(MemoryStorage store, ViewReads right, Request request) {
        return new DecoratedPull(right.open(request)) {
            @Override
            public State state() {
                return ViewMutant.this.state(store, request, super.state());
            }

            @Override
            public void changes(ViewSink sink) {
                ViewMutant.this.changes(store, right, request, real, sink);
            }
        };
    }

    State state(MemoryStorage store, Request request, State right) {
        return right;
    }

    void changes(MemoryStorage store, ViewReads views, Request request, Pull right, ViewSink sink) {
        right.changes(sink);
    }

    RecordStore records(RecordStore right) {
        return right;
    }

    PullResult pull(DiffStrategy right, Caller caller, PullRequest request) {
        return right.pull(caller, request);
    }

    StrategyContext context(StrategyContext right) {
        return right;
    }

    @Override
    final Storage<MemoryTx> storage(MemoryStorage right) {
        MemoryStorage store = keepsViews() ? right.keepingViews() : right;
        return new DecoratedStorage<>(store) {
            @Override
            public Optional<ViewReads> views() {
                return super.views().map(views -> ViewMutant.this.views(store, views));
            }
        };
    }

    @Override
    final ServerSetup<MemoryTx> setup() {
        return ServerSetup.of(
                () -> new MutatedFixture(this), new Provider(), Trait.VIEW_RECORDS, Trait.SEPARATE_SPACES);
    }

    private final class Provider implements DiffStrategyProvider {
        @Override
        public String id() {
            return strategy.id();
        }

        @Override
        public List<String> problems(StrategyContext context) {
            return strategy.problems(context);
        }

        @Override
        public DiffStrategy create(StrategyContext context) {
            DiffStrategy right = strategy.create(context(context));
            return new DiffStrategy() {
                @Override
                public String space(String requested) {
                    return right.space(requested);
                }

                @Override
                public boolean movesVersions() {
                    return right.movesVersions();
                }

                @Override
                public boolean ownsSpaces() {
                    return right.ownsSpaces();
                }

                @Override
                public PullResult pull(Caller caller, PullRequest request) {
                    return ViewMutant.this.pull(right, caller, request);
                }
            };
        }
    }

    /** Passes every call on. */
    static class DecoratedPull implements Pull {
        final Pull real;

        DecoratedPull(Pull real) {
            this.real = real;
        }

        @Override
        public State state() {
            return real.state();
        }

        @Override
        public void changes(ViewSink sink) {
            real.changes(sink);
        }

        @Override
        public String commit(long counter) {
            return real.commit(counter);
        }

        @Override
        public void close() {
            real.close();
        }
    }

    /** An entity as it was read. */
    record Row(String version, Json value) {
        void putTo(ViewSink sink, String key) {
            sink.put(key, version, value.toByteArray());
        }
    }

    /** The view as it is now, by key. */
    static Map<String, Row> whole(ViewReads views, Request request) {
        Map<String, Row> rows = new TreeMap<>();
        Request all = new Request(
                request.userID(),
                request.spaceID(),
                request.clientGroupID(),
                request.profileID(),
                Optional.empty(),
                null);
        try (Pull pull = views.open(all)) {
            pull.changes(sink(key -> {}, (key, row) -> rows.put(key, row)));
        }
        return rows;
    }

    static ViewSink sink(Consumer<String> del, BiConsumer<String, Row> put) {
        return new ViewSink() {
            @Override
            public void put(String key, String version, byte[] json) {
                put.accept(key, new Row(version, Json.ofTrusted(json.clone())));
            }

            @Override
            public void del(String key) {
                del.accept(key);
            }
        };
    }

    /** The versions on record, by key. */
    static Map<String, String> held(Request request) {
        Map<String, String> held = new TreeMap<>();
        request.since().ifPresent(record -> {
            for (int i = 0; i < record.size(); i++) {
                held.put(record.keys().get(i), record.versions().get(i));
            }
        });
        return held;
    }

    /** The answer with its cookie changed, unless there is nothing to tell. */
    static PullResult recookied(PullResult right, PullRequest request, Consumer<ObjectNode> change) {
        if (right.cookie().equals(request.cookie())) {
            return right;
        }
        ObjectNode cookie = (ObjectNode) Bodies.read(right.cookie().toString());
        change.accept(cookie);
        return new PullResult(Json.of(cookie), right.lastMutationIDChanges(), right.patch());
    }

    /** Lets others come in between. */
    static void aMoment() {
        try {
            TimeUnit.MILLISECONDS.sleep(3);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
