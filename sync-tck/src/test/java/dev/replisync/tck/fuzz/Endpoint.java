package dev.replisync.tck.fuzz;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.replisync.Mutators;
import dev.replisync.SyncEndpoint;
import dev.replisync.SyncResponse;
import dev.replisync.SyncServer;
import dev.replisync.error.RequestException;
import dev.replisync.protocol.Json;
import dev.replisync.protocol.PushRequest;
import dev.replisync.strategy.DiffStrategyProvider;
import dev.replisync.strategy.global.GlobalVersion;
import dev.replisync.strategy.rowversion.RowVersion;
import dev.replisync.tck.MemoryStorage;
import dev.replisync.tck.MemoryTx;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * What must hold for any body that comes to a server: the first byte of an input says what the others are (the body of a
 * push or of a pull, the arguments of a mutation, a cookie, or an id).
 */
public final class Endpoint implements AutoCloseable {
    private static final int MOST_BYTES = 2_000;
    private static final int MOST_ARGS = 500;
    private static final int MOST_DEPTH = 8;
    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private final SyncServer<MemoryTx> server;
    private final SyncEndpoint endpoint;

    private Endpoint(DiffStrategyProvider strategy) {
        Mutators<MemoryTx> mutators = new Mutators<MemoryTx>()
                .add("set", Json.class, (tx, value, ctx) -> tx.put("item/1", value))
                .add("named", String.class, (tx, key, ctx) -> tx.put(key, Json.of(key)));
        this.server = SyncServer.builder(new MemoryStorage())
                .mutators(mutators)
                .strategy(strategy)
                .maxBodyBytes(MOST_BYTES)
                .maxArgs(MOST_ARGS, MOST_DEPTH)
                .timeLimit(Duration.ofSeconds(5))
                .build();
        this.endpoint = server.endpoint(request -> request.bearerToken().orElseThrow());
    }

    /** The fuzzer calls it; whatever it throws is found. */
    public static void fuzzerTestOneInput(byte[] input) {
        if (input.length == 0) {
            return;
        }
        byte[] rest = Arrays.copyOfRange(input, 1, input.length);
        try (Endpoint target = new Endpoint((input[0] & 8) == 0 ? new GlobalVersion() : new RowVersion())) {
            switch (input[0] & 7) {
                case 0 -> target.push(rest);
                case 1 -> target.pull(rest);
                case 2 -> target.args(rest);
                case 3 -> target.cookie(rest);
                default -> target.id(rest);
            }
            target.isStillWell();
        }
    }

    private void push(byte[] body) {
        Answer answer = send(endpoint::push, body);
        if (answer.status == 503) {
            Check.that(hasGap(body), "come again, to a push without a gap: ", answer.text);
        } else {
            Check.that(
                    body.length > MOST_BYTES ? answer.status == 413 : answer.status == 200 || answer.status == 400,
                    "status of a push: ",
                    answer);
        }
    }

    private void pull(byte[] body) {
        Answer answer = send(endpoint::pull, body);
        Check.that(
                body.length > MOST_BYTES ? answer.status == 413 : answer.status == 200 || answer.status == 400,
                "status of a pull: ",
                answer);
    }

