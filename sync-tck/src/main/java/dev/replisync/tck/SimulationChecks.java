package dev.replisync.tck;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.replisync.tck.ServerModel.State;
import dev.replisync.tck.SimulatedRequest.Delivery;
import dev.replisync.tck.SimulationFailure.Promise;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What is checked after each answer of a server, and after each that a client has taken. */
final class SimulationChecks {
    private final ServerModel model;
    private final boolean idsMayBeKeptBack;
    /** The appends that each client has made, in order. */
    private final Map<String, List<Long>> appends = new HashMap<>();

    /**
     * Checks against a model.
     *
     * @param idsMayBeKeptBack whether after a restore some ids are not told before their client's next mutation
     */
    SimulationChecks(ServerModel model, boolean idsMayBeKeptBack) {
        this.model = model;
        this.idsMayBeKeptBack = idsMayBeKeptBack;
    }

    static void check(Promise promise, boolean holds, Supplier<String> otherwise) {
        if (!holds) {
            throw new SimulationFailure(promise, otherwise.get());
        }
    }

    /** Where the append of a client goes to. */
    static String logOf(String clientID) {
        return "item/log/" + clientID;
    }

    void appended(String clientID, long id) {
        appends.computeIfAbsent(clientID, c -> new ArrayList<>()).add(id);
    }

    /** A server has answered; whether a client ever hears of it is another matter. */
    void answered(Delivery delivery) {
        SimulatedRequest request = delivery.request;
        Wire.Answer answer = delivery.answered();
        if (answer.status() == 200) {
            if (request.kind().isPush()) {
                pushed(delivery);
            } else {
                pulled(delivery);
            }
            return;
        }
        check(
                Promise.NEVER_WEDGED,
                answer.status() == 503 && delivery.hasExcuse(),
                () -> request + " was answered with " + answer.status() + " " + answer.body()
                        + ", though nothing went wrong");
    }

    private void pushed(Delivery delivery) {
        List<ObjectNode> mutations = delivery.request.mutations();
        if (delivery.body.path("error").isTextual()) {
            Map<String, Long> lowest = new HashMap<>();
            mutations.forEach(m ->
                    lowest.merge(m.path("clientID").textValue(), m.path("id").longValue(), Math::min));
            check(
                    Promise.NOTHING_LOST,
                    lowest.entrySet().stream()
                            .anyMatch(client -> client.getValue() > least(delivery, client.getKey()) + 1),
                    () -> delivery.request + " was answered with " + delivery.body
                            + ", though the server had lost nothing of it");
            return;
        }
        State after = model.state(delivery.to);
        for (ObjectNode mutation : mutations) {
            String client = mutation.path("clientID").textValue();
            check(
                    Promise.NOTHING_LOST,
                    after.lastMutationID(client) >= mutation.path("id").longValue(),
                    () -> delivery.request + " was answered with success, but mutation " + mutation.path("id") + " of "
                            + client + " is not processed");
        }
    }

    private long least(Delivery delivery, String client) {
        long least = Long.MAX_VALUE;
        for (int i = delivery.from; i <= delivery.to; i++) {
            least = Math.min(least, model.state(i).lastMutationID(client));
        }
        return least;
    }

    private void pulled(Delivery delivery) {
        SimulatedRequest request = delivery.request;
        JsonNode body = delivery.body;
        check(
                Promise.NOTHING_LOST,
                !body.path("error").isTextual(),
                () -> request + " was answered with " + body + ", after which a client loses its work");
        check(
                Promise.COOKIES,
                ClientView.compare(body.path("cookie"), request.asked()) >= 0,
                () -> request + " was answered with the lower cookie " + body.path("cookie"));
        body.path("lastMutationIDChanges").properties().forEach(told -> told(delivery, told));
        for (JsonNode operation : body.path("patch")) {
            String key = operation.path("key").asText();
            switch (operation.path("op").asText()) {
                case "put" ->
                    check(
                            Promise.PERMISSION,
                            showsDuring(delivery, key, operation.path("value")),
                            () -> request + " told of " + operation + ", which "
                                    + request.device().user() + " could not see then");
                case "del" ->
                    check(
                            Promise.PERMISSION,
                            model.everShown(request.device().user(), space(request), key, delivery.to),
                            () -> request + " named the key " + key + ", which "
                                    + request.device().user() + " could never see");
                default -> {
                    // "clear" tells of nothing.
                }
            }
        }
    }

    private void told(Delivery delivery, Map.Entry<String, JsonNode> told) {
        for (int i = delivery.from; i <= delivery.to; i++) {
            ServerModel.Client client = model.state(i).clients().get(told.getKey());
            if (client != null
                    && client.groupID().equals(delivery.request.group().id)
                    && client.lastMutationID() == told.getValue().longValue()) {
                return;
            }
        }
        throw new SimulationFailure(
                Promise.CONFIRMED_STATE,
                delivery.request + " told the id " + told + ", which is not that of a client of its group then");
    }

