package dev.replisync.tck;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** Bodies as the real client writes them. */
final class Bodies {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private Bodies() {}

    static JsonNode read(String json) {
        try {
            return MAPPER.readTree(json);
        } catch (JsonProcessingException e) {
            throw new AssertionError("the body is no JSON: " + json, e);
        }
    }

    static JsonNode tree(Object value) {
        return value instanceof JsonNode node ? node : MAPPER.valueToTree(value);
    }

    static ObjectNode mutation(String clientID, long id, String name, JsonNode args) {
        ObjectNode mutation = MAPPER.createObjectNode();
        mutation.put("clientID", clientID).put("id", id).put("name", name);
        mutation.set("args", args);
        // A fraction, as performance.now() gives it (rule R31).
        return mutation.put("timestamp", 4413.254198 + id);
    }

    static String push(String clientGroupID, String profileID, String schemaVersion, List<ObjectNode> mutations) {
        ObjectNode push = MAPPER.createObjectNode();
        push.put("profileID", profileID).put("clientGroupID", clientGroupID);
        push.putArray("mutations").addAll(mutations);
        return text(push.put("pushVersion", 1).put("schemaVersion", schemaVersion));
    }

    static String pull(String clientGroupID, String profileID, String schemaVersion, JsonNode cookie) {
        ObjectNode pull = MAPPER.createObjectNode();
        pull.put("profileID", profileID).put("clientGroupID", clientGroupID);
        pull.set("cookie", cookie);
        return text(pull.put("pullVersion", 1).put("schemaVersion", schemaVersion));
    }

    /** JavaScript writes half a character as an escape, which Jackson does not. */
    private static String text(JsonNode body) {
        String json = body.toString();
        if (json.chars().noneMatch(c -> Character.isSurrogate((char) c))) {
            return json;
        }
        StringBuilder escaped = new StringBuilder(json.length());
        for (int i = 0; i < json.length(); i++) {
            char c = json.charAt(i);
            boolean pair = Character.isHighSurrogate(c)
                    && i + 1 < json.length()
                    && Character.isLowSurrogate(json.charAt(i + 1));
            if (pair) {
                escaped.append(c).append(json.charAt(++i));
            } else if (Character.isSurrogate(c)) {
                escaped.append("\\u").append(Integer.toHexString(c));
            } else {
                escaped.append(c);
            }
        }
        return escaped.toString();
    }
}
