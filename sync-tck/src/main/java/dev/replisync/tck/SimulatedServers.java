package dev.replisync.tck;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.replisync.MutationContext;
import dev.replisync.Mutators;
import dev.replisync.SyncObserver;
import dev.replisync.SyncServer;
import dev.replisync.SyncServerBuilder;
import dev.replisync.WriteContext;
import dev.replisync.error.RejectedException;
import dev.replisync.error.RetryLaterException;
import dev.replisync.protocol.Json;
import dev.replisync.storage.OpenPush;
import dev.replisync.storage.PushTx;
import dev.replisync.storage.Storage;
import dev.replisync.strategy.DiffStrategy;
import dev.replisync.strategy.DiffStrategyProvider;
import dev.replisync.tck.FaultyStorage.Point;
import dev.replisync.tck.SimulatedRequest.Delivery;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The servers of a simulation: real ones, on a store that fails and stops where the history says, in a time that only
 * passes where somebody waits. What they commit is told to the model.
 */
final class SimulatedServers<T> {
    /** The default one looks for modules anew, for each history. */
    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private static final Duration PAUSE = Duration.ofMillis(10);
    /** Who asks the datastore again and again runs out of time some day. */
    private static final Duration CALL = Duration.ofMillis(2);

    private static final Duration SLOW = Duration.ofSeconds(9);

    private final ServerSetup<T> setup;
    private DiffStrategyProvider strategy;
    private final SyncFixture<T> fixture;
    private final ServerModel model;
    private final SimulatedListeners listeners;
    private final Mutators<T> mutators = new Mutators<>(MAPPER);
    private final List<Node<T>> nodes = new ArrayList<>();
    private final IdentityHashMap<T, List<ServerModel.Run>> running = new IdentityHashMap<>();
    private final Map<String, Integer> troubles = new HashMap<>();
    private final Coroutines coroutines = new Coroutines();
    private @Nullable Delivery current;
    private @Nullable SimulationFailure failure;
    private long nanos;
    private int shared;

    SimulatedServers(
            ServerSetup<T> setup, SyncFixture<T> fixture, ServerModel model, SimulatedListeners listeners, int count) {
        this.setup = setup;
        this.strategy = setup.strategy();
        this.fixture = fixture;
        this.model = model;
        this.listeners = listeners;
        for (String name : ModelMutators.NAMES) {
            mutators.add(name, Json.class, (tx, args, ctx) -> run(name, Bodies.read(args.toString()), tx, ctx));
        }
        if (fixture instanceof GivesWay store) {
            store.insteadOfWaiting(coroutines::giveWay);
        }
        for (int i = 0; i < count; i++) {
            nodes.add(start(i));
        }
    }

    private Node<T> start(int index) {
        SyncServerBuilder<T> builder = SyncServer.builder(new Watched(fixture.node()))
                .mutators(mutators)
                .strategy(strategy)
                .batch(setup.batch())
                .pokeExecutor(Runnable::run)
                .observer(new SyncObserver() {
                    @Override
                    public void poked(Set<String> channels) {
                        tellOthers(index, channels);
                    }
                })
                .time(() -> nanos, this::pass);
        if (setup.versionLast()) {
            builder.versionLast();
        }
        SyncServer<T> server = builder.build();
        return new Node<>(
                server,
                setup.wiring()
                        .apply(
                                server,
                                server.endpoint(request -> request.bearerToken().orElseThrow())));
    }

    /** What pokes of one server are to clients of another. */
    private void tellOthers(int from, Set<String> channels) {
        for (int i = 0; i < nodes.size(); i++) {
            if (i != from) {
                channels.forEach(nodes.get(i).server()::poke);
            }
        }
    }

    int count() {
        return nodes.size();
    }

    /** How many commits were of several pushes. */
    int shared() {
        return shared;
    }

    Wire wire(int node) {
        return nodes.get(node).wire();
    }

    /** A new process takes the place of one; what that was doing must be killed before. */
    void restart(int node) {
        nodes.set(node, start(node));
        listeners.reconnect(node, wire(node));
    }

    /**
     * All servers stop, the operator changes the strategy, and they start with it.
     *
     * @param spaceOf which space the requests of a client group ask for, by its id
     */
    void change(DiffStrategyProvider to, UnaryOperator<String> spaceOf) {
        DiffStrategy next = to.create(StorageContext.of(fixture.node()));
        fixture.operator().changeStrategy(to.id(), group -> next.space(spaceOf.apply(group.id())));
        model.changed(next::space);
        strategy = to;
        for (int i = 0; i < nodes.size(); i++) {
            restart(i);
        }
    }

    /** Time passes: as long as a pause, whatever was asked for, so that no history depends on jitter. */
    private void pass(Duration asked) {
        nanos += PAUSE.toNanos();
        if (current != null && current.interleaved) {
            giveWay();
        }
    }

    private void giveWay() {
        coroutines.giveWay();
    }

    /** Begins to process a request, up to the first place where it gives way. */
    void begin(Delivery delivery) {
        delivery.from = model.now();
        if (delivery.interleaved) {
            current = delivery;
            delivery.task = coroutines.start(() -> process(delivery));
            current = null;
        } else {
            current = delivery;
            process(delivery);
            current = null;
        }
        rethrow();
    }

    /** Goes on with a request that gave way. */
    void resume(Delivery delivery) {
        current = delivery;
        if (delivery.task != null) {
            coroutines.resume(delivery.task);
        }
        current = null;
        rethrow();
    }