    /** Arguments are kept byte for byte or fail their mutation; either way the mutation is processed. */
    private void args(byte[] args) {
        Json value;
        try {
            value = Json.parse(new String(args, StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
            return;
        }
        Answer pushed = push("g1", "c1", 1, "set", value.toString());
        if (pushed.status == 413) {
            return;
        }
        Check.that(pushed.status == 200, "status of a push of good JSON: ", pushed);
        Answer pulled = pull("g1", "null");
        Check.that(read(pulled).path("lastMutationIDChanges").path("c1").asInt() == 1, "not processed: ", pulled);
        boolean kept = pulled.text.contains("\"key\":\"item/1\",\"value\":" + value + "}");
        boolean small = value.length() <= MOST_ARGS && value.depth() <= MOST_DEPTH;
        Check.that(kept == small, small ? "not kept as it was sent: " : "kept, though too much: ", pulled);
    }

    /** Any cookie is answered with one that the client takes. */
    private void cookie(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        try {
            Json.parse(text);
        } catch (IllegalArgumentException e) {
            return;
        }
        push("g1", "c1", 1, "set", "1");
        Answer pulled = pull("g1", text);
        if (pulled.status == 413) {
            return;
        }
        Check.that(pulled.status == 200, "status of a pull with a cookie: ", pulled);
        JsonNode cookie = read(pulled).path("cookie");
        Check.that(
                cookie.path("order").isNumber() || cookie.path("order").isTextual(),
                "a cookie without order: ",
                pulled);
    }

    /** Any text as key, group or client. */
    private void id(byte[] bytes) {
        String json = Json.of(new String(bytes, StandardCharsets.UTF_8)).toString();
        Answer key = push("g1", "c1", 1, "named", json);
        Check.that(key.status == 200 || key.status == 413, "status of a push of a key: ", key);
        Answer group = send(endpoint::push, body(json, "\"c9\"", 1, "set", "1"));
        Answer client = send(endpoint::push, body("\"g9\"", json, 1, "set", "1"));
        for (Answer answer : new Answer[] {group, client}) {
            Check.that(
                    answer.status == 200 || answer.status == 400 || answer.status == 403 || answer.status == 413,
                    "status of a push with an id: ",
                    answer);
        }
    }

    /** Others notice nothing: somebody else pushes and pulls. */
    private void isStillWell() {
        Answer pushed = push("other", "tab", 1, "named", "\"item/2\"");
        Check.that(pushed.status == 200, "others cannot push any more: ", pushed);
        Answer pulled = pull("other", "null");
        Check.that(pulled.text.contains("\"item/2\""), "others do not see what they pushed: ", pulled);
    }

    private Answer push(String group, String client, long id, String name, String args) {
        return send(endpoint::push, body('"' + group + '"', '"' + client + '"', id, name, args));
    }

    private static byte[] body(String group, String client, long id, String name, String args) {
        return ("{\"pushVersion\":1,\"clientGroupID\":" + group + ",\"mutations\":[{\"clientID\":" + client + ",\"id\":"
                        + id + ",\"name\":\"" + name + "\",\"args\":" + args + "}]}")
                .getBytes(StandardCharsets.UTF_8);
    }

    private Answer pull(String group, String cookie) {
        return send(
                endpoint::pull,
                ("{\"pullVersion\":1,\"clientGroupID\":\"" + group + "\",\"cookie\":" + cookie + "}")
                        .getBytes(StandardCharsets.UTF_8));
    }

    private static Answer send(Function<SyncEndpoint.Request, SyncResponse> to, byte[] body) {
        SyncResponse response = to.apply(new SyncEndpoint.Request(
                "POST",
                "default",
                name -> name.equals("Authorization") ? "Bearer ann" : null,
                new ByteArrayInputStream(body)));
        Answer answer = new Answer(response.status(), response.text());
        if (answer.status == 200 && !answer.text.isEmpty()) {
            read(answer);
        } else {
            Check.tellsNothing(answer.text);
        }
        return answer;
    }

    private static JsonNode read(Answer answer) {
        try {
            return MAPPER.readTree(Check.HALF.matcher(answer.text).replaceAll("\\\\u00"));
        } catch (JsonProcessingException e) {
            throw new AssertionError("an answer is no JSON: " + answer.text, e);
        }
    }

    /** Whether a later mutation of a client has to wait for one that is not there. */
    private static boolean hasGap(byte[] body) {
        try {
            Map<String, Long> highest = new HashMap<>();
            Map<String, Integer> count = new HashMap<>();
            PushRequest.parse(body).mutations().stream()
                    .map(mutation -> Map.entry(mutation.clientID(), mutation.id()))
                    .distinct()
                    .forEach(named -> {
                        highest.merge(named.getKey(), named.getValue(), Math::max);
                        count.merge(named.getKey(), 1, Integer::sum);
                    });
            return highest.entrySet().stream().anyMatch(named -> named.getValue() > count.get(named.getKey()));
        } catch (RequestException e) {
            return false;
        }
    }

    @Override
    public void close() {
        server.close();
    }

    private record Answer(int status, String text) {}
}
