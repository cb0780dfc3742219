package dev.replisync.tck;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.replisync.strategy.DiffStrategyProvider;
import dev.replisync.tck.SimulatedRequest.Kind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.ObjIntConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One history: users with their devices and tabs, a network between them and two servers on one store, and all that goes
 * wrong, step by step. The same seed and steps give the same history.
 */
final class Simulation<T> {
    static final List<String> USERS = List.of("ann", "bob", "eve");

    private final SyncFixture<T> fixture;
    private final Set<Feature> features;
    private final ServerModel model;
    private final SimulatedListeners listeners;
    private final SimulatedServers<T> servers;
    private final SimulationChecks checks;
    private final SimulatedNetwork<T> network;
    private final MutationMaker maker;
    /** That of the servers first, and those that come after it. */
    private final Deque<DiffStrategyProvider> strategies = new ArrayDeque<>();

    private final boolean interleaved;
    private final boolean crowded;
    /** The strategy that notices when rows are deleted behind the servers. */
    private final @Nullable DiffStrategyProvider plainDeletes;

    private final @Nullable List<String> trace;

    private final Map<String, Integer> counts = new HashMap<>();
    private final List<Device> devices = new ArrayList<>();
    private int changes;
    private @Nullable Runnable backup;
    private ServerModel.@Nullable State backedUp;

    /**
     * A world before its history.
     *
     * @param others strategies beside the setup's own, for steps that change it
     * @param seed decides who there is, whether requests run beside each other, and whether pushes come in crowds
     * @param trace told what happens, for people; null for nobody
     */
    Simulation(
            ServerSetup<T> setup,
            List<DiffStrategyProvider> others,
            SyncFixture<T> fixture,
            long seed,
            @Nullable List<String> trace) {
        SplittableRandom random = new SplittableRandom(seed);
        this.fixture = fixture;
        this.trace = trace;
        this.features = fixture.operator().features();
        boolean apart = setup.declared().contains(Trait.SEPARATE_SPACES);
        List<String> spaces = features.contains(Feature.SPACES)
                ? List.of(ServerContract.SPACE, ServerContract.OTHER)
                : List.of(ServerContract.SPACE);
        if (features.contains(Feature.SPACES)) {
            spaces.forEach(fixture.operator()::createSpace);
        }
        this.model = new ServerModel(apart ? space -> space : space -> "global");
        this.listeners = new SimulatedListeners(model);
        this.servers = new SimulatedServers<>(setup, fixture, model, listeners, 2);
        strategies.add(setup.strategy());
        strategies.addAll(others);
        boolean idsMayBeKeptBack = !others.isEmpty() || setup.declared().contains(Trait.VIEW_RECORDS);
        this.checks = new SimulationChecks(model, idsMayBeKeptBack);
        this.network = new SimulatedNetwork<>(servers, checks, listeners::check, this::note);
        this.maker = new MutationMaker(model, checks, features, spaces);
        this.interleaved = fixture instanceof GivesWay && random.nextInt(3) == 0;
        this.crowded = interleaved && seed % 2 == 0;
        this.plainDeletes =
                fixture instanceof GivesWay && setup.declared().contains(Trait.VIEW_RECORDS) ? setup.strategy() : null;
        int count = (crowded ? 4 : 2) + random.nextInt(3);
        for (int i = 0; i < count; i++) {
            String user = USERS.get(random.nextInt(USERS.size()));
            String space = spaces.get(random.nextInt(4) / 3 % spaces.size());
            Device device = new Device(servers.wire(0), user, space, this::name);
            devices.add(device);
            int node = i % servers.count();
            listeners.add(device, node, servers.wire(node));
            device.open();
        }
    }

    private String name(String kind) {
        return kind + counts.merge(kind, 1, Integer::sum);
    }

    private void note(Supplier<String> what) {
        if (trace != null) {
            trace.add(what.get());
        }
    }

    /** Lives through a history, and the quiet after it. */
    void run(List<HistoryStep> steps) throws Exception {
        try {
            for (HistoryStep step : steps) {
                take(step);
            }
            calmDown();
        } finally {
            servers.close();
        }
    }

    /** What has happened, in numbers. */
    void totals(ObjIntConsumer<String> total) {
        total.accept("histories", 1);
        total.accept("histories with requests beside each other", interleaved ? 1 : 0);
        network.totals(total);
        total.accept("commits", model.now());
        total.accept("changes of the strategy", changes);
        total.accept("commits that pushes share", servers.shared());
    }

