package dev.replisync.tck;

import com.fasterxml.jackson.databind.JsonNode;
import dev.replisync.protocol.Caller;
import dev.replisync.protocol.Json;
import dev.replisync.protocol.PullRequest;
import dev.replisync.storage.PushTx;
import dev.replisync.storage.VersionedReads;
import dev.replisync.strategy.VersionDiff;
import dev.replisync.tck.SimulationFailure.Promise;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** The end of a history, when nothing goes wrong any more: everybody's work gets through, and all see the same. */
final class QuietEnd<T> {
    private static final int ROUNDS = 6;

    private final SyncFixture<T> fixture;
    private final ServerModel model;
    private final SimulatedServers<T> servers;
    private final SimulationChecks checks;

    QuietEnd(SyncFixture<T> fixture, ServerModel model, SimulatedServers<T> servers, SimulationChecks checks) {
        this.checks = checks;
        this.fixture = fixture;
        this.model = model;
        this.servers = servers;
    }

    /** Pushes and pulls once, without trouble. */
    interface Settle {
        void settle(Device device, Device.Group group, ModelClient client);
    }

    void check(List<Device> devices, Settle settle, Consumer<Device> open) {
        // Until a round has written nothing, so that all have seen what there is.
        int before = -1;
        for (int i = 0; i < ROUNDS && (before != model.now() || somethingIsPending(devices)); i++) {
            before = model.now();
            for (Device device : devices) {
                if (device.group().isDisabled() || device.group().tabs.isEmpty()) {
                    open.accept(device);
                }
                for (Device.Group group : List.copyOf(device.groups())) {
                    List.copyOf(group.tabs).forEach(tab -> settle.settle(device, group, tab));
                    if (!group.isDisabled()
                            && group.tabs.isEmpty()
                            && !group.pending().isEmpty()) {
                        settle.settle(device, group, device.recovering(group));
                    }
                }
            }
        }
        stored();
        devices.stream()
                .map(device -> new Place(device.user(), device.space()))
                .distinct()
                .forEach(this::hasAll);
        devices.forEach(this::converges);
    }

    private static boolean somethingIsPending(List<Device> devices) {
        return devices.stream()
                .flatMap(device -> device.groups().stream())
                .anyMatch(group -> !group.isDisabled()
                        && (group.tabs.isEmpty()
                                ? !group.pending().isEmpty()
                                : group.tabs.stream()
                                        .anyMatch(tab -> !tab.pending().isEmpty())));
    }

    private void stored() {
        Map<String, PushTx.Client> clients = fixture.look().clients();
        model.current().clients().forEach((id, client) -> {
            PushTx.Client known = clients.get(id);
            SimulationChecks.check(
                    Promise.NOTHING_LOST,
                    known != null && known.lastMutationID() == client.lastMutationID(),
                    () -> "the store knows " + id + " as " + known + " instead of " + client);
        });
    }

    /** Who looks, and where. */
    private record Place(String user, String space) {}

    private void hasAll(Place place) {
        String user = place.user();
        Map<String, JsonNode> right = model.current().view(user, model.kept(place.space()));
        ModelClient fresh = new ModelClient(servers.wire(0), user, place.space());
        PullAnswer first = fresh.tryPull();
        SimulationChecks.check(
                Promise.CONVERGENCE,
                first.dropped() == null && fresh.entities().equals(right),
                () -> "a fresh client of " + user + " in " + place.space() + ": "
                        + (first.dropped() == null
                                ? SimulationChecks.difference(fresh.entities(), right)
                                : first.dropped()));
        everything(user, model.kept(place.space()))
                .ifPresent(all -> SimulationChecks.check(
                        Promise.CONVERGENCE,
                        all.equals(right),
                        () -> "the reset strategy for " + user + " in " + place.space() + ": "
                                + SimulationChecks.difference(all, right)));
    }

    private void converges(Device device) {
        String user = device.user();
        Map<String, JsonNode> right = model.current().view(user, model.kept(device.space()));
        for (Device.Group group : device.groups()) {
            for (ModelClient tab : group.tabs) {
                SimulationChecks.check(
                        Promise.CONVERGENCE,
                        tab.entities().equals(right),
                        () -> tab.clientID() + " of " + user + " in the end: "
                                + SimulationChecks.difference(tab.entities(), right));
                SimulationChecks.check(
                        Promise.NEVER_WEDGED,
                        tab.pending().isEmpty() || !checks.confirmsAll(),
                        () -> tab.clientID() + " has in the end still to push " + tab.pending());
            }
            SimulationChecks.check(
                    Promise.NEVER_WEDGED,
                    group.isDisabled()
                            || !group.tabs.isEmpty()
                            || group.pending().isEmpty()
                            || !checks.confirmsAll(),
                    () -> group.id + " has in the end still to recover " + group.pending());
        }
    }

    /** What the reset strategy answers to somebody new on the same store, if the store reads by version. */
    private Optional<Map<String, JsonNode>> everything(String user, String space) {
        Optional<VersionedReads> reads = fixture.node().versioned();
        if (reads.isEmpty() || !reads.get().problems().isEmpty()) {
            return Optional.empty();
        }
        PullRequest request = new PullRequest(1, "g-reset", "p-reset", "", Json.NULL);
        var result = new VersionDiff("reset", reads.get(), true, false).reset(Caller.of(user, space), space, request);
        Map<String, JsonNode> all = new HashMap<>();
        for (JsonNode operation : Bodies.read(result.patch().toString())) {
            all.put(operation.path("key").asText(), operation.path("value"));
        }
        return Optional.of(all);
    }
}
