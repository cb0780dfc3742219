package dev.replisync.tck;

import dev.replisync.storage.OpenPush.Group;
import dev.replisync.tck.MemoryState.Row;
import dev.replisync.tck.MemoryState.RowKey;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Function;

/**
 * Brings what one strategy noted in order for another. Nothing of it is of use to pulls: every space begins again at one
 * version above all that there ever were, with its floor there too, so that no cookie from before goes on, of this
 * strategy or of an earlier time of the same (rules R11, R51). The last mutation ids stay.
 */
final class MemoryStrategyChange {
    /** The strategy that keeps everything in one space, and the name of that. */
    private static final String GLOBAL = "global";

    private final MemoryState state;
    private final String to;
    private final Function<Group, String> spaceOfGroup;
    /** Two versions above all others: the lower one for what was not confirmed since the last restore. */
    private final long unconfirmed;

    private final long version;

    MemoryStrategyChange(MemoryState state, String to, Function<Group, String> spaceOfGroup) {
        this.state = state;
        this.to = to;
        this.spaceOfGroup = spaceOfGroup;
        this.unconfirmed = state.spaces.values().stream()
                        .mapToLong(MemoryState.Space::version)
                        .max()
                        .orElse(0)
                + 1;
        this.version = unconfirmed + 1;
    }

    void run() {
        // By the spaces and epochs from before.
        state.clients.replaceAll((id, client) -> new MemoryState.Client(
                client.groupID(), client.lastMutationID(), isConfirmed(client) ? version : unconfirmed));
        state.groups.replaceAll((id, group) -> new Group(id, group.userID(), spaceOf(group)));
        moveRows();
        Set<String> spaces = new TreeSet<>(state.spaces.keySet());
        spaces.add(GLOBAL);
        state.groups.values().forEach(group -> spaces.add(group.spaceID()));
        state.rows.keySet().forEach(row -> spaces.add(row.space()));
        spaces.forEach(id -> state.spaces.put(id, new MemoryState.Space(version, version)));
        forgetEpochs(spaces);
        state.kept.clear();
        // No record of what was sent, wherever it is kept, goes with a cookie from before.
        state.secret = UUID.randomUUID().toString();
        state.strategy = to;
    }

    /** A client from before a restore may know a higher id than the one on record, unless that was confirmed since (R37). */
    private boolean isConfirmed(MemoryState.Client client) {
        Group group = state.groups.get(client.groupID());
        return group != null
                && state.ancestors.values().stream()
                        .allMatch(left -> client.version() > left.getOrDefault(group.spaceID(), 0L));
    }

    private String spaceOf(Group group) {
        String space = spaceOfGroup.apply(group);
        if (space.isEmpty() || to.equals(GLOBAL) != space.equals(GLOBAL)) {
            throw new IllegalArgumentException("spaceOfGroup gave '" + space + "' for client group '" + group.id()
                    + "' of user '" + group.userID() + "', where strategy '" + to + "' keeps nothing");
        }
        return space;
    }

    private void moveRows() {
        Map<RowKey, Row> rows = new HashMap<>(state.rows);
        state.rows.clear();
        rows.forEach((key, row) -> {
            RowKey there = new RowKey(to.equals(GLOBAL) ? GLOBAL : row.named(), key.key());
            if (row.value() != null && state.rows.put(there, row.anew()) != null) {
                throw new IllegalArgumentException(
                        "two entities have the key '" + key.key() + "', one of them in space '" + row.named()
                                + "', but strategy '" + to + "' keeps all in one space");
            }
        });
    }

    /** What cookies of former epochs say of versions is not true any more; that they are of former ones stays known. */
    private void forgetEpochs(Set<String> spaces) {
        if (!state.ancestors.isEmpty()) {
            Map<String, Long> left = new HashMap<>();
            spaces.forEach(id -> left.put(id, unconfirmed));
            state.ancestors.clear();
            state.ancestors.put("former-" + UUID.randomUUID(), left);
        }
    }
}
