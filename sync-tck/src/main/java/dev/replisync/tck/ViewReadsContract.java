package dev.replisync.tck;

import static dev.replisync.tck.Port.SPACE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.replisync.protocol.Json;
import dev.replisync.storage.OpenPush;
import dev.replisync.storage.ViewReads.State;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The port's client views, without any strategy: how a view differs from any record, in any order of keys; one moment;
 * and of two pulls of a group that count, the later counter has the later view.
 *
 * @param <T> the storage's handle
 */
public abstract class ViewReadsContract<T> extends ViewContract<T> {
    private static final int ROUNDS = 100;

    /** For subclasses. */
    protected ViewReadsContract() {}

    @Test
    @Rule({"R12", "R41"})
    final void withoutARecordTheViewIsPutsOnly() {
        ViewReader<T> reader = reader("u", "g");
        rows(kit -> {
            kit.put("item/1", Json.of(1));
            kit.put("item/2", Json.of(2));
        });
        rows(kit -> kit.delete("item/1"));
        assertThat(reader.pull()).as("what a pull tells").containsExactly("put item/2 2");
    }

    @Test
    @Rule("R41")
    final void aVersionThatDiffersIsAChangeWhateverItIs() {
        ViewReader<T> reader = reader("u", "g");
        rows(kit -> List.of(1, 2, 3).forEach(i -> kit.put("item/" + i, Json.of(i))));
        reader.pull();
        Map<String, String> held = new TreeMap<>(reader.versions);
        for (String version : List.of("", "0", "~~~~", "99999999999999999999", "zzz")) {
            reader.forget();
            reader.holds = true;
            reader.versions.putAll(held);
            reader.versions.put("item/2", version);
            reader.versions.put("item/gone", version);
            assertThat(reader.pull())
                    .as("with the version '%s' on record", version)
                    .containsExactly("del item/gone", "put item/2 2");
        }
    }

    @Test
    @Rule("R41")
    final void eachWriteGivesAnotherVersion() {
        ViewReader<T> reader = reader("u", "g");
        for (int i = 0; i < 30; i++) {
            int value = i;
            if (i % 3 == 2) {
                rows(kit -> kit.delete("item/1"));
            }
            rows(kit -> kit.put("item/1", Json.of(value)));
            assertThat(reader.pull()).as("after write %s", i).containsExactly("put item/1 " + i);
        }
    }

    @Test
    @Rule("R45")
    @Needs(Feature.SPACES)
    final void aViewIsOfOneSpace() {
        store().operator().createSpace("a");
        store().operator().createSpace("b");
        node().writeRows("a", kit -> kit.put("item/1", Json.of("in a")));
        node().writeRows("b", kit -> kit.put("item/2", Json.of("in b")));
        assertThat(reader("u", "g-a", "a").pull()).as("what a pull tells").containsExactly("put item/1 \"in a\"");
        assertThat(reader("u", "g-b", "b").pull()).as("what a pull tells").containsExactly("put item/2 \"in b\"");
    }

    @Test
    @Rule({"R14", "R53"})
    final void aGroupCountsForItselfAndOnlyWhatIsCommitted() {
        ViewReader<T> one = reader("u", "g1");
        ViewReader<T> two = reader("u", "g2");
        one.pull();
        one.pull();
        two.pull();
        one.look();
        var groups = store().look().groups();
        assertThat(one.look().counter()).as("counter of the first group").isEqualTo(2);
        assertThat(two.look().counter()).as("counter of the second group").isEqualTo(1);
        assertGroups().isEqualTo(groups);
    }

    @Test
    @Rule("R45")
    final void aGroupBelongsToWhoPulledFirst() {
        ViewReader<T> owner = reader("ann", "g");
        owner.pull();
        OpenPush.Group expected = new OpenPush.Group("g", "ann", SPACE);
        assertThat(reader("eve", "g").look().group())
                .as("the client group that a pull read")
                .isEqualTo(expected);
        assertThat(owner.look().group()).as("the client group that a pull read").isEqualTo(expected);
        assertGroups().containsEntry("g", expected);
    }

    @Test
    @Rule({"R35", "R53"})
    final void theClientsAreTheGroupsOwn() {
        node().pushRows("u", "g1", "c1", 1, kit -> kit.put("item/1", Json.of(1)));
        node().pushRows("u", "g1", "c2", 5, kit -> {});
        node().pushRows("u", "g2", "c3", 7, kit -> {});
        assertThat(reader("u", "g1").look().clients())
                .as("clients in the store")
                .isEqualTo(Map.of("c1", 1L, "c2", 5L));
        assertThat(reader("u", "g2").look().clients())
                .as("clients in the store")
                .isEqualTo(Map.of("c3", 7L));
        assertThat(reader("u", "g3").look().clients())
                .as("clients in the store")
                .isEmpty();
    }

    @Test
    @Rule({"R36", "R43", "R55"})
    final void nodesAgreeOnEpochSecretAndViewVersion() {
        State here = reader("u", "g").look();
        State there = reader("u", "g").look();
        assertThat(there.epoch()).as("epoch").isEqualTo(here.epoch()).isNotEmpty();
        assertThat(there.secret())
                .as("secret of the store")
                .isEqualTo(here.secret())
                .isNotEmpty();
        assertThat(node().views().viewVersion())
                .as("view version")
                .isEqualTo(node().views().viewVersion());
    }

