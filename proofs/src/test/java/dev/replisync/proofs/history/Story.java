package dev.replisync.proofs.history;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.replisync.proofs.history.Event.Effect;
import dev.replisync.proofs.history.Event.Opened;
import dev.replisync.proofs.history.Event.Pulled;
import dev.replisync.proofs.history.Event.Pushed;
import dev.replisync.proofs.history.Event.Sent;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A history as it is written by hand: each request begins when the one before it has ended. */
final class Story {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private final History history = new History();
    private final Map<String, Long> ids = new HashMap<>();
    private final Map<String, Long> cookies = new HashMap<>();

    Story open(String tab, String group) {
        history.add(new Opened(tab, group, "space", null));
        return this;
    }

    /** A tab that begins with another's view. */
    Story openFrom(String tab, String from, String group) {
        history.add(new Opened(tab, group, "space", from));
        cookies.put(tab, cookies.getOrDefault(from, 0L));
        return this;
    }

    /** The next mutation of a tab, which is pushed and answered with 200. */
    Story push(String tab, Effect effect, String target) {
        return push(tab, effect, target, 200, "");
    }

    Story push(String tab, Effect effect, String target, int status, String body) {
        long id = ids.merge(tab, 1L, Long::sum);
        history.add(new Pushed(tab, history.now(), List.of(new Sent(tab, id, effect, target)), status, body));
        return this;
    }

    /** A pull with a greater cookie; a list is given as {@code list/x=a:1 b:1}, a counter as {@code counter/x=2}. */
    Story pull(String tab, Map<String, Integer> lastMutationIDs, String... puts) {
        long cookie = cookies.getOrDefault(tab, 0L) + 1;
        return pull(tab, cookie, history.now(), lastMutationIDs, puts);
    }

    /** A pull with a given cookie that began after so many events. */
    Story pull(String tab, long cookie, int began, Map<String, Integer> lastMutationIDs, String... puts) {
        cookies.put(tab, cookie);
        ObjectNode body = MAPPER.createObjectNode();
        body.putObject("cookie").put("order", cookie);
        body.set("lastMutationIDChanges", MAPPER.valueToTree(lastMutationIDs));
        for (String put : puts) {
            String key = put.substring(0, put.indexOf('='));
            String value = put.substring(put.indexOf('=') + 1);
            ObjectNode entity = MAPPER.createObjectNode();
            if (key.startsWith("counter/")) {
                entity.put("n", Long.parseLong(value));
            } else {
                entity.put("items", value);
            }
            body.withArray("patch").addObject().put("op", "put").put("key", key).set("value", entity);
        }
        body.withArray("patch");
        return answer(tab, began, 200, body);
    }

    Story answer(String tab, int began, int status, JsonNode body) {
        history.add(new Pulled(tab, began, status, body));
        return this;
    }

    Story failedPull(String tab, int status) {
        return answer(tab, history.now(), status, MissingNode.getInstance());
    }

    int now() {
        return history.now();
    }

    Story quiet() {
        history.quiet();
        return this;
    }

    Verdict verdict() {
        return Checker.check(history);
    }
}
