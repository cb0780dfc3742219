package dev.replisync.proofs;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.replisync.proofs.history.Event;
import dev.replisync.proofs.history.Event.Effect;
import dev.replisync.proofs.history.Event.Opened;
import dev.replisync.proofs.history.Event.Pulled;
import dev.replisync.proofs.history.Event.Pushed;
import dev.replisync.proofs.history.Event.Sent;
import dev.replisync.proofs.history.History;
import dev.replisync.proofs.history.TabView;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One tab of a browser: a client of its group that sends what the real one sends, and notes what came of it. Used by one
 * thread; other tabs of the group send its mutations too.
 */
final class Tab {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    /** Enough that a disk is full soon. */
    private static final int FLAG_BYTES = 4_000;

    private final History history;
    private final Way way;
    private final String group;
    private final String space;
    private final String id;
    private final List<Tab> siblings;
    private final TabView view;
    private final AtomicInteger numbers;
    private final Queue<Sent> pending = new ConcurrentLinkedQueue<>();
    private long next = 1;

    private Tab(Tab first, History history, Way way, String group, String space, AtomicInteger numbers) {
        this.history = history;
        this.way = way;
        this.group = group;
        this.space = space;
        this.numbers = numbers;
        this.id = "c" + numbers.incrementAndGet();
        this.siblings = first == null ? new CopyOnWriteArrayList<>() : first.siblings;
        this.view = first == null ? new TabView() : first.view.copy();
        siblings.add(this);
        history.add(new Opened(id, group, space, first == null ? null : first.id));
    }

    /** The first tab of a new group. */
    Tab(History history, Way way, String space, AtomicInteger numbers) {
        this(null, history, way, "g" + numbers.incrementAndGet(), space, numbers);
    }

    /** Another tab of the group, that begins with this one's view. */
    Tab another() {
        return new Tab(this, history, way, group, space, numbers);
    }

    String space() {
        return space;
    }

    int waiting() {
        return pending.size();
    }

    /** Makes a mutation, to be sent with the next push. */
    void mutate(Effect effect, String target) {
        pending.add(new Sent(id, next++, effect, target));
    }

    /** Pushes what no pull has confirmed, of this tab or of all tabs of the group; returns the status. */
    int push(boolean ofAll) {
        List<Sent> mutations = new ArrayList<>();
        for (Tab tab : ofAll ? siblings : List.of(this)) {
            mutations.addAll(tab.pending);
        }
        mutations.sort(Comparator.comparingLong(Sent::id));
        ObjectNode body = body("pushVersion");
        for (Sent mutation : mutations) {
            body.withArray("mutations")
                    .addObject()
                    .put("clientID", mutation.clientID())
                    .put("id", mutation.id())
                    .put("name", mutation.effect().name().toLowerCase(Locale.ROOT))
                    .put("timestamp", 1.5)
                    .putObject("args")
                    .put("target", mutation.target())
                    .put("bytes", mutation.effect() == Effect.TOGGLE ? FLAG_BYTES : 0);
        }
        body.withArray("mutations");
        int began = history.now();
        Way.Answer answer = way.post("/push", space, body.toString());
        history.add(new Pushed(id, began, mutations, answer.status(), answer.body()));
        return answer.status();
    }

    /** Pulls; returns the status. */
    int pull() {
        ObjectNode body = body("pullVersion");
        body.set("cookie", view.cookie());
        int began = history.now();
        Way.Answer answer = way.post("/pull", space, body.toString());
        JsonNode json = answer.status() == 200 ? read(answer.body()) : MAPPER.valueToTree(answer.body());
        history.add(new Pulled(
                id, began, answer.status(), answer.status() == Event.NO_ANSWER ? MissingNode.getInstance() : json));
        if (answer.status() == 200) {
            view.apply(json);
            pending.removeIf(mutation -> mutation.id() <= view.lastMutationID(id));
        }
        return answer.status();
    }

    private ObjectNode body(String version) {
        return MAPPER.valueToTree(Map.of(version, 1, "clientGroupID", group, "profileID", "p", "schemaVersion", ""));
    }

    private static JsonNode read(String body) {
        try {
            return MAPPER.readTree(body);
        } catch (JsonProcessingException e) {
            return MAPPER.valueToTree(body);
        }
    }
}
