package dev.replisync.tck;

import static dev.replisync.tck.Port.SPACE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.replisync.protocol.Json;
import dev.replisync.storage.OpenPush;
import dev.replisync.storage.PushTx;
import dev.replisync.storage.VersionedReads;
import dev.replisync.storage.VersionedReads.ClientVersion;
import dev.replisync.storage.VersionedReads.Snapshot;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The port's reads by version, without any strategy: one snapshot, each key once, nothing for strangers, and the
 * bookkeeping that cookies are made of.
 *
 * @param <T> the storage's handle
 */
public abstract class VersionedReadsContract<T> extends StoreContract<T> {

    /** For subclasses. */
    protected VersionedReadsContract() {}

    @Test
    @Rule({"R1", "R13"})
    final void changesAreWhatWasStampedLaterEachKeyOnce() {
        Port<T> node = new Port<>(store());
        long start = store().look().version(SPACE);
        node.put("item/1", "1");
        node.put("item/2", "1");
        node.write(kit -> {
            kit.put("item/2", Json.of(2));
            kit.put("item/3", Json.of(1));
            kit.put("item/3", Json.of(3));
            kit.delete("item/1");
        });
        assertThat(node.changes("u", start))
                .as("since the start")
                .containsExactly("del item/1", "put item/2 2", "put item/3 3");
        assertThat(node.changes("u", start + 2))
                .as("of the last commit")
                .containsExactly("del item/1", "put item/2 2", "put item/3 3");
        assertThat(node.changes("u", start + 3)).as("since the last commit").isEmpty();
        assertThat(node.state().version()).as("version that a pull reads").isEqualTo(start + 3);
    }

    @Test
    @Rule("R12")
    final void everythingHoldsNoTombstones() {
        Port<T> node = new Port<>(store());
        node.put("item/1", "1");
        node.put("item/2", "1");
        node.write(kit -> kit.delete("item/1"));
        assertThat(node.everything("u")).as("everything that a pull reads").containsExactly("put item/2 1");
    }

    @Test
    @Rule("R57")
    final void deletedAndCreatedAgainIsOnePut() {
        Port<T> node = new Port<>(store());
        node.put("item/1", "1");
        long since = node.state().version();
        node.write(kit -> kit.delete("item/1"));
        node.put("item/1", "2");
        assertThat(node.changes("u", since)).as("changes that a pull reads").containsExactly("put item/1 2");
        node.write(kit -> {
            kit.delete("item/1");
            kit.put("item/1", Json.of(3));
        });
        assertThat(node.changes("u", since)).as("changes that a pull reads").containsExactly("put item/1 3");
    }

    @Test
    @Rule("R59")
    final void whatIsTouchedIsSentAgain() {
        Port<T> node = new Port<>(store());
        node.put("item/1", "1");
        long since = node.state().version();
        try (PushTx<T> tx = node.open(Port.writeTo(SPACE))) {
            tx.touch(SPACE, "item/1", Set.of());
            tx.touch(SPACE, "item/1", Set.of());
            tx.commit(Port.closing(SPACE));
        }
        assertThat(node.changes("u", since)).as("changes that a pull reads").containsExactly("put item/1 1");
    }

    @Test
    @Rule("R6")
    final void aSnapshotDoesNotSeeWhatIsCommittedAfterIt() {
        Port<T> node = new Port<>(store());
        node.push("u", "g", "c", 1, kit -> kit.put("item/1", Json.of(1)));
        long since = node.state().version();
        try (Snapshot partial = node.snapshot("u", "g", since - 1);
                Snapshot full = node.snapshot("u", "g")) {
            VersionedReads.State state = partial.state();
            VersionedReads.State fullState = full.state();
            new Port<>(store()).push("u", "g", "c", 2, kit -> {
                kit.put("item/1", Json.of(2));
                kit.put("item/2", Json.of(2));
            });
            assertThat(Port.lines(partial::changes)).as("changes").containsExactly("put item/1 1");
            assertThat(Port.lines(full::everything)).as("everything").containsExactly("put item/1 1");
            assertThat(partial.state()).as("state, the same each time").isEqualTo(state);
            assertThat(fullState.clients()).isEqualTo(Map.of("c", new ClientVersion(1, since)));
        }
    }

