package dev.replisync.tck.fuzz;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.replisync.error.RequestException;
import dev.replisync.protocol.Json;
import dev.replisync.protocol.Mutation;
import dev.replisync.protocol.PullRequest;
import dev.replisync.protocol.PushRequest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** What must hold for any bytes that are read as a push, a pull or a JSON value. */
public final class Codec {
    private static final JsonFactory JACKSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(Integer.MAX_VALUE)
                    .maxNumberLength(Integer.MAX_VALUE)
                    .maxNameLength(Integer.MAX_VALUE)
                    .maxStringLength(Integer.MAX_VALUE)
                    .build())
            .build();
    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private Codec() {}

    /** The fuzzer calls it; whatever it throws is found. */
    public static void fuzzerTestOneInput(byte[] input) {
        push(input);
        pull(input);
        agreesWithJackson(input);
    }

    private static void push(byte[] input) {
        PushRequest push;
        try {
            push = PushRequest.parse(input.clone());
        } catch (RequestException e) {
            refused(e);
            return;
        }
        for (Mutation mutation : push.mutations()) {
            Check.that(mutation.id() >= 1 && mutation.id() < 1L << 53, "an id out of bounds: ", mutation);
            String args = mutation.args().toString();
            Check.that(args.equals("null") || utf8(input).contains(args), "arguments that nobody sent: ", args);
            Check.that(accepts(args), "arguments that are no JSON: ", args);
            Check.that(mutation.args().depth() <= args.length(), "deeper than it is long: ", args);
        }
        boolean writable = push.mutations().stream().allMatch(mutation -> Double.isFinite(mutation.timestamp()));
        if (push.version() == PushRequest.VERSION && writable) {
            PushRequest again = PushRequest.parse(written(push));
            Check.that(again.equals(push), "written and read again it is another: ", again);
        }
    }

    private static void pull(byte[] input) {
        PullRequest pull;
        try {
            pull = PullRequest.parse(input.clone());
        } catch (RequestException e) {
            refused(e);
            return;
        }
        Check.that(accepts(pull.cookie().toString()), "a cookie that is no JSON: ", pull.cookie());
    }

    /** A value is well-formed for us if and only if it is for Jackson, without its limits. */
    private static void agreesWithJackson(byte[] input) {
        String text = utf8(input);
        if (text.startsWith("\uFEFF")) {
            return;
        }
        boolean ours;
        try {
            Check.that(
                    Json.parse(text).toString().equals(text.strip())
                            || !text.strip().equals(text.trim()),
                    "cut: ",
                    text);
            ours = true;
        } catch (IllegalArgumentException e) {
            ours = false;
        }
        // Jackson refuses half a character, escaped, in the name of a member, and takes it in a value. To JSON both are
        // well.
        Check.that(
                ours == accepts(text) || (ours && Check.HALF.matcher(text).find()),
                "Jackson does not agree, ours is " + ours + ": ",
                text);
    }

    private static boolean accepts(String text) {
        try (JsonParser p = JACKSON.createParser(text)) {
            if (p.nextToken() == null) {
                return false;
            }
            p.skipChildren();
            p.finishToken();
            return p.nextToken() == null;
        } catch (IOException e) {
            return false;
        }
    }

    private static void refused(RequestException e) {
        Check.that(e.status() == 400, "a status of a malformed body: ", e.status());
        Check.tellsNothing(String.valueOf(e.getMessage()));
    }

    private static byte[] written(PushRequest push) {
        StringBuilder mutations = new StringBuilder();
        for (Mutation mutation : push.mutations()) {
            ObjectNode head = MAPPER.createObjectNode();
            head.put("clientID", mutation.clientID()).put("id", mutation.id()).put("name", mutation.name());
            String members = head.put("timestamp", mutation.timestamp()).toString();
            mutations
                    .append(mutations.isEmpty() ? "" : ",")
                    .append("{\"args\":")
                    .append(mutation.args())
                    .append(',')
                    .append(members.substring(1));
        }
        ObjectNode head = MAPPER.createObjectNode();
        head.put("pushVersion", push.version()).put("clientGroupID", push.clientGroupID());
        head.put("profileID", push.profileID()).put("schemaVersion", push.schemaVersion());
        String members = head.toString();
        return Check.escaped(members.substring(0, members.length() - 1) + ",\"mutations\":[" + mutations + "]}")
                .getBytes(StandardCharsets.UTF_8);
    }

    /** The input as text; empty if it is none. */
    private static String utf8(byte[] input) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(input))
                    .toString();
        } catch (CharacterCodingException e) {
            return "";
        }
    }
}
