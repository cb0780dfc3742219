package dev.replisync.tck;

import static dev.replisync.tck.Port.SPACE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.replisync.protocol.Json;
import dev.replisync.storage.KeptViews.Position;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * The port's client view records that the storage keeps itself, without any strategy: what a pull tells, which positions
 * stay answerable and to whom, and that a greater number has the later view. A storage that keeps none skips all of it.
 *
 * @param <T> the storage's handle
 */
public abstract class KeptViewsContract<T> extends ViewContract<T> {
    private static final int MOMENTS = 30;
    private static final int ROUNDS = 60;

    /** For subclasses. */
    protected KeptViewsContract() {}

    @Test
    @Rule({"R12", "R41"})
    final void aFirstPullIsPutsOnly() {
        rows(kit -> List.of(1, 2).forEach(i -> kit.put("item/" + i, Json.of(i))));
        rows(kit -> kit.delete("item/1"));
        KeptReader<T> tab = tab("u", "g");
        assertThat(tab.pull()).as("what a pull tells").containsExactly("clear", "put item/2 2");
        assertThat(tab.last().told()).as("last mutation ids told before").isEmpty();
        assertThat(tab("u", "another").pull()).as("what a pull tells").containsExactly("clear", "put item/2 2");
    }

    @Test
    @Rule({"R14", "R53"})
    final void withoutNewsNothingMoves() {
        node().pushRows("u", "g", "c", 1, kit -> kit.put("item/1", Json.of(1)));
        KeptReader<T> tab = tab("u", "g");
        tab.pull();
        Position position = tab.position();
        var groups = store().look().groups();
        for (int i = 0; i < 3; i++) {
            assertThat(tab.pull()).as("what a pull tells").isEmpty();
        }
        KeptReader<T> late = tab("u", "other group");
        late.pull();
        assertThat(tab.pull()).as("after a pull of another group").isEmpty();
        assertThat(tab.position())
                .as("position after a pull that has nothing to tell")
                .isEqualTo(position);
        assertGroups().containsAllEntriesOf(groups);
    }

    @Test
    @Rule({"R4", "R39"})
    final void idsAloneMakeAPosition() {
        rows(kit -> kit.put("item/1", Json.of(1)));
        KeptReader<T> tab = tab("u", "g");
        tab.pull();
        KeptReader<T> behind = tab.tab();
        Position before = tab.position();
        node().pushRows("u", "g", "c1", 1, kit -> {});
        node().pushRows("u", "g", "c2", 1, kit -> {});
        assertThat(tab.pull()).as("what a pull tells").isEmpty();
        assertThat(tab.last().clients())
                .as("last mutation ids that the pull read")
                .isEqualTo(Map.of("c1", 1L, "c2", 1L));
        assertThat(tab.last().told())
                .as("last mutation ids that the storage says were told before")
                .contains(Map.of());
        assertThat(tab.position().number()).as("number of the new position").isGreaterThan(before.number());
        node().pushRows("u", "g", "c1", 2, kit -> {});
        tab.pull();
        assertThat(tab.last().told())
                .as("last mutation ids that the storage says were told before")
                .contains(Map.of("c1", 1L, "c2", 1L));
        behind.pull();
        assertThat(behind.last().told()).as("told to the tab that is behind").contains(Map.of());
    }

    @Test
    @Rule({"R39", "R50"})
    final void earlierPositionsStayAnswerable() {
        rows(kit -> List.of("a", "gone", "back").forEach(key -> kit.put("item/" + key, Json.of(1))));
        KeptReader<T> tab = tab("u", "g");
        tab.pull();
        KeptReader<T> second = tab.tab();
        KeptReader<T> third = tab.tab();
        rows(kit -> {
            kit.put("item/a", Json.of(2));
            kit.put("item/between", Json.of(1));
            kit.delete("item/gone");
            kit.delete("item/back");
        });
        assertThat(tab.pull()).as("what a pull tells").hasSize(4);
        rows(kit -> {
            kit.put("item/a", Json.of(3));
            kit.delete("item/between");
            kit.put("item/back", Json.of(2));
        });
        assertThat(tab.pull())
                .as("what a pull tells")
                .containsExactly("del item/between", "put item/a 3", "put item/back 2");
        assertThat(second.pull())
                .as("two positions behind")
                .containsExactly("del item/gone", "put item/a 3", "put item/back 2");
        rows(kit -> kit.delete("item/a"));
        assertThat(third.pull())
                .as("two positions behind, and more has changed")
                .containsExactly("del item/a", "del item/gone", "put item/back 2");
        assertThat(tab.pull()).as("what a pull tells").containsExactly("del item/a");
        assertThat(second.pull()).as("what a pull tells").containsExactly("del item/a");
        assertThat(second.view())
                .as("view of the second tab")
                .isEqualTo(tab.view())
                .isEqualTo(third.view());
    }

