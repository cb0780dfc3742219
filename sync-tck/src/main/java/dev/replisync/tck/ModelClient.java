package dev.replisync.tck;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * A model of the real client: one tab, with its mutations and its view. It sends what the real one sends, and takes or
 * drops answers by the same rules. What tabs share is in {@link Device}. Used by one thread at a time.
 */
final class ModelClient {
    private Wire wire;
    private final String user;
    private final String space;
    private final String groupID;
    private final String profileID;
    private final String clientID;
    private ClientView view;
    private final List<ObjectNode> mutations = new ArrayList<>();
    private long nextID = 1;
    private String schemaVersion = "";

    /** A client in a new group on a new device. */
    ModelClient(Wire wire, String user, String space) {
        this(wire, user, space, newGroupID(), "p-" + UUID.randomUUID(), new ClientView());
    }

    private ModelClient(Wire wire, String user, String space, String groupID, String profileID, ClientView view) {
        this(wire, user, space, groupID, profileID, view, "c-" + UUID.randomUUID());
    }

    /** A tab of a device that gives its tabs their names. */
    ModelClient(
            Wire wire, String user, String space, String groupID, String profileID, ClientView view, String clientID) {
        this.clientID = clientID;
        this.wire = wire;
        this.user = user;
        this.space = space;
        this.groupID = groupID;
        this.profileID = profileID;
        this.view = view;
    }

    static String newGroupID() {
        return "g-" + UUID.randomUUID();
    }

    /** Another tab of the same group, which begins with what this one has. */
    ModelClient tab() {
        return new ModelClient(wire, user, space, groupID, profileID, view.copy());
    }

    /** A new group on the same device, forked from this one: with its cookie and entities, without its ids. */
    ModelClient fork() {
        return new ModelClient(wire, user, space, newGroupID(), profileID, view.fork());
    }

    /** A client that names this one's group but comes with another user or for another space. */
    ModelClient posing(String otherUser, String otherSpace) {
        return new ModelClient(wire, otherUser, otherSpace, groupID, profileID, view.copy());
    }

    /** From now on this client reaches another node, or the same by another way. */
    ModelClient via(Wire other) {
        wire = other;
        return this;
    }

    ModelClient schema(String version) {
        schemaVersion = version;
        return this;
    }

    /** Takes over what another tab has pulled, and the mutations on the device that it does not confirm. */
    void refresh(ClientView newer, Collection<ObjectNode> onDevice) {
        view = newer;
        onDevice.stream().filter(mutation -> !mutations.contains(mutation)).forEach(mutations::add);
    }

    /** What the user sees: the confirmed entities, and on them all mutations that are pending, run again. */
    Map<String, JsonNode> optimistic() {
        Map<String, JsonNode> seen = new HashMap<>(view.entities());
        ModelMutators.Entities local = new OptimisticEntities(space, seen);
        for (ObjectNode mutation : pending()) {
            ModelMutators.run(mutation.path("name").asText(), mutation.path("args"), local);
        }
        return seen;
    }

    String clientID() {
        return clientID;
    }

    String groupID() {
        return groupID;
    }

    String user() {
        return user;
    }

    ClientView view() {
        return view;
    }

    Map<String, JsonNode> entities() {
        return view.entities();
    }

    /** An entity as the client sees it; missing if it sees none. */
    JsonNode value(String key) {
        return entities().getOrDefault(key, MissingNode.getInstance());
    }

    /** Makes a mutation and keeps it until it is confirmed. */
    ModelClient mutate(String name, Object args) {
        mutations.add(mutation(nextID++, name, args));
        return this;
    }

    /** The id of the next mutation. */
    long nextID() {
        return nextID;
    }

    /** The mutation made last. */
    ObjectNode lastMade() {
        return mutations.get(mutations.size() - 1);
    }

    ModelClient set(String key, Object value) {
        return mutate("set", Map.of("key", key, "value", value));
    }

    ModelClient delete(String key) {
        return mutate("delete", Map.of("key", key));
    }

    ModelClient increment(String key) {
        return mutate("increment", Map.of("key", key, "by", 1));
    }

    /** A mutation of this client as it is sent, whether the client has made it or not. */
    ObjectNode mutation(long id, String name, Object args) {
        return Bodies.mutation(clientID, id, name, Bodies.tree(args));
    }

    /** What no pull has confirmed yet; all of that is sent by each push. */
    List<ObjectNode> pending() {
        return mutations.stream()
                .filter(mutation -> mutation.path("id").longValue()
                        > view.lastMutationID(mutation.path("clientID").textValue()))
                .toList();
    }

    /** Pushes what is pending and expects that all of it is processed. */
    ModelClient push() {
        Wire.Answer answer = tryPush();
        assertThat(answer.status())
                .as("status of a push answered with %s", answer.body())
                .isEqualTo(200);
        assertThat(answer.body()).as("body of the push").doesNotContain("error");
        return this;
    }

    Wire.Answer tryPush() {
        return send(pending());
    }

    /** Pushes given mutations, whosever they are. */
    Wire.Answer send(List<ObjectNode> any) {
        return sendPush(pushBody(any));
    }

    String pushBody(List<ObjectNode> any) {
        return Bodies.push(groupID, profileID, schemaVersion, any);
    }

    String pullBody(JsonNode cookie) {
        return Bodies.pull(groupID, profileID, schemaVersion, cookie);
    }

    Wire.Answer sendPush(String body) {
        return wire.push(call(body));
    }

    /** Pulls, and expects that the client takes the answer. */
    PullAnswer pull() {
        return tryPull().taken();
    }

    PullAnswer tryPull() {
        return PullAnswer.of(sendPull(view.cookie()), view);
    }

    /** Asks with any cookie; the view is not concerned. */
    Wire.Answer sendPull(JsonNode cookie) {
        return wire.pull(call(pullBody(cookie)));
    }

    /** Pushes and pulls once. */
    ModelClient sync() {
        push();
        pull();
        return this;
    }

    /** Checks that this client, once it has pulled, sees what a fresh one sees that holds nothing (promise 2). */
    void converges() {
        pull();
        ModelClient fresh = new ModelClient(wire, user, space);
        PullAnswer all = fresh.pull();
        assertThat(all.patch()).as("a first pull").noneMatch(line -> line.startsWith("del "));
        assertThat(entities()).as("the view of a client that pulled along").isEqualTo(fresh.entities());
    }

    /** Forgets the view, as a new schema version does; the group stays. */
    ModelClient emptied() {
        ModelClient emptied = new ModelClient(wire, user, space, groupID, profileID, new ClientView());
        emptied.view.cookie(NullNode.getInstance());
        return emptied;
    }

    /** Mutations of several tabs in the order in which a busy client would interleave them. */
    static List<ObjectNode> interleaved(ModelClient... tabs) {
        List<ObjectNode> all = new ArrayList<>();
        for (ModelClient tab : tabs) {
            all.addAll(tab.pending());
        }
        all.sort(Comparator.comparingLong(mutation -> mutation.path("id").longValue()));
        return all;
    }

    Wire.Call call(String body) {
        byte[] utf8 = body.getBytes(StandardCharsets.UTF_8);
        return new Wire.Call("POST", user, space, () -> new Body(utf8));
    }

    /** Gives all it has at once, where the JDK's own would fill one large buffer for each small request. */
    private static final class Body extends ByteArrayInputStream {
        Body(byte[] utf8) {
            super(utf8);
        }

        @Override
        public byte[] readNBytes(int length) throws IOException {
            return length < available() ? super.readNBytes(length) : readAllBytes();
        }
    }
}
