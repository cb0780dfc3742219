package dev.replisync.benchmarks.lab;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.UUID;

/** A client group of one client: counts its mutations, holds its view. For one thread at a time. */
public final class Client {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private final Transport transport;
    private final String user;
    private final String space;
    private final String groupID = UUID.randomUUID().toString();
    private final String clientID = UUID.randomUUID().toString();
    private final Map<String, JsonNode> view = new HashMap<>();
    private String cookie = "null";
    private long acknowledged;
    private long confirmed;

    /** A new client, which knows nothing. */
    public Client(Transport transport, String user, String space) {
        this.transport = transport;
        this.user = user;
        this.space = space;
    }

    /** Pushes one mutation. */
    public void push(String name, String args) throws IOException, InterruptedException {
        push(Collections.nCopies(1, args), name);
    }

    /** Pushes several mutations of one name in one request, as after some time offline. */
    public void push(List<String> args, String name) throws IOException, InterruptedException {
        StringJoiner mutations = new StringJoiner(",");
        long id = acknowledged;
        for (String one : args) {
            mutations.add("{\"clientID\":\"" + clientID + "\",\"id\":" + ++id + ",\"name\":\"" + name + "\",\"args\":"
                    + one + ",\"timestamp\":0}");
        }
        String body = "{\"pushVersion\":1,\"clientGroupID\":\"" + groupID
                + "\",\"profileID\":\"p\",\"schemaVersion\":\"\",\"mutations\":[" + mutations + "]}";
        JsonNode answer = MAPPER.readTree(transport.push(user, space, utf8(body)));
        if (answer.has("error")) {
            throw new IOException("a push was answered with " + answer);
        }
        acknowledged = id;
    }

    /** {@return the body of the next pull} */
    public byte[] pullBody() {
        return utf8("{\"pullVersion\":1,\"clientGroupID\":\"" + groupID
                + "\",\"profileID\":\"p\",\"schemaVersion\":\"\",\"cookie\":" + cookie + "}");
    }

    /** Pulls and applies the answer. */
    public void pull() throws IOException, InterruptedException {
        apply(transport.pull(user, space, pullBody()));
    }

    /**
     * Applies the answer to a pull as the real client does.
     *
     * @return the number of operations
     * @throws IOException if the real client would drop the answer
     */
    public int apply(byte[] response) throws IOException {
        JsonNode answer = MAPPER.readTree(response);
        if (!answer.path("patch").isArray() || !answer.has("cookie")) {
            throw new IOException("a pull was answered with " + answer);
        }
        for (JsonNode operation : answer.get("patch")) {
            switch (operation.get("op").textValue()) {
                case "clear" -> view.clear();
                case "put" -> view.put(operation.get("key").textValue(), operation.get("value"));
                default -> view.remove(operation.get("key").textValue());
            }
        }
        cookie = answer.get("cookie").toString();
        confirmed = answer.get("lastMutationIDChanges").path(clientID).asLong(confirmed);
        return answer.get("patch").size();
    }

    /** {@return what the client sees} */
    public Map<String, JsonNode> view() {
        return Collections.unmodifiableMap(view);
    }

    /** {@return how many mutations the server has acknowledged} */
    public long acknowledged() {
        return acknowledged;
    }

    /** {@return how many mutations the last pull confirmed} */
    public long confirmed() {
        return confirmed;
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