    @Test
    @Rule("R36")
    @Needs(Feature.RESTORE)
    final void aNewEpochHasAnotherName() {
        ViewReader<T> reader = reader("u", "g");
        String before = reader.look().epoch();
        store().operator().newEpoch();
        assertThat(reader("u", "g").look().epoch()).as("epoch").isNotEqualTo(before);
    }

    @Test
    @Rule("R14")
    final void aProofStandsForOneStateOfTheData() {
        ViewReader<T> reader = reader("u", "g");
        rows(kit -> kit.put("item/1", Json.of(1)));
        reader.pull();
        String proof = reader.proof;
        assertThat(proof == null || proof.equals(reader.look().proof()))
                .as("the proof of a commit holds until somebody writes, or there is none")
                .isTrue();
        rows(kit -> kit.put("item/1", Json.of(2)));
        assertThat(reader.look().proof())
                .as("proof after a write")
                .satisfiesAnyOf(
                        later -> assertThat(later).isNull(),
                        later -> assertThat(later).isNotEqualTo(proof));
        String seen = reader.look().proof();
        String other = reader("another", "g-another").look().proof();
        assertThat(other)
                .as("proof of another user's view")
                .satisfiesAnyOf(
                        later -> assertThat(later).isNull(),
                        later -> assertThat(later).isNotEqualTo(seen));
    }

    @Test
    @Rule("R6")
    final void bookkeepingAndViewAreOneMoment() {
        AtomicBoolean done = new AtomicBoolean();
        Future<Void> writer = start(() -> {
            for (int i = 1; i <= 80; i++) {
                int value = i;
                node().pushRows("u", "g", "c", i, kit -> {
                    kit.put("item/1", Json.of(value));
                    kit.put("item/2", Json.of(value));
                });
            }
            done.set(true);
            return null;
        });
        ViewReader<T> reader = reader("u", "g");
        while (!done.get()) {
            reader.forget();
            List<String> view = reader.pull();
            long last = reader.last.clients().getOrDefault("c", 0L);
            assertThat(view)
                    .as("view with last mutation id %s", last)
                    .isEqualTo(last == 0 ? List.of() : List.of("put item/1 " + last, "put item/2 " + last));
        }
        result(writer);
    }

    /** Each pull notes the view with its counter; sorted by counter, no view may be older than the one before. */
    @Test
    @Rule("R40")
    final void aHigherCounterNeverHasAnOlderView() {
        AtomicBoolean done = new AtomicBoolean();
        rows(kit -> kit.put("item/1", Json.of(0)));
        Map<Long, Long> views = new ConcurrentSkipListMap<>();
        List<Future<Void>> readers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            readers.add(start(() -> {
                ViewReader<T> reader = reader("u", "g");
                while (!done.get()) {
                    reader.forget();
                    String line = reader.pull().get(0);
                    Long twice = views.put(
                            reader.last.counter() + 1, Long.valueOf(line.substring(line.lastIndexOf(' ') + 1)));
                    assertThat(twice).as("another view with the same counter").isNull();
                }
                return null;
            }));
        }
        repeat(
                () -> views.size() >= ROUNDS || readers.stream().anyMatch(Future::isDone),
                i -> rows(kit -> kit.put("item/1", Json.of(i))));
        done.set(true);
        readers.forEach(StoreContract::result);
        assertThat(views).as("pulls meanwhile").hasSizeGreaterThanOrEqualTo(ROUNDS);
        assertThat(List.copyOf(views.values())).as("what was seen, by counter").isSorted();
    }

    @Test
    @Tag("long")
    @Rule("R66")
    final void manyRowsAndManyChangesAreCompared() {
        int rows = manyRows();
        ViewReader<T> reader = reader("u", "g");
        write(0, rows, 1);
        assertThat(reader.pull()).as("what a pull tells").hasSize(rows);
        assertThat(reader.pull()).as("what a pull tells").isEmpty();
        write(0, rows - 1, 2);
        rows(kit -> kit.delete("item/" + (rows - 1)));
        assertThat(reader.pull())
                .as("what a pull tells")
                .hasSize(rows)
                .contains("del item/" + (rows - 1), "put item/0 2");
        assertThat(reader.pull()).as("what a pull tells").isEmpty();
    }

    /**
     * How large a view is that must be compared (rule R66).
     *
     * @return by default more than 65,535, where parameters of statements end; fewer where a store is tested again that
     *     differs in nothing but how a row's version is told
     */
    protected int manyRows() {
        return 66_000;
    }

    private void write(int from, int to, int value) {
        for (int first = from; first < to; first += 10_000) {
            List<String> items = items(first, Math.min(to, first + 10_000));
            rows(kit -> kit.putAll(items, Json.of(value)));
        }
    }

    @Override
    final Puller puller(String user, String group) {
        return reader(user, group)::pull;
    }

    private ViewReader<T> reader(String user, String group) {
        return reader(user, group, SPACE);
    }

    private ViewReader<T> reader(String user, String group, String space) {
        return new ViewReader<>(node(), user, group, space);
    }
}
