package dev.replisync.tck;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * What a pull brought and what the client made of it.
 *
 * @param answer as it came
 * @param body its JSON; missing if it is none
 * @param dropped why the client dropped it; null if it took it
 */
record PullAnswer(
        Wire.Answer answer, JsonNode body, @Nullable String dropped) {

    static PullAnswer of(Wire.Answer answer, ClientView view) {
        if (answer.status() != 200) {
            return new PullAnswer(
                    answer, MissingNode.getInstance(), "status " + answer.status() + ": " + answer.body());
        }
        return of(answer, Bodies.read(answer.body()), view);
    }

    /** An answer with status 200, read already. */
    static PullAnswer of(Wire.Answer answer, JsonNode body, ClientView view) {
        return new PullAnswer(answer, body, view.apply(body));
    }

    /** Fails the test if the client dropped the answer. */
    PullAnswer taken() {
        assertThat(dropped).as("why the client drops the answer %s", shown()).isNull();
        return this;
    }

    int status() {
        return answer.status();
    }

    JsonNode cookie() {
        return body.path("cookie");
    }

    /** The last mutation ids, as the answer has them. */
    Map<String, Long> ids() {
        Map<String, Long> ids = new TreeMap<>();
        body.path("lastMutationIDChanges")
                .properties()
                .forEach(id -> ids.put(id.getKey(), id.getValue().longValue()));
        return ids;
    }

    /** The patch as lines: {@code clear}, {@code put key value}, {@code del key}. */
    List<String> patch() {
        return StreamSupport.stream(body.path("patch").spliterator(), false)
                .map(PullAnswer::line)
                .toList();
    }

    /** The keys of the patch, in its order; {@code clear} has none. */
    List<String> keys() {
        return StreamSupport.stream(body.path("patch").spliterator(), false)
                .filter(operation -> operation.has("key"))
                .map(operation -> operation.path("key").asText())
                .toList();
    }

    private static String line(JsonNode operation) {
        String op = operation.path("op").asText();
        return switch (op) {
            case "put" -> op + " " + operation.path("key").asText() + " " + operation.path("value");
            case "del" -> op + " " + operation.path("key").asText();
            default -> op;
        };
    }

    private String shown() {
        String text = answer.body();
        return text.length() <= 500 ? text : text.substring(0, 500) + "…";
    }
}