    /** A tab with the group that it is of. */
    private record Tab(Device device, Device.Group group, ModelClient client) {}

    private List<Tab> tabs() {
        List<Tab> tabs = new ArrayList<>();
        for (Device device : devices) {
            for (Device.Group group : device.groups()) {
                group.tabs.forEach(client -> tabs.add(new Tab(device, group, client)));
            }
        }
        return tabs;
    }

    private void take(HistoryStep step) {
        List<Tab> tabs = tabs();
        Device device = HistoryStep.pick(devices, step.a());
        if (tabs.isEmpty()) {
            open(device);
            return;
        }
        Tab tab = HistoryStep.pick(tabs, step.a());
        switch (step.kind()) {
            case MUTATE -> mutate(tab, step);
            case PUSH -> network.send(request(Kind.PUSH, tab, tab.client().pending()));
            case PULL -> network.send(request(Kind.PULL, tab, List.of()));
            case DELIVER -> {
                if (crowded) {
                    network.deliverCrowd(step);
                } else {
                    network.deliver(step, interleaved);
                }
            }
            case RESUME -> network.resume(step);
            case ANSWER -> network.answer(step);
            case SYNC -> {
                network.finishAll();
                network.now(request(Kind.PUSH, tab, tab.client().pending()), step.b());
                network.now(request(Kind.PULL, tab, List.of()), step.c());
            }
            case LOSE_REQUEST, LOSE_ANSWER, DOUBLE_REQUEST, DOUBLE_ANSWER -> network.mishap(step);
            case OPEN_TAB -> open(device);
            case CLOSE_TAB -> {
                note(() -> tab.client().clientID() + " is closed");
                tab.group().tabs.remove(tab.client());
            }
            case PERSIST -> {
                boolean written = tab.device().persist(tab.group(), tab.client());
                note(() -> tab.client().clientID() + " writes what it has pulled to disk: " + written);
            }
            case REFRESH -> refresh(tab);
            case UPGRADE -> {
                device.upgrade();
                note(() ->
                        "other mutators on the device of " + device.user() + ": the group is now " + device.group().id);
                open(device);
            }
            case RECOVER -> recover(device, step);
            default -> operate(step);
        }
    }

    /** What happens to the servers and the store. */
    private void operate(HistoryStep step) {
        switch (step.kind()) {
            case RESTART -> {
                int node = step.a() % servers.count();
                note(() -> "server " + node + " is killed and started again");
                network.kill(node);
                servers.restart(node);
            }
            case PURGE -> {
                if (features.contains(Feature.PURGE)) {
                    note(() -> "tombstones are purged");
                    fixture.operator().purgeTombstones();
                }
            }
            case COLLECT -> {
                if (features.contains(Feature.COLLECT_GROUPS)) {
                    network.finishAll();
                    note(() -> "nobody does anything for so long that all client groups are collected");
                    tabs().forEach(tab -> tab.group().tabs.remove(tab.client()));
                    fixture.operator().collectClientGroups();
                    model.collected();
                    network.forget();
                    // What was told after it says nothing of the ids before it, which a restore would bring back.
                    backup = null;
                    backedUp = null;
                }
            }
            case BACKUP -> {
                if (features.contains(Feature.RESTORE)) {
                    network.finishAll();
                    note(() -> "a backup is taken");
                    backup = fixture.operator().backup();
                    backedUp = model.current();
                }
            }
            case RESTORE -> {
                if (backup != null && backedUp != null) {
                    network.finishAll();
                    note(() -> "the backup is restored, and a new epoch begins; what was on its way is lost");
                    network.forget();
                    // A tab that knows less than another would push again what the other knows to be done (R37).
                    devices.forEach(Device::closeOthers);
                    backup.run();
                    fixture.operator().newEpoch();
                    model.restored(backedUp);
                }
            }
            case CHANGE_STRATEGY -> changeStrategy();
            case DELETE_BEHIND -> deleteBehind(step);
            case SERVER_WRITE -> {
                network.finishAll();
                String space = HistoryStep.pick(devices, step.a()).space();
                String key = "item/" + space + "/n" + step.b() % 2;
                note(() -> "server " + step.a() % servers.count() + " adds 1 to " + key + " in " + space);
                servers.write(step.a() % servers.count(), space, key);
                listeners.check();
            }
            default -> throw new IllegalStateException("no step: " + step);
        }
    }

