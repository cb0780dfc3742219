package dev.replisync.example.todo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.NullNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.zip.GZIPInputStream;

/** What a browser does, as far as these tests need it: one client of its own client group. Texts are JSON with ' for ". */
final class Client {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    String group = UUID.randomUUID().toString();
    final String id = UUID.randomUUID().toString();
    final TreeMap<String, JsonNode> view = new TreeMap<>();
    final Map<String, Long> confirmed = new HashMap<>();

    private String server;
    private final String user;
    private final String space;
    private String profile = "p";
    private JsonNode cookie = NullNode.instance;
    private long next = 1;

    Client(int port, String user) {
        this(port, user, "default");
    }

    Client(int port, String user, String space) {
        moveTo(port);
        this.user = user;
        this.space = space;
    }

    /** Takes another client's group for its own. */
    Client withGroupOf(Client other) {
        group = other.group;
        return this;
    }

    Client inProfile(String other) {
        profile = other;
        return this;
    }

    /** What the last pull gave. */
    JsonNode cookie() {
        return cookie;
    }

    /** Goes on from a cookie, with what a client that has it holds. */
    Client resume(JsonNode from, Map<String, JsonNode> holding) {
        cookie = from;
        view.clear();
        view.putAll(holding);
        return this;
    }

    /** Goes on with a server that was started again. */
    void moveTo(int port) {
        server = "http://127.0.0.1:" + port;
    }

    /** Makes a mutation and pushes it; the answer must be 200. */
    Client push(String name, String args) {
        assertThat(pushed(mutation(next++, name, args)).statusCode()).isEqualTo(200);
        return this;
    }

    /** Pushes mutations in one request. */
    HttpResponse<byte[]> pushed(String... mutations) {
        return pushedAs("1", mutations);
    }

    HttpResponse<byte[]> pushedAs(String schemaVersion, String... mutations) {
        return post(
                at("push"),
                json("{'pushVersion':1,'clientGroupID':'" + group + "','profileID':'" + profile + "','schemaVersion':'"
                                + schemaVersion + "','mutations':[")
                        + String.join(",", mutations) + "]}");
    }

    String mutation(long number, String name, String args) {
        return json("{'clientID':'" + id + "','id':" + number + ",'name':'" + name + "','timestamp':1.5,'args':" + args
                + "}");
    }

    /** Pulls and applies the answer. */
    Client pull() {
        HttpResponse<byte[]> response = pulledAs("1");
        assertThat(response.statusCode()).isEqualTo(200);
        apply(tree(response));
        return this;
    }

    /** Applies a pull's answer. */
    void apply(HttpResponse<byte[]> answer) {
        apply(tree(answer));
    }

    HttpResponse<byte[]> pulledAs(String schemaVersion, String... headers) {
        return post(at("pull"), pullBody(schemaVersion), headers);
    }

    private String at(String endpoint) {
        return "/api/replicache/" + endpoint + "?space=" + URLEncoder.encode(space, StandardCharsets.UTF_8);
    }

    private String pullBody(String schemaVersion) {
        return json("{'pullVersion':1,'clientGroupID':'" + group + "','profileID':'" + profile + "','schemaVersion':'"
                + schemaVersion + "','cookie':" + cookie + "}");
    }

    private void apply(JsonNode answer) {
        assertThat(answer.fieldNames()).toIterable().contains("cookie", "lastMutationIDChanges", "patch");
        for (JsonNode operation : answer.path("patch")) {
            switch (operation.path("op").asText()) {
                case "clear" -> view.clear();
                case "put" -> view.put(operation.path("key").asText(), operation.path("value"));
                case "del" -> view.remove(operation.path("key").asText());
                default -> throw new AssertionError("unknown operation in " + answer);
            }
        }
        answer.path("lastMutationIDChanges")
                .properties()
                .forEach(change ->
                        confirmed.put(change.getKey(), change.getValue().asLong()));
        cookie = answer.path("cookie");
    }

    /** What this client sees under a key after a pull, as JSON with ' for ", or "absent". */
    String see(String key) {
        JsonNode value = pull().view.get(key);
        return value == null ? "absent" : value.toString().replace('"', '\'');
    }

    List<String> keys() {
        return new ArrayList<>(pull().view.keySet());
    }

    long confirmed() {
        return pull().confirmed.getOrDefault(id, 0L);
    }

    HttpResponse<byte[]> post(String path, String body, String... headers) {
        HttpRequest.Builder request = request(path).POST(BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return send(request);
    }

    HttpResponse<byte[]> get(String path) {
        return send(request(path).GET());
    }

    HttpRequest.Builder request(String path) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server + path));
        return user.isEmpty() ? request : request.header("Authorization", "Bearer " + user);
    }

    static <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> handler) {
        try {
            return HTTP.send(request, handler);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static HttpResponse<byte[]> send(HttpRequest.Builder request) {
        return send(request.build(), BodyHandlers.ofByteArray());
    }

    static String text(HttpResponse<byte[]> response) {
        boolean zipped = response.headers()
                .firstValue("Content-Encoding")
                .filter("gzip"::equals)
                .isPresent();
        try {
            byte[] body = response.body();
            return new String(
                    zipped ? new GZIPInputStream(new ByteArrayInputStream(body)).readAllBytes() : body,
                    StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    static JsonNode tree(HttpResponse<byte[]> response) {
        try {
            return MAPPER.readTree(text(response));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    static String json(String text) {
        return text.replace('\'', '"');
    }
}
