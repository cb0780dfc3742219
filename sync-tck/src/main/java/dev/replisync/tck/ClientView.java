package dev.replisync.tck;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.NumericNode;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a client knows: cookie, last mutation ids and entities, and how an answer changes it, as the real client does it
 * (protocol.md section 3). An answer that the client would drop changes nothing and is explained.
 */
final class ClientView {
    private static final Set<String> OPERATIONS = Set.of("put", "del", "clear");
    private static final Comparator<JsonNode> AS_IN_JAVASCRIPT =
            (a, b) -> a instanceof NumericNode && b instanceof NumericNode
                    ? Double.compare(a.doubleValue(), b.doubleValue())
                    : a.equals(b) ? 0 : 1;

    /** Which states of the server this may be, by their numbers in a {@link ServerModel}. */
    record Moment(int earliest, int latest) {
        static final Moment BEGIN = new Moment(0, 0);
    }

    private JsonNode cookie = NullNode.getInstance();
    private Moment moment = Moment.BEGIN;
    private final Map<String, Long> lastMutationIDs = new HashMap<>();
    private final Map<String, JsonNode> entities = new HashMap<>();

    ClientView() {}

    /** What a tab of the same group finds on the device. */
    ClientView copy() {
        ClientView copy = fork();
        copy.lastMutationIDs.putAll(lastMutationIDs);
        return copy;
    }

    /** What a new group takes over from an old one: everything but the ids. */
    ClientView fork() {
        ClientView fork = new ClientView();
        fork.cookie = cookie;
        fork.moment = moment;
        fork.entities.putAll(entities);
        return fork;
    }

    JsonNode cookie() {
        return cookie;
    }

    void cookie(JsonNode other) {
        cookie = other;
    }

    Moment moment() {
        return moment;
    }

    void moment(Moment found) {
        moment = found;
    }

    /** Whether a cookie is the one that this view has; else an answer to it comes too late, and is dropped. */
    boolean isAt(JsonNode other) {
        return cookie.equals(AS_IN_JAVASCRIPT, other);
    }

    Map<String, JsonNode> entities() {
        return Collections.unmodifiableMap(entities);
    }

    long lastMutationID(String clientID) {
        return lastMutationIDs.getOrDefault(clientID, 0L);
    }

    /** Whether a user sees and a client knows the same with another view. */
    boolean holdsWhat(ClientView other) {
        return entities.equals(other.entities) && lastMutationIDs.equals(other.lastMutationIDs);
    }

    /** Applies the body of a pull; returns why the client drops it, or null if it takes it. */
    @Nullable
    String apply(JsonNode body) {
        String problem = problem(body);
        if (problem != null) {
            return problem;
        }
        JsonNode next = body.get("cookie");
        if (isAt(next)) {
            boolean tells = body.get("patch").size() > 0
                    || body.get("lastMutationIDChanges").size() > 0;
            return tells ? "the cookie is equal to the one that the client has, so patch and ids are lost" : null;
        }
        cookie = next;
        body.get("lastMutationIDChanges")
                .properties()
                .forEach(id -> lastMutationIDs.put(id.getKey(), id.getValue().longValue()));
        for (JsonNode operation : body.get("patch")) {
            switch (operation.get("op").textValue()) {
                case "put" -> entities.put(operation.get("key").textValue(), operation.get("value"));
                case "del" -> entities.remove(operation.get("key").textValue());
                default -> entities.clear();
            }
        }
        return null;
    }

    private @Nullable String problem(JsonNode body) {
        if (!body.isObject()) {
            return "the body is no object";
        }
        if (body.path("error").isTextual()) {
            return "the body has the error " + body.get("error");
        }
        JsonNode next = body.get("cookie");
        if (next == null || !isCookie(next)) {
            return "the cookie is no cookie: " + next;
        }
        if (compare(next, cookie) < 0) {
            return "the cookie " + next + " is lower than the one that the client has, " + cookie;
        }
        String wrongIds = idProblem(body.path("lastMutationIDChanges"));
        return wrongIds == null ? patchProblem(body.path("patch")) : wrongIds;
    }

    private @Nullable String idProblem(JsonNode ids) {
        if (!ids.isObject()) {
            return "lastMutationIDChanges is no object";
        }
        for (Map.Entry<String, JsonNode> id : ids.properties()) {
            JsonNode last = id.getValue();
            if (!last.isNumber() || last.doubleValue() != Math.rint(last.doubleValue())) {
                return "the last mutation id of client " + id.getKey() + " is no whole number: " + last;
            }
            if (last.longValue() < lastMutationID(id.getKey())) {
                return "the last mutation id of client " + id.getKey() + " goes back from "
                        + lastMutationID(id.getKey()) + " to " + last;
            }
        }
        return null;
    }

    private static @Nullable String patchProblem(JsonNode patch) {
        if (!patch.isArray()) {
            return "patch is no array";
        }
        for (JsonNode operation : patch) {
            String op = operation.path("op").textValue();
            if (op == null || !OPERATIONS.contains(op)) {
                return "an operation is unknown: " + operation;
            }
            if (!op.equals("clear") && !operation.path("key").isTextual()) {
                return "an operation has no key: " + operation;
            }
            if (op.equals("put") && !operation.has("value")) {
                return "a put has no value: " + operation;
            }
        }
        return null;
    }

    private static boolean isCookie(JsonNode cookie) {
        return cookie.isNull()
                || cookie.isTextual()
                || cookie.isNumber()
                || cookie.path("order").isTextual()
                || cookie.path("order").isNumber();
    }

    /** Numbers by size; if either is a string, both as strings (rule R8). */
    static int compare(JsonNode a, JsonNode b) {
        if (a.isNull() || b.isNull()) {
            return Boolean.compare(!a.isNull(), !b.isNull());
        }
        JsonNode x = a.isObject() ? a.path("order") : a;
        JsonNode y = b.isObject() ? b.path("order") : b;
        if (x.isTextual() || y.isTextual()) {
            return x.asText().compareTo(y.asText());
        }
        return Double.compare(x.doubleValue(), y.doubleValue());
    }
}