    boolean isDone(Delivery delivery) {
        return delivery.task == null || delivery.task.isDone();
    }

    private void process(Delivery delivery) {
        Wire.Call call = delivery.request.call();
        delivery.answer = delivery.request.kind().isPush()
                ? wire(delivery.node).push(call)
                : wire(delivery.node).pull(call);
        delivery.to = model.now();
        if (delivery.answer.status() == 200) {
            delivery.body = Bodies.read(delivery.answer.body());
        }
    }

    /** An error of the simulation's own is not left to the server, which takes it for one of the datastore. */
    private void rethrow() {
        if (failure != null) {
            throw failure;
        }
    }

    private void at(Point point) {
        nanos += CALL.toNanos();
        if (failure != null) {
            throw failure;
        }
        Delivery delivery = current;
        if (delivery != null) {
            if (delivery.givesWay()) {
                giveWay();
            }
            delivery.call(point);
        }
    }

    private void run(String name, JsonNode args, T tx, MutationContext ctx) {
        ServerModel.Run run =
                new ServerModel.Run(ctx.mutation().clientID(), ctx.mutation().id(), name, args, ctx.space());
        ModelMutators.run(name, args, new OnStore(fixture.kit(tx, ctx), run, ctx));
        running.getOrDefault(tx, new ArrayList<>()).add(run);
    }

    /** Runs a mutator in the store. */
    private final class OnStore implements ModelMutators.Entities {
        private final KitHandle kit;
        private final ServerModel.Run run;
        private final WriteContext ctx;

        OnStore(KitHandle kit, ServerModel.Run run, WriteContext ctx) {
            this.kit = kit;
            this.run = run;
            this.ctx = ctx;
        }

        @Override
        public Optional<JsonNode> get(String key) {
            at(Point.STATEMENT);
            return kit.get(key).map(json -> Bodies.read(json.toString()));
        }

        @Override
        public void put(String key, JsonNode value) {
            at(Point.STATEMENT);
            kit.put(key, Json.of(value));
        }

        @Override
        public void remove(String key) {
            at(Point.STATEMENT);
            kit.delete(key);
        }

        @Override
        public void share(String key, Set<String> users) {
            at(Point.STATEMENT);
            kit.readers(key, users);
        }

        @Override
        public void carry(String key, String to, JsonNode value) {
            at(Point.STATEMENT);
            kit.move(key, to, Json.of(value));
        }

        @Override
        public void lock(String key) {
            ctx.lock(key);
        }

        @Override
        public String space() {
            return run.space();
        }

        @Override
        public void trouble(String name, JsonNode args) {
            switch (name) {
                case "later" -> {
                    int before = troubles.merge(run.clientID() + ":" + run.id(), 1, Integer::sum) - 1;
                    if (before < args.path("times").intValue()) {
                        excuse();
                        throw new RetryLaterException("the simulation's mutator 'later' cannot now");
                    }
                }
                case "slow" -> {
                    excuse();
                    nanos += SLOW.toNanos();
                }
                case "refuse" -> throw new RejectedException("the simulation's mutator 'refuse' fails");
                default -> throw new IllegalStateException("the simulation's mutator '" + name + "' fails");
            }
        }

        private void excuse() {
            if (current != null) {
                current.troubled();
            }
        }
    }

    /** A server adds to a counter for itself, as a job of its own would; nothing goes wrong then. */
    void write(int node, String space, String key) {
        JsonNode args = Bodies.tree(Map.of("key", key, "by", 1));
        nodes.get(node).server().write(space, (tx, ctx) -> {
            ServerModel.Run run = new ServerModel.Run(ServerModel.Run.SERVER, 0, "add", args, ctx.space());
            ModelMutators.run(run.name(), args, new OnStore(fixture.kit(tx, ctx), run, ctx));
            running.getOrDefault(tx, new ArrayList<>()).add(run);
        });
        rethrow();
    }

    /** A storage that fails and gives way around each call, and inside of that tells what was committed. */
    private final class Watched extends FaultyStorage<T> {
        Watched(Storage<T> real) {
            super(new Recorded(real), SimulatedServers.this::at);
        }

        @Override
        public Optional<dev.replisync.storage.VersionedReads> versioned() {
            return super.versioned().map(reads -> new SimulatedReads.Versioned(reads, () -> at(Point.READ)));
        }

        @Override
        public Optional<dev.replisync.storage.ViewReads> views() {
            return super.views().map(reads -> new SimulatedReads.OfViews(reads, () -> at(Point.READ)));
        }
    }

    private final class Recorded extends DecoratedStorage<T> {
        Recorded(Storage<T> real) {
            super(real);
        }

        @Override
        public PushTx<T> open(OpenPush what) {
            PushTx<T> tx = super.open(what);
            running.put(tx.handle(), new ArrayList<>());
            return new Tx<>(tx) {
                @Override
                public void commit(Closing closing) {
                    super.commit(closing);
                    shared += what.groups().size() > 1 ? 1 : 0;
                    try {
                        List<ServerModel.Run> runs = running.remove(tx.handle());
                        listeners.committed(model.committed(closing.clients(), runs == null ? List.of() : runs));
                    } catch (SimulationFailure e) {
                        failure = e;
                        throw e;
                    }
                }
            };
        }
    }

    /** Stops for good. */
    void close() throws Exception {
        for (Node<T> node : nodes) {
            node.close();
        }
    }
}
