package dev.replisync.tck;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Makes the mutations of a history: few keys, so that they meet; values that never come twice. */
final class MutationMaker {
    private final ServerModel model;
    private final SimulationChecks checks;
    private final List<String> names;
    private final List<String> spaces;
    private final List<String> carried = new ArrayList<>();
    private int made;

    MutationMaker(ServerModel model, SimulationChecks checks, Set<Feature> features, List<String> spaces) {
        this.model = model;
        this.checks = checks;
        this.spaces = spaces;
        this.names = new ArrayList<>(List.of(
                "append", "append", "append", "add", "add", "add", "put", "put", "put", "put", "remove", "remove",
                "both", "both", "nothing", "refuse", "fail", "later", "slow"));
        if (features.contains(Feature.READ_RULES)) {
            names.addAll(List.of("share", "share", "share"));
        }
        if (features.contains(Feature.SPACES)) {
            names.addAll(List.of("create", "carry", "carry"));
        }
    }

    /** Lets a client make a mutation. */
    ObjectNode make(ModelClient client, Device device, HistoryStep step) {
        int unique = ++made;
        String name = HistoryStep.pick(names, step.b());
        int c = step.c();
        String prefix = "item/" + device.space() + "/";
        long id = client.nextID();
        Object args = switch (name) {
            case "append" -> Map.of("key", SimulationChecks.logOf(client.clientID()), "entry", id);
            case "later" ->
                Map.of(
                        "key",
                        SimulationChecks.logOf(client.clientID()),
                        "entry",
                        id,
                        "times",
                        c % 4 == 0 ? 12 : 1 + c % 3);
            case "slow" -> Map.of("key", SimulationChecks.logOf(client.clientID()), "entry", id);
            case "add" -> Map.of("key", prefix + "n" + c % 2, "by", 1 + c % 7);
            case "both" -> Map.of("key", prefix + "p" + c % 2, "value", unique);
            case "share" -> Map.of("key", prefix + "v" + c % 3, "users", users(c / 3));
            case "create" -> created(client, unique);
            case "carry" ->
                Map.of(
                        "key",
                        carried.isEmpty() ? "item/m/none" : HistoryStep.pick(carried, c),
                        "to",
                        HistoryStep.pick(spaces, spaces.indexOf(device.space()) + 1),
                        "entry",
                        unique);
            case "nothing" -> Map.of();
            default -> Map.of("key", prefix + "v" + c % 3, "value", device.user() + unique);
        };
        if (name.equals("append") || name.equals("later") || name.equals("slow")) {
            checks.appended(client.clientID(), id);
        }
        model.made(client.clientID(), id, name);
        return client.mutate(name, args).lastMade();
    }

    private Map<String, Object> created(ModelClient client, int unique) {
        String key = "item/m/" + client.clientID() + "-" + unique;
        carried.add(key);
        return Map.of("key", key, "entry", unique);
    }

    private static List<String> users(int by) {
        List<String> users = new ArrayList<>(Simulation.USERS);
        for (int i = Simulation.USERS.size() - 1; i >= 0; i--) {
            if ((by >> i) % 2 == 0) {
                users.remove(i);
            }
        }
        return users;
    }
}
