package dev.replisync.proofs.history;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What a tab holds: cookie, last mutation ids, and entities, of which lists are read. */
public final class TabView {
    static final String LIST = "list/";

    private JsonNode cookie = NullNode.getInstance();
    private final Map<String, Long> ids = new HashMap<>();
    private final Map<String, JsonNode> entities = new TreeMap<>();
    private final Map<String, List<String>> lists = new HashMap<>();

    /** An empty view. */
    public TabView() {}

    /** {@return a tab of the same group begins with this} */
    public TabView copy() {
        TabView copy = new TabView();
        copy.cookie = cookie;
        copy.ids.putAll(ids);
        copy.entities.putAll(entities);
        copy.lists.putAll(lists);
        return copy;
    }

    /** {@return the cookie} */
    public JsonNode cookie() {
        return cookie;
    }

    /** {@return up to which of its mutations a client is known to be done} */
    public long lastMutationID(String client) {
        return ids.getOrDefault(client, 0L);
    }

    Map<String, JsonNode> entities() {
        return entities;
    }

    List<String> list(String key) {
        return lists.getOrDefault(key, List.of());
    }

    Map<String, List<String>> lists() {
        return lists;
    }

    /**
     * Applies an answer, also one that the real client would drop.
     *
     * @return why it would; null if it takes it
     */
    public @Nullable String apply(JsonNode body) {
        JsonNode next = body.path("cookie");
        JsonNode patch = body.path("patch");
        JsonNode changes = body.path("lastMutationIDChanges");
        if (!patch.isArray() || !changes.isObject() || !next.path("order").isNumber()) {
            return "it is no answer to a pull: " + body;
        }
        String problem = null;
        boolean tells = patch.size() > 0 || changes.size() > 0;
        if (!cookie.isNull()
                && next.path("order").asLong() < cookie.path("order").asLong()) {
            problem = "the cookie goes back from " + cookie + " to " + next;
        } else if (next.equals(cookie) && tells) {
            problem = "the cookie stays at " + next + " but the answer says something: " + body;
        }
        for (Map.Entry<String, JsonNode> change : changes.properties()) {
            long id = change.getValue().asLong();
            if (id < lastMutationID(change.getKey())) {
                problem = "the last mutation id of " + change.getKey() + " goes back from "
                        + lastMutationID(change.getKey()) + " to " + id;
            }
            ids.put(change.getKey(), id);
        }
        cookie = next;
        patch.forEach(this::apply1);
        return problem;
    }

    private void apply1(JsonNode operation) {
        String key = operation.path("key").asText();
        switch (operation.path("op").asText()) {
            case "clear" -> {
                entities.clear();
                lists.clear();
            }
            case "put" -> {
                entities.put(key, operation.path("value"));
                if (key.startsWith(LIST)) {
                    lists.put(key, tags(operation.path("value")));
                }
            }
            default -> {
                entities.remove(key);
                lists.remove(key);
            }
        }
    }

    /** A list is a text of tags with blanks between them. */
    static List<String> tags(JsonNode list) {
        String text = list.path("items").asText().strip();
        return text.isEmpty() ? List.of() : new ArrayList<>(List.of(text.split(" ")));
    }

    /** By client, the ids of those whose tags are in any list. */
    Map<String, BitSet> visible() {
        Map<String, BitSet> visible = new HashMap<>();
        for (List<String> list : lists.values()) {
            for (String tag : list) {
                int colon = tag.lastIndexOf(':');
                visible.computeIfAbsent(tag.substring(0, colon), client -> new BitSet())
                        .set(Integer.parseInt(tag.substring(colon + 1)));
            }
        }
        return visible;
    }

    /** Where two views differ, in words. */
    static String difference(TabView a, TabView b) {
        TreeSet<String> keys = new TreeSet<>(a.entities.keySet());
        keys.addAll(b.entities.keySet());
        for (String key : keys) {
            JsonNode one = a.entities.get(key);
            JsonNode other = b.entities.get(key);
            if (one == null || !one.equals(other)) {
                return key + " is " + one + " and not " + other;
            }
        }
        return "nothing";
    }
}