    @Test
    @Rule({"R35", "R40"})
    final void aForkedGroupGoesOnAndWasToldNothing() {
        node().pushRows("u", "g1", "c1", 5, kit -> kit.put("item/1", Json.of(1)));
        KeptReader<T> old = tab("u", "g1");
        old.pull();
        KeptReader<T> fork = old.as("u", "g2", SPACE, "profile");
        node().pushRows("u", "g2", "c2", 1, kit -> kit.put("item/2", Json.of(2)));
        assertThat(fork.pull()).as("what a pull tells").containsExactly("put item/2 2");
        assertThat(fork.last().told()).as("what another group was told").isEmpty();
        assertThat(fork.last().clients())
                .as("last mutation ids that the pull read")
                .isEqualTo(Map.of("c2", 1L));
        assertThat(old.pull()).as("what a pull tells").containsExactly("put item/2 2");
        assertThat(old.last().clients())
                .as("last mutation ids that the pull read")
                .isEqualTo(Map.of("c1", 5L));
        assertThat(fork.pull()).as("what a pull tells").isEmpty();
    }

    @Test
    @Rule("R40")
    final void aGroupIsToldGreaterNumbersInWhicheverHistory() {
        rows(kit -> kit.put("item/1", Json.of(0)));
        KeptReader<T> one = tab("u", "g");
        KeptReader<T> two = one.as("u", "g", SPACE, "another profile");
        long told = 0;
        for (int i = 1; i < 10; i++) {
            int value = i;
            rows(kit -> kit.put("item/1", Json.of(value)));
            KeptReader<T> tab = i % 3 == 0 ? two : one;
            if (i % 4 == 0) {
                tab.holding("lost", i);
            }
            tab.pull();
            assertThat(tab.position().number()).as("number of pull %s", i).isGreaterThan(told);
            told = tab.position().number();
        }
    }

    @Test
    @Rule({"R11", "R44"})
    final void aPositionIsLostToAnybodyElseAndIfItIsMadeUp() {
        node().pushRows("ann", "g", "c", 3, kit -> kit.put("item/1", Json.of(1)));
        KeptReader<T> ann = tab("ann", "g");
        ann.pull();
        String view = ann.position().view();
        for (KeptReader<T> other : List.of(
                ann.as("eve", "g-eve", SPACE, "profile"),
                ann.as("ann", "g", SPACE, "another profile"),
                ann.tab().holding(view, 0),
                ann.tab().holding(view, -1),
                ann.tab().holding("", 1),
                ann.tab().holding("no such view", 1))) {
            Position claimed = other.position();
            assertThat(other.pull()).as("for %s", claimed).containsExactly("clear", "put item/1 1");
            assertThat(other.pull()).as("once is enough").isEmpty();
        }
        rows(kit -> kit.put("item/1", Json.of(2)));
        assertThat(ann.pull()).as("of whom it is").containsExactly("put item/1 2");
    }

    @Test
    @Rule({"R36", "R44"})
    final void aPositionAboveTheLatestIsLost() {
        rows(kit -> kit.put("item/1", Json.of(1)));
        KeptReader<T> tab = tab("u", "g");
        tab.pull();
        for (long above : new long[] {1, 2, 100}) {
            Position latest = tab.position();
            KeptReader<T> restored = tab.tab().holding(latest.view(), latest.number() + above);
            assertThat(restored.pull()).as("what a pull tells").containsExactly("clear", "put item/1 1");
            assertThat(restored.last().told()).as("told before").isEmpty();
            assertThat(restored.position().number())
                    .as("number of the new position")
                    .isGreaterThan(latest.number());
            assertThat(restored.pull()).as("what a pull tells").isEmpty();
            tab = restored;
        }
    }

