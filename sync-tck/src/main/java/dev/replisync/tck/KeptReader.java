package dev.replisync.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replisync.storage.KeptViews;
import dev.replisync.storage.KeptViews.Position;
import dev.replisync.storage.KeptViews.Pull;
import dev.replisync.storage.KeptViews.Request;
import dev.replisync.storage.KeptViews.State;
import dev.replisync.storage.PatchSink;
import dev.replisync.storage.Storage;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A tab that pulls by records which the storage keeps, on a node of its own: holds a position and the view that goes with
 * it, and checks what every pull must keep. Used by one thread at a time.
 */
final class KeptReader<T> {
    private final Port<T> node;
    private final String user;
    private final String group;
    private final String space;
    private final String profile;
    private final KeptViews views;
    private Map<String, String> view = new TreeMap<>();
    private Map<String, Long> ids = new TreeMap<>();
    private Optional<Position> held = Optional.empty();
    private @Nullable State last;

    KeptReader(Port<T> node, String user, String group, String space, String profile) {
        this.node = node;
        this.user = user;
        this.group = group;
        this.space = space;
        this.profile = profile;
        this.views = node.kept();
    }

    /** Another tab of the group, on the same node, which begins with what this one holds. */
    KeptReader<T> tab() {
        return as(user, group, space, profile);
    }

    /** Somebody who comes with this one's position and view, whether they may or not. */
    KeptReader<T> as(String otherUser, String otherGroup, String otherSpace, String otherProfile) {
        KeptReader<T> other = new KeptReader<>(node, otherUser, otherGroup, otherSpace, otherProfile);
        other.view = new TreeMap<>(view);
        other.held = held;
        other.ids = otherGroup.equals(group) ? new TreeMap<>(ids) : new TreeMap<>();
        return other;
    }

    KeptReader<T> holding(String viewID, long number) {
        held = Optional.of(new Position(viewID, number));
        return this;
    }

    /** This tab was told these last mutation ids with what it holds. */
    KeptReader<T> knows(Map<String, Long> told) {
        ids = new TreeMap<>(told);
        return this;
    }

    /** Pulls; what changed, as lines in the order of their text, with {@code clear} if the view begins anew. */
    List<String> pull() {
        for (int i = 0; ; i++) {
            try (Pull pull = views.open(new Request(user, space, group, profile, held))) {
                return taken(pull);
            } catch (RuntimeException e) {
                // Another pull of the group was faster.
                if (node.storage().classify(e, Storage.Where.SDK) != Storage.Failure.TRANSIENT || i > 1_000) {
                    throw e;
                }
            }
        }
    }

    private List<String> taken(Pull pull) {
        State state = pull.state();
        last = state;
        assertThat(state.group().id()).as("the asking group").isEqualTo(group);
        if (!state.group().userID().equals(user) || !state.group().spaceID().equals(space)) {
            return List.of("not yours");
        }
        List<String> lines = new ArrayList<>();
        if (!state.continued()) {
            lines.add("clear");
            view.clear();
        }
        pull.changes(new Applied(lines));
        boolean nothing = lines.isEmpty() && state.told().orElse(Map.of()).equals(state.clients());
        assertThat(Optional.of(state.position()).equals(held))
                .as("%s is the position of one that held %s and was told %s", state.position(), held, lines)
                .isEqualTo(nothing);
        assertThat(state.position().number()).as("number of a position").isPositive();
        state.told()
                .ifPresent(told -> assertThat(told)
                        .as("last mutation ids that went with %s", held)
                        .isEqualTo(ids));
        held = Optional.of(state.position());
        ids = new TreeMap<>(state.clients());
        lines.sort(null);
        return lines;
    }

    private final class Applied implements PatchSink {
        private final List<String> lines;
        private final Set<String> keys = new HashSet<>();

        Applied(List<String> lines) {
            this.lines = lines;
        }

        @Override
        public void put(String key, byte[] json) {
            String value = new String(json, StandardCharsets.UTF_8);
            assertThat(keys.add(key)).as("one operation for %s", key).isTrue();
            view.put(key, value);
            lines.add("put " + key + " " + value);
        }

        @Override
        public void del(String key) {
            assertThat(keys.add(key)).as("one operation for %s", key).isTrue();
            assertThat(view.remove(key)).as("what is deleted at %s", key).isNotNull();
            lines.add("del " + key);
        }
    }

    State last() {
        if (last == null) {
            throw new IllegalStateException("nothing was pulled yet");
        }
        return last;
    }

    Position position() {
        return held.orElseThrow();
    }

    Map<String, String> view() {
        return view;
    }
}
