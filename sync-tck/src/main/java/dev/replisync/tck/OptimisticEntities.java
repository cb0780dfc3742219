package dev.replisync.tck;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The entities of a client while mutators run in it. What is not known there is left to the server. */
record OptimisticEntities(String space, Map<String, JsonNode> seen) implements ModelMutators.Entities {

    @Override
    public Optional<JsonNode> get(String key) {
        return Optional.ofNullable(seen.get(key));
    }

    @Override
    public void put(String key, JsonNode value) {
        seen.put(key, value);
    }

    @Override
    public void remove(String key) {
        seen.remove(key);
    }

    @Override
    public void share(String key, Set<String> users) {}

    @Override
    public void carry(String key, String to, JsonNode value) {
        seen.remove(key);
    }

    @Override
    public void lock(String key) {}

    @Override
    public void trouble(String name, JsonNode args) {}
}