    @Test
    @Rule("R45")
    final void aGroupIsReadByItsOwnerOnly() {
        node().pushRows("ann", "g", "c", 3, kit -> kit.put("item/1", Json.of(1)));
        KeptReader<T> ann = tab("ann", "g");
        ann.pull();
        Position position = ann.position();
        KeptReader<T> eve = ann.as("eve", "g", SPACE, "profile");
        assertThat(eve.pull()).as("what a pull tells").containsExactly("not yours");
        assertThat(eve.last().group().userID()).as("owner of the client group").isEqualTo("ann");
        assertThat(ann.pull()).as("what a pull tells").isEmpty();
        assertThat(ann.position())
                .as("position after a pull that has nothing to tell")
                .isEqualTo(position);
    }

    @Test
    @Rule({"R36", "R37"})
    @Needs(Feature.RESTORE)
    final void anotherEpochStartsAgainAndKnowsWhatWasTold() {
        node().pushRows("u", "g", "c", 3, kit -> kit.put("item/1", Json.of(1)));
        KeptReader<T> tab = tab("u", "g");
        tab.pull();
        String epoch = tab.last().epoch();
        store().operator().newEpoch();
        KeptReader<T> later = tab("u", "g")
                .holding(tab.position().view(), tab.position().number())
                .knows(Map.of("c", 3L));
        assertThat(later.pull()).as("what a pull tells").containsExactly("clear", "put item/1 1");
        assertThat(later.last().epoch()).as("epoch").isNotEqualTo(epoch);
        assertThat(later.last().told())
                .as("last mutation ids that the storage says were told before")
                .contains(Map.of("c", 3L));
        assertThat(later.pull()).as("what a pull tells").isEmpty();
    }

    @Test
    @Rule("R6")
    final void bookkeepingAndViewAreOneMoment() {
        AtomicBoolean done = new AtomicBoolean();
        Future<Void> writer = start(() -> {
            repeat(
                    done::get,
                    i -> node().pushRows("u", "g", "c", i, kit -> {
                        kit.put("item/1", Json.of(i));
                        kit.put("item/2", Json.of(i));
                    }));
            return null;
        });
        KeptReader<T> tab = tab("u", "g");
        AtomicInteger seen = new AtomicInteger();
        try {
            repeat(() -> seen.get() == MOMENTS || writer.isDone(), i -> {
                seen.addAndGet(tab.pull().isEmpty() ? 0 : 1);
                Long last = tab.last().clients().get("c");
                assertThat(tab.view())
                        .as("view with last mutation id %s", last)
                        .isEqualTo(last == null ? Map.of() : Map.of("item/1", "" + last, "item/2", "" + last));
            });
        } finally {
            done.set(true);
        }
        result(writer);
        assertThat(seen).as("pulls meanwhile that had something to tell").hasValue(MOMENTS);
    }

    /** Sorted by number, no view may be older than the one before. Tabs lose their positions once in a while. */
    @Test
    @Rule("R40")
    final void aGreaterNumberNeverHasAnOlderView() {
        AtomicBoolean done = new AtomicBoolean();
        rows(kit -> kit.put("item/1", Json.of(0)));
        Map<Long, Long> views = new ConcurrentSkipListMap<>();
        List<Future<Void>> readers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            KeptReader<T> tab = tab("u", "g");
            readers.add(start(() -> {
                for (int round = 1; !done.get(); round++) {
                    long before = tab.view().isEmpty() ? 0 : tab.position().number();
                    tab.pull();
                    if (tab.position().number() != before) {
                        Long twice = views.put(
                                tab.position().number(), Long.valueOf(tab.view().get("item/1")));
                        assertThat(twice)
                                .as("another view with the same number")
                                .isNull();
                    }
                    if (round % 10 == 0) {
                        tab.holding("lost", tab.position().number());
                    }
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
        assertThat(List.copyOf(views.values())).as("what was seen, by number").isSorted();
    }

    @Override
    final Puller puller(String user, String group) {
        return tab(user, group)::pull;
    }

    private KeptReader<T> tab(String user, String group) {
        return new KeptReader<>(node(), user, group, SPACE, "profile");
    }
}