    private boolean showsDuring(Delivery delivery, String key, JsonNode value) {
        for (int i = delivery.to; i >= delivery.from; i--) {
            if (model.state(i).shows(delivery.request.device().user(), space(delivery.request), key, value)) {
                return true;
            }
        }
        return false;
    }

    private String space(SimulatedRequest request) {
        return model.kept(request.device().space());
    }

    /** A tab has taken the answer to a pull. */
    void taken(Delivery delivery, ModelClient tab) {
        ClientView view = tab.view();
        pairs(() -> delivery.request + " left " + tab.clientID() + " with", view.entities());
        int earliest = -1;
        int latest = -1;
        for (int i = delivery.from; i <= delivery.to; i++) {
            if (is(model.state(i), delivery.request, view)) {
                earliest = earliest < 0 ? i : earliest;
                latest = i;
            }
        }
        if (earliest < 0) {
            throw new SimulationFailure(
                    Promise.CONFIRMED_STATE,
                    delivery.request + " left " + tab.clientID() + " with what the server never had meanwhile: "
                            + difference(delivery, view));
        }
        view.moment(new ClientView.Moment(earliest, latest));
        sees(tab);
    }

    private boolean is(State state, SimulatedRequest request, ClientView view) {
        return state.shows(request.device().user(), space(request), view.entities())
                && wrongID(state, request.group().id, view) == null;
    }

    /** A client of the group whose last mutation id is another one in the view. */
    private @Nullable String wrongID(State state, String groupID, ClientView view) {
        for (Map.Entry<String, ServerModel.Client> client : state.clients().entrySet()) {
            long held = view.lastMutationID(client.getKey());
            long right = client.getValue().lastMutationID();
            boolean excused = model.forgot() && (held > right || idsMayBeKeptBack);
            if (client.getValue().groupID().equals(groupID) && held != right && !excused) {
                return "last mutation id of " + client.getKey() + " is " + held + " instead of " + right;
            }
        }
        return null;
    }

    private String difference(Delivery delivery, ClientView view) {
        State state = model.state(delivery.to);
        Map<String, JsonNode> right = state.view(delivery.request.device().user(), space(delivery.request));
        return difference(view.entities(), right) + "; " + wrongID(state, delivery.request.group().id, view);
    }

    /** Whether all work must be known to be done once it is. */
    boolean confirmsAll() {
        return !idsMayBeKeptBack || !model.forgot();
    }

    /** How a view differs from what it should be. */
    static String difference(Map<String, JsonNode> view, Map<String, JsonNode> right) {
        Map<String, String> different = new TreeMap<>();
        right.forEach((key, value) -> {
            if (!value.equals(view.get(key))) {
                different.put(key, view.get(key) + " instead of " + value);
            }
        });
        view.forEach((key, value) -> {
            if (!right.containsKey(key)) {
                different.put(key, value + " instead of nothing");
            }
        });
        return "entities that differ " + different;
    }

    private static void pairs(Supplier<String> who, Map<String, JsonNode> entities) {
        entities.forEach((key, value) -> {
            if (key.endsWith("/a")) {
                JsonNode other = entities.get(key.substring(0, key.length() - 1) + "b");
                check(
                        Promise.ATOMIC,
                        value.equals(other),
                        () -> who.get() + " one half of a pair: " + key + " is " + value + ", its other half " + other);
            }
        });
    }

    /** What the user of a tab sees of his own work: each append once, in order, confirmed or not. */
    void sees(ModelClient tab) {
        List<Long> made = appends.getOrDefault(tab.clientID(), List.of());
        if (made.isEmpty() || model.forgot()) {
            return;
        }
        JsonNode log = tab.optimistic().get(logOf(tab.clientID()));
        List<Long> seen = new ArrayList<>();
        if (log != null) {
            log.forEach(entry -> seen.add(entry.longValue()));
        }
        check(
                Promise.EXACTLY_ONCE,
                seen.equals(made),
                () -> tab.clientID() + " has appended " + made + " to its log and sees " + seen);
    }

    /**
     * A tab is about to take over what is on disk: an older state may have a higher cookie only if it looks the same. Not
     * so after a change of the strategy: each tab of a group begins in the new count from where it was in the old one, a
     * tab that had pulled nothing yet at its begin, so that one may see what another has not until its next pull.
     */
    void refreshing(ModelClient tab, ClientView newer) {
        check(
                Promise.COOKIES,
                model.forgot()
                        || newer.moment().latest() >= tab.view().moment().earliest()
                        || newer.holdsWhat(tab.view())
                        || model.hasChanged(),
                () -> tab.clientID() + " has the cookie " + tab.view().cookie() + " of state "
                        + tab.view().moment() + ", and another tab the higher " + newer.cookie()
                        + " of the older state " + newer.moment());
    }
}
