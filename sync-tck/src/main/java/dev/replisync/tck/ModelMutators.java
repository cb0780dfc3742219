package dev.replisync.tck;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The mutators of the simulation, written once and run in three places: in servers, in clients before the server has
 * confirmed them, and in the model of what servers must come to. Each locks its key first, so that the order of commits
 * says what comes out. Most do something else when they are run twice.
 */
final class ModelMutators {
    private static final String CARRIED = "carried";

    static final Set<String> NAMES = Set.of(
            "add", "append", "put", "remove", "both", "share", "create", "carry", "nothing", "refuse", "fail", "later",
            "slow");

    private static final Set<String> FAILING = Set.of("refuse", "fail");

    private ModelMutators() {}

    /** Where a mutator runs. */
    interface Entities {
        Optional<JsonNode> get(String key);

        void put(String key, JsonNode value);

        void remove(String key);

        void share(String key, Set<String> users);

        void carry(String key, String space, JsonNode value);

        void lock(String key);

        /** The space that the caller asked for. */
        String space();

        /** What makes a mutator fail or take long; only servers have trouble. */
        void trouble(String name, JsonNode args);
    }

    /** Whether a mutation is processed without any effect, wherever it runs. */
    static boolean fails(String name) {
        return FAILING.contains(name);
    }

    static void run(String name, JsonNode args, Entities on) {
        String key = args.path("key").asText();
        switch (name) {
            case "add" -> add(key, args.path("by").intValue(), on);
            case "append" -> append(key, args.get("entry"), on);
            case "later", "slow" -> {
                on.trouble(name, args);
                append(key, args.get("entry"), on);
            }
            case "put" -> {
                on.lock(key);
                on.put(key, args.get("value"));
            }
            case "remove" -> {
                on.lock(key);
                on.remove(key);
            }
            case "both" -> {
                on.lock(key);
                on.put(key + "/a", args.get("value"));
                on.put(key + "/b", args.get("value"));
            }
            case "share" -> share(key, args.get("users"), on);
            case "create" -> {
                on.lock(key);
                on.put(key, in(on.space(), args));
            }
            case "carry" -> carry(key, args, on);
            case "refuse", "fail" -> {
                on.put(key, args.get("value"));
                on.trouble(name, args);
            }
            default -> {
                // "nothing" changes nothing.
            }
        }
    }

    private static void add(String key, int by, Entities on) {
        on.lock(key);
        int before = on.get(key).map(JsonNode::intValue).orElse(0);
        on.put(key, JsonNodeFactory.instance.numberNode(before + by));
    }

    private static void append(String key, JsonNode entry, Entities on) {
        on.lock(key);
        ArrayNode log = JsonNodeFactory.instance.arrayNode();
        on.get(key).ifPresent(before -> before.forEach(log::add));
        on.put(key, log.add(entry));
    }

    private static void share(String key, JsonNode users, Entities on) {
        on.lock(key);
        if (on.get(key).isPresent()) {
            Set<String> readers = new TreeSet<>();
            users.forEach(user -> readers.add(user.textValue()));
            on.share(key, readers);
        }
    }

    /**
     * Only out of the space where it is: some stores find an entity by its key in any space. And only out of its first
     * one: named locks are a space's own, so that between mutators side by side of two spaces nothing says which was first.
     */
    private static void carry(String key, JsonNode args, Entities on) {
        on.lock(key);
        boolean here = on.get(key)
                .filter(value -> value.path("in").asText().equals(on.space()) && !value.has(CARRIED))
                .isPresent();
        if (here) {
            String to = args.path("to").textValue();
            on.carry(key, to, in(to, args).put(CARRIED, true));
        }
    }

    private static ObjectNode in(String space, JsonNode args) {
        ObjectNode value = JsonNodeFactory.instance.objectNode().put("in", space);
        value.set("n", args.get("entry"));
        return value;
    }
}