    @Test
    @Rule({"R53", "R49"})
    final void clientsAreThoseOfTheGroupThatChanged() {
        Port<T> node = new Port<>(store());
        node.push("u", "g", "c1", 1, kit -> {});
        long first = node.state().version();
        node.push("u", "g", "c2", 1, kit -> {});
        node.push("v", "h", "c3", 4, kit -> {});
        ClientVersion one = new ClientVersion(1, first);
        ClientVersion two = new ClientVersion(1, first + 1);
        try (Snapshot all = node.snapshot("u", "g");
                Snapshot since = node.snapshot("u", "g", first);
                Snapshot nothing = node.snapshot("u", "g", first + 2);
                Snapshot unknown = node.snapshot("u", "x")) {
            assertThat(all.state().clients()).as("clients that open() read").isEqualTo(Map.of("c1", one, "c2", two));
            assertThat(all.state().group())
                    .as("the client group that open() read")
                    .contains(new OpenPush.Group("g", "u", SPACE));
            assertThat(since.state().clients()).as("changed since").isEqualTo(Map.of("c2", two));
            assertThat(nothing.state().clients()).as("after the last change").isEmpty();
            assertThat(unknown.state().group()).as("an unknown group").isEmpty();
            assertThat(unknown.state().clients()).as("of an unknown group").isEmpty();
        }
    }

    @Test
    @Rule({"R14", "R48"})
    final void readingWritesNothing() {
        Port<T> node = new Port<>(store());
        node.push("u", "g", "c1", 1, kit -> kit.put("item/1", Json.of(1)));
        long version = node.state().version();
        node.changes("u", version);
        node.everything("u");
        assertGroups().containsOnlyKeys("g");
        assertClients().containsOnlyKeys("c1");
        assertVersion(SPACE).isEqualTo(version);
    }

    @Test
    @Rule("R55")
    @Needs(Feature.READ_RULES)
    final void onlyThoseThatMayHaveHeldAnEntityHearThatItIsGone() {
        Port<T> node = new Port<>(store());
        assertThat(node.reads().perUser()).as("the store has read rules").isTrue();
        node.write(kit -> {
            kit.put("item/1", Json.of(1));
            kit.readers("item/1", Set.of("ann", "bob"));
            kit.put("item/2", Json.of(2));
            kit.readers("item/2", Set.of("ann"));
        });
        long shared = node.state().version();
        assertThat(node.everything("ann"))
                .as("everything that a pull reads")
                .containsExactly("put item/1 1", "put item/2 2");
        assertThat(node.everything("bob")).as("everything that a pull reads").containsExactly("put item/1 1");
        assertThat(node.everything("eve")).as("everything that a pull reads").isEmpty();

        node.write(kit -> kit.readers("item/1", Set.of("ann")));
        long unshared = node.state().version();
        assertThat(node.changes("bob", shared)).as("unshared with").containsExactly("del item/1");
        assertThat(node.changes("eve", shared)).as("a stranger").isEmpty();

        node.write(kit -> {
            kit.put("item/1", Json.of(3));
            kit.delete("item/2");
        });
        assertThat(node.changes("ann", shared))
                .as("changes that a pull reads")
                .containsExactly("del item/2", "put item/1 3");
        assertThat(node.changes("bob", shared)).as("lost it, then it changed").containsExactly("del item/1");
        assertThat(node.changes("eve", shared)).as("a stranger").isEmpty();

        node.write(kit -> kit.readers("item/1", Set.of("bob")));
        assertThat(node.changes("bob", unshared))
                .as("entered without being changed")
                .containsExactly("put item/1 3");
        assertThat(node.changes("ann", shared))
                .as("changes that a pull reads")
                .containsExactly("del item/1", "del item/2");
    }

    @Test
    @Rule("R55")
    @Needs(Feature.READ_RULES)
    final void thoseWhoLostAnEntityAddUp() {
        Port<T> node = new Port<>(store());
        node.write(kit -> {
            kit.put("item/1", Json.of(1));
            kit.readers("item/1", Set.of("ann"));
        });
        long since = node.state().version();
        try (PushTx<T> tx = node.open(Port.writeTo(SPACE))) {
            tx.touch(SPACE, "item/1", Set.of("bob"));
            tx.touch(SPACE, "item/1", Set.of("cid"));
            tx.commit(Port.closing(SPACE));
        }
        assertThat(Stream.of("ann", "bob", "cid", "eve").map(user -> node.changes(user, since)))
                .containsExactly(List.of("put item/1 1"), List.of("del item/1"), List.of("del item/1"), List.of());
        try (PushTx<T> tx = node.open(Port.writeTo(SPACE))) {
            assertThat(tx.visible("ann", SPACE, "item/1"))
                    .as("whether its reader sees it")
                    .isTrue();
            assertThat(tx.visible("bob", SPACE, "item/1"))
                    .as("whether a stranger sees it")
                    .isFalse();
            assertThat(tx.visible("ann", SPACE, "item/2")).as("missing").isFalse();
        }
    }