    private void changeStrategy() {
        network.finishAll();
        // Made again by a client of a collected group, after it was moved: a store with one space cannot hold both.
        if (model.current().hasTwins()) {
            note(() -> "the strategy is not changed, because entities of two spaces have one key");
            return;
        }
        network.forget();
        strategies.add(strategies.remove());
        note(() -> "all servers are stopped, and started with the strategy "
                + strategies.getFirst().id() + "; what was on its way is lost");
        servers.change(strategies.getFirst(), this::spaceOf);
        changes++;
        // Of a store that servers with the other strategy run on.
        backup = null;
        backedUp = null;
    }

    private String spaceOf(String groupID) {
        return devices.stream()
                .filter(device -> device.groups().stream().anyMatch(group -> group.id.equals(groupID)))
                .map(Device::space)
                .findAny()
                .orElseThrow();
    }

    private void deleteBehind(HistoryStep step) {
        List<ServerModel.Place> places = model.current().entities().keySet().stream()
                .filter(place -> place.key().contains("/v"))
                .sorted(java.util.Comparator.comparing(ServerModel.Place::key))
                .toList();
        if (strategies.getFirst().equals(plainDeletes) && !places.isEmpty() && fixture instanceof GivesWay store) {
            network.finishAll();
            ServerModel.Place place = HistoryStep.pick(places, step.b());
            note(() -> place + " is deleted behind the servers");
            store.deleteBehind(place.space(), place.key());
            model.deleted(place.space(), place.key());
        }
    }

    private void open(Device device) {
        ModelClient client = device.open();
        note(() -> device.user() + " opens " + client.clientID() + " of " + device.group().id + " in "
                + device.space() + " with cookie " + client.view().cookie() + " and "
                + client.pending().size() + " pending");
    }

    private void mutate(Tab tab, HistoryStep step) {
        ObjectNode mutation = maker.make(tab.client(), tab.device(), step);
        tab.device().made(tab.group(), mutation);
        note(() -> tab.client().clientID() + " makes " + mutation.path("id") + " "
                + mutation.path("name").asText() + mutation.path("args"));
        checks.sees(tab.client());
    }

    private void refresh(Tab tab) {
        if (tab.device().hasNewer(tab.group(), tab.client())) {
            ClientView newer = tab.group().stored();
            note(() -> tab.client().clientID() + " takes over the newer " + newer.cookie());
            checks.refreshing(tab.client(), newer);
            tab.client().refresh(newer.copy(), tab.group().pending());
            checks.sees(tab.client());
        }
    }

    /** Whoever runs sends the pending work of the groups that nobody runs any more. */
    private void recover(Device device, HistoryStep step) {
        List<Device.Group> old = device.groups().stream()
                .filter(group -> !group.isDisabled() && group.tabs.isEmpty())
                .filter(group -> !group.pending().isEmpty())
                .toList();
        if (!old.isEmpty()) {
            Device.Group group = HistoryStep.pick(old, step.b());
            Tab nobody = new Tab(device, group, device.recovering(group));
            boolean push = step.c() % 2 == 0;
            network.send(request(push ? Kind.RECOVERY_PUSH : Kind.RECOVERY_PULL, nobody, group.pending()));
        }
    }

    private static SimulatedRequest request(Kind kind, Tab tab, List<ObjectNode> mutations) {
        JsonNode cookie = switch (kind) {
            case PULL -> tab.client().view().cookie();
            case RECOVERY_PULL -> tab.group().stored().cookie();
            default -> NullNode.getInstance();
        };
        return new SimulatedRequest(kind, tab.device(), tab.group(), tab.client(), mutations, cookie);
    }

    /** No more trouble: each client must get its work through and see what is there. */
    private void calmDown() {
        network.finishAll();
        network.forget();
        note(() -> "from here on nothing goes wrong");
        new QuietEnd<>(fixture, model, servers, checks).check(devices, this::settle, this::open);
    }

    private void settle(Device device, Device.Group group, ModelClient client) {
        Tab tab = new Tab(device, group, client);
        boolean recovery = !group.tabs.contains(client);
        network.now(
                request(recovery ? Kind.RECOVERY_PUSH : Kind.PUSH, tab, recovery ? group.pending() : client.pending()),
                0);
        if (!group.isDisabled()) {
            network.now(request(recovery ? Kind.RECOVERY_PULL : Kind.PULL, tab, List.of()), 1);
        }
    }
}
