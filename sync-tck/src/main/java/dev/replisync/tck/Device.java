package dev.replisync.tck;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * A browser profile of one user in one space: what its tabs share on disk, as the real client keeps it (protocol.md
 * section 3). Tabs with the same mutators form a client group; other mutators begin another one, forked from it, and what
 * the old one has not pushed is recovered by whoever runs.
 */
final class Device {
    private final String user;
    private final String space;
    private final String profileID;
    private final Wire wire;
    private final UnaryOperator<String> names;
    private final List<Group> groups = new ArrayList<>();

    /** A client group on the device. */
    static final class Group {
        final String id;
        final List<ModelClient> tabs = new ArrayList<>();
        /** By client and id, in the order in which they were made. */
        private final Map<String, ObjectNode> mutations = new LinkedHashMap<>();

        private ClientView stored;
        private boolean disabled;

        Group(String id, ClientView stored) {
            this.id = id;
            this.stored = stored;
        }

        ClientView stored() {
            return stored;
        }

        boolean isDisabled() {
            return disabled;
        }

        /** What is on disk and not known to be processed. */
        List<ObjectNode> pending() {
            return mutations.values().stream()
                    .filter(m -> m.path("id").longValue()
                            > stored.lastMutationID(m.path("clientID").textValue()))
                    .toList();
        }
    }

    /**
     * A device that was never used.
     *
     * @param names gives a name to each new thing, by the letter that stands for its kind
     */
    Device(Wire wire, String user, String space, UnaryOperator<String> names) {
        this.wire = wire;
        this.user = user;
        this.space = space;
        this.names = names;
        this.profileID = names.apply("p");
        groups.add(new Group(names.apply("g"), new ClientView()));
    }

    String user() {
        return user;
    }

    String space() {
        return space;
    }

    /** The group that new tabs join. */
    Group group() {
        return groups.get(groups.size() - 1);
    }

    List<Group> groups() {
        return groups;
    }

    /** Loads the page: a new client, which finds what is on disk; a disabled group is forked. */
    ModelClient open() {
        if (group().disabled) {
            upgrade();
        }
        Group group = group();
        ModelClient tab = client(group, names.apply("c"));
        tab.refresh(group.stored.copy(), group.pending());
        group.tabs.add(tab);
        return tab;
    }

    private ModelClient client(Group group, String id) {
        return new ModelClient(wire, user, space, group.id, profileID, new ClientView(), id);
    }

    /** Other mutators: a new group with the entities and the cookie of the old one, and without its ids. */
    void upgrade() {
        groups.add(new Group(names.apply("g"), group().stored.fork()));
    }

    /** A mutation is on disk as soon as it is made. */
    void made(Group group, ObjectNode mutation) {
        group.mutations.put(mutation.path("clientID").asText() + ":" + mutation.path("id"), mutation);
    }

    /** Writes to disk what a tab has pulled, unless another one wrote something as new. Returns whether it did. */
    boolean persist(Group group, ModelClient tab) {
        if (ClientView.compare(tab.view().cookie(), group.stored.cookie()) <= 0) {
            return false;
        }
        group.stored = tab.view().copy();
        return true;
    }

    /** Whether there is something newer on disk than a tab has. */
    boolean hasNewer(Group group, ModelClient tab) {
        return ClientView.compare(group.stored.cookie(), tab.view().cookie()) > 0;
    }

    /** Leaves each group one tab, and that with the newest of what the group has. */
    void closeOthers() {
        for (Group group : groups) {
            group.tabs.forEach(tab -> persist(group, tab));
            while (group.tabs.size() > 1) {
                group.tabs.remove(0);
            }
            group.tabs.forEach(tab -> tab.refresh(group.stored.copy(), group.pending()));
        }
    }

    /** The server does not know the group any more: what it has not sent is lost. */
    void disable(Group group) {
        group.disabled = true;
        group.tabs.clear();
        group.mutations.clear();
    }

    /** One that sends what an old group left behind, and asks what became of it. */
    ModelClient recovering(Group group) {
        return client(group, "nobody");
    }

    /** Of the answer to a recovery only the ids count. */
    void recovered(Group group, JsonNode ids) {
        group.mutations
                .values()
                .removeIf(mutation -> mutation.path("id").longValue()
                        <= ids.path(mutation.path("clientID").asText()).asLong(0));
    }
}