    @Test
    @Rule("R51")
    @Needs(Feature.PURGE)
    final void theFloorRisesWhenTombstonesGoAndStays() {
        Port<T> node = new Port<>(store());
        node.put("item/1", "1");
        node.put("item/2", "1");
        node.write(kit -> kit.delete("item/1"));
        long deleted = node.state().version();
        assertThat(node.state().floor()).as("floor before a purge").isLessThan(deleted);
        store().operator().purgeTombstones();
        assertThat(node.state().floor())
                .as("floor after the purge")
                .isBetween(deleted, node.state().version());
        assertThat(node.everything("u")).as("everything that a pull reads").containsExactly("put item/2 1");
        store().operator().purgeTombstones();
        assertThat(new Port<>(store()).state().floor())
                .as("floor as another node reads it")
                .isGreaterThanOrEqualTo(deleted);
    }

    @Test
    @Rule("R36")
    @Needs(Feature.RESTORE)
    final void anEpochNamesOneHistory() {
        Port<T> node = new Port<>(store());
        node.put("item/1", "1");
        VersionedReads.State before = node.state();
        Runnable restore = store().operator().backup();
        node.put("item/1", "2");
        assertThat(node.state().epoch()).as("epoch after a write").isEqualTo(before.epoch());
        assertThat(new Port<>(store()).state().epoch())
                .as("epoch on another node")
                .isEqualTo(before.epoch());
        assertThat(new Port<>(store()).state().secret())
                .as("secret on another node")
                .isEqualTo(before.secret());
        restore.run();
        store().operator().newEpoch();
        VersionedReads.State after = node.state();
        assertThat(after.epoch()).as("epoch after a restore").isNotEqualTo(before.epoch());
        assertThat(after.version()).as("version that a pull reads").isEqualTo(before.version());
        assertThat(after.ancestors())
                .as("where the epoch before was left")
                .isEqualTo(Map.of(before.epoch(), before.version()));
        assertThat(node.everything("u")).as("everything that a pull reads").containsExactly("put item/1 1");
    }

    @Test
    @Rule({"R43", "R63", "R64"})
    final void valuesComeOutAsTheyWentIn() {
        Port<T> node = new Port<>(store());
        assertThat(node.reads().viewVersion())
                .as("view version")
                .isEqualTo(new Port<>(store()).reads().viewVersion());
        String value = "{\"b\":1e2,\"a\":[1.0,12345678901234567890,5e-324,null,true],\"\":\"\\ud800 \\u0130 ı\"}";
        node.put("item/1", value);
        assertThat(node.everything("u")).as("everything that a pull reads").containsExactly("put item/1 " + value);
        node.write(kit -> assertThat(kit.get("item/1"))
                .as("the value, read in the same transaction")
                .contains(Json.parse(value)));
    }

    @Test
    @Rule({"R60", "R61", "R62"})
    final void keysStayAsTheyAreAndApart() {
        Port<T> node = new Port<>(store());
        List<String> keys = List.of(
                "item/",
                "item/a",
                "item/A",
                "item/i",
                "item/ı",
                "item/İ",
                "item/ ",
                "item/a ",
                "item/é",
                "item/e\u0301",
                "item/\uff5e",
                "item/\ud83d\ude00",
                "item/%",
                "item/_",
                "item/'\"\\",
                "item/__proto__");
        node.write(kit -> keys.forEach(key -> kit.put(key, Json.of(key))));
        assertThat(node.everything("u"))
                .as("everything that a pull reads")
                .containsExactlyInAnyOrderElementsOf(keys.stream()
                        .map(key -> "put " + key + " " + Json.of(key))
                        .toList());
        node.write(kit -> kit.delete("item/_"));
        assertEntities(SPACE).isEqualTo(keys.size() - 1L);
    }

    @Test
    @Rule("R2")
    @Needs(Feature.SPACES)
    final void spacesHaveVersionsOfTheirOwn() {
        store().operator().createSpace("a");
        store().operator().createSpace("b");
        Port<T> node = new Port<>(store());
        long a = store().look().version("a");
        long b = store().look().version("b");
        node.write("a", kit -> kit.put("item/1", Json.of("in a")));
        assertVersion("a").isEqualTo(a + 1);
        assertVersion("b").isEqualTo(b);
        assertThat(node.changes("u", "b", b)).as("changes that a pull reads").isEmpty();
        assertThat(node.changes("u", "a", a)).as("changes that a pull reads").containsExactly("put item/1 \"in a\"");
    }
}
