package dev.replisync.jdbi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replisync.storage.KeptViews;
import dev.replisync.storage.KeptViews.Position;
import dev.replisync.storage.KeptViews.Request;
import dev.replisync.storage.KeptViews.State;
import dev.replisync.storage.PatchSink;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** A tab as kept views know it: holds a position, and applies what pulls tell. Used by one thread. */
final class Holder {
    private final KeptViews views;
    private final String user;
    private final String group;
    private final String profile;
    private Map<String, String> view = new TreeMap<>();
    private Map<String, Long> ids = new TreeMap<>();
    private Optional<Position> held = Optional.empty();
    private State last = null;

    Holder(KeptViews views, String user, String group, String profile) {
        this.views = views;
        this.user = user;
        this.group = group;
        this.profile = profile;
    }

    Holder(KeptViews views, String user, String group) {
        this(views, user, group, "profile");
    }

    /** The same content in another group, of another user, on another node: whatever may come with a cookie. */
    Holder as(KeptViews otherViews, String otherUser, String otherGroup, String otherProfile) {
        Holder other = new Holder(otherViews, otherUser, otherGroup, otherProfile);
        other.view = new TreeMap<>(view);
        other.held = held;
        if (otherGroup.equals(group)) {
            other.ids = new TreeMap<>(ids);
        }
        return other;
    }

    Holder tab() {
        return as(views, user, group, profile);
    }

    Holder holding(Optional<Position> position) {
        held = position;
        return this;
    }

    /** Pulls and applies; the patch as lines in the order of their text. */
    List<String> pull() {
        Optional<Position> before = held;
        try (KeptViews.Pull pull = views.open(new Request(user, JdbiStorage.GLOBAL_SPACE, group, profile, held))) {
            last = pull.state();
            assertThat(last.group().id()).isEqualTo(group);
            if (!last.group().userID().equals(user)) {
                return List.of("not yours");
            }
            List<String> lines = new ArrayList<>();
            if (!last.continued()) {
                lines.add("clear");
                view.clear();
            }
            Set<String> keys = new HashSet<>();
            pull.changes(new PatchSink() {
                @Override
                public void put(String key, byte[] json) {
                    assertThat(keys.add(key)).as("key %s once", key).isTrue();
                    String value = new String(json, StandardCharsets.UTF_8);
                    assertThat(view.put(key, value)).as("put of what is held").isNotEqualTo(value);
                    lines.add("put " + key + " " + value);
                }

                @Override
                public void del(String key) {
                    assertThat(keys.add(key)).as("key %s once", key).isTrue();
                    assertThat(view.remove(key))
                            .as("del of %s, which is held", key)
                            .isNotNull();
                    lines.add("del " + key);
                }
            });
            boolean nothing = lines.isEmpty() && last.told().orElse(Map.of()).equals(last.clients());
            assertThat(Optional.of(last.position()).equals(before))
                    .as("position %s for one that holds %s and is told %s", last.position(), before, lines)
                    .isEqualTo(nothing);
            assertThat(last.position().number()).isPositive();
            if (last.told().isPresent()) {
                assertThat(last.told()).as("what went with %s", before).contains(ids);
            }
            held = Optional.of(last.position());
            ids = new TreeMap<>(last.clients());
            lines.sort(null);
            return lines;
        }
    }

    State last() {
        return last;
    }

    Position position() {
        return held.orElseThrow();
    }

    Optional<Position> held() {
        return held;
    }

    Map<String, String> view() {
        return view;
    }

    Map<String, Long> ids() {
        return ids;
    }
}
