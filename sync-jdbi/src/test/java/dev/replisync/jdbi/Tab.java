package dev.replisync.jdbi;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.replisync.SyncResponse;
import dev.replisync.SyncServer;
import dev.replisync.protocol.Caller;
import dev.replisync.protocol.Json;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;

/** A client's tab: sends pushes, keeps what pulls brought. Used by one thread. */
final class Tab {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private final SyncServer<Handle> server;
    private final Caller caller;
    private final String group;
    private final String client;
    private final Map<String, String> view = new TreeMap<>();
    private final List<String> lastPatch = new ArrayList<>();
    private JsonNode cookie = MAPPER.nullNode();
    private JsonNode ids = MAPPER.createObjectNode();
    private String profile = "p";
    private long nextID = 1;

    Tab(SyncServer<Handle> server, String user, String group, String client) {
        this(server, user, "default", group, client);
    }

    Tab(SyncServer<Handle> server, String user, String space, String group, String client) {
        this.server = server;
        this.caller = new Caller(user, space, "request");
        this.group = group;
        this.client = client;
    }

    /** From now on in another browser. */
    Tab profile(String profileID) {
        profile = profileID;
        return this;
    }

    /** Takes over what another tab holds. */
    Tab continuing(Tab other) {
        cookie = other.cookie;
        view.putAll(other.view);
        return this;
    }

    /** Pushes the next mutation and returns the status. */
    int tryPush(String name, Object args) {
        return send(nextID++, name, args);
    }

    Tab push(String name, Object args) {
        assertThat(tryPush(name, args)).as("status of the push").isEqualTo(200);
        return this;
    }

    int send(long id, String name, Object args) {
        String mutation = "{\"clientID\":" + Json.of(client) + ",\"id\":" + id + ",\"name\":" + Json.of(name)
                + ",\"args\":" + (args instanceof Json json ? json : Json.of(args)) + ",\"timestamp\":1.5}";
        return sendAll(mutation);
    }

    int sendAll(String mutations) {
        return server.push(
                        caller,
                        body("{\"pushVersion\":1,\"profileID\":" + Json.of(profile)
                                + ",\"schemaVersion\":\"\",\"clientGroupID\":" + Json.of(group) + ",\"mutations\":["
                                + mutations + "]}"))
                .status();
    }

    /** Pulls, applies the patch, and returns it as lines in their order. */
    List<String> pull() {
        SyncResponse response = server.pull(
                caller,
                body("{\"pullVersion\":1,\"profileID\":" + Json.of(profile)
                        + ",\"schemaVersion\":\"\",\"clientGroupID\":" + Json.of(group) + ",\"cookie\":" + cookie
                        + "}"));
        assertThat(response.status()).as("status of the pull").isEqualTo(200);
        try {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            response.body().writeTo(out);
            apply(MAPPER.readTree(out.toByteArray()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return lastPatch;
    }

    private void apply(JsonNode answer) {
        cookie = answer.path("cookie");
        ids = answer.path("lastMutationIDChanges");
        lastPatch.clear();
        for (JsonNode operation : answer.path("patch")) {
            String key = operation.path("key").asText();
            switch (operation.path("op").asText()) {
                case "clear" -> {
                    view.clear();
                    lastPatch.add("clear");
                }
                case "put" -> {
                    view.put(key, operation.path("value").toString());
                    lastPatch.add("put " + key + " " + operation.path("value"));
                }
                case "del" -> {
                    view.remove(key);
                    lastPatch.add("del " + key);
                }
                default -> throw new AssertionError("unknown operation " + operation);
            }
        }
    }

    Map<String, String> view() {
        return view;
    }

    JsonNode cookie() {
        return cookie;
    }

    JsonNode ids() {
        return ids;
    }

    private static ByteArrayInputStream body(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }
}
