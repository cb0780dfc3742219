package dev.replisync.jdbi;

import static dev.replisync.jdbi.KeptStore.line;
import static org.assertj.core.api.Assertions.assertThat;

import dev.replisync.storage.KeptViews;
import dev.replisync.storage.KeptViews.Position;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The port of kept views, sentence by sentence. */
class KeptViewsTest {
    private static TestDatabase db;

    private final TestClock clock = new TestClock();
    private KeptStore store;
    private KeptViews views;

    @BeforeAll
    static void open() {
        db = TestDatabase.postgres("");
    }

    @AfterAll
    static void close() {
        db.close();
    }

    @BeforeEach
    void create() {
        store = new KeptStore(db, clock);
        views = store.node("v1");
    }

    @AfterEach
    void noLeaks() {
        db.assertNoConnectionLeaks();
    }

    @Test
    void aFirstPullPutsTheWholeView() {
        store.put("a", "1");
        store.put("b", "2");
        store.put("c", "3");
        store.owner("c", "eve");
        Holder tab = new Holder(views, "ann", "g");
        assertThat(tab.pull()).containsExactly("clear", line("a", "1"), line("b", "2"));
        assertThat(tab.last().continued()).isFalse();
        assertThat(tab.last().told()).isEmpty();
        assertThat(tab.last().group().spaceID()).isEqualTo(JdbiStorage.GLOBAL_SPACE);
        Holder eve = new Holder(views, "eve", "g2");
        assertThat(eve.pull()).containsExactly("clear", line("a", "1"), line("b", "2"), line("c", "3"));
        Holder empty = new Holder(store.node("empty"), "ann", "g");
        db.execute("delete from " + store.table());
        assertThat(empty.pull()).containsExactly("clear");
    }

    @Test
    void withoutTablesOnlyIdsAreTold() {
        KeptViews none = new KeptReads(
                new Node(db.jdbi(), store.names(), new TestClock(), List.of(), null), "v", KeptStore.LIFE);
        Holder tab = new Holder(none, "ann", "g");
        assertThat(tab.pull()).containsExactly("clear");
        store.client("g", "c", 1);
        assertThat(tab.pull()).isEmpty();
        assertThat(tab.last().clients()).isEqualTo(Map.of("c", 1L));
    }

    @Test
    void onlyDifferencesAreTold() {
        store.put("a", "1");
        store.put("b", "2");
        store.put("c", "3");
        Holder tab = new Holder(views, "ann", "g");
        tab.pull();
        store.put("a", "11");
        store.delete("b");
        store.put("d", "4");
        store.owner("c", "eve");
        assertThat(tab.pull()).containsExactly("del item/b", "del item/c", line("a", "11"), line("d", "4"));
        assertThat(tab.pull()).isEmpty();
        store.owner("c", "ann");
        assertThat(tab.pull()).as("entered without being changed for others").containsExactly(line("c", "3"));
    }

    @Test
    void aPullThatHasNothingToTellWritesNothing() {
        store.put("a", "1");
        store.client("g", "c", 1);
        Holder tab = new Holder(views, "ann", "g");
        tab.pull();
        String before = store.nextTransactionID();
        assertThat(tab.pull()).as("nobody wrote").isEmpty();
        assertThat(store.nextTransactionID())
                .as("a transaction id was given out")
                .isEqualTo(before);
        store.put("b", "for nobody");
        store.owner("b", "eve");
        before = store.nextTransactionID();
        assertThat(tab.pull()).as("somebody wrote something else").isEmpty();
        assertThat(store.nextTransactionID())
                .as("a transaction id was given out")
                .isEqualTo(before);
    }

    @Test
    void idsAloneMakeAPosition() {
        store.put("a", "1");
        Holder tab = new Holder(views, "ann", "g");
        tab.pull();
        Position first = tab.position();
        store.client("g", "c1", 1);
        assertThat(tab.pull()).isEmpty();
        assertThat(tab.last().clients()).isEqualTo(Map.of("c1", 1L));
        assertThat(tab.last().told()).contains(Map.of());
        assertThat(tab.position().number()).isGreaterThan(first.number());
        store.client("g", "c1", 2);
        store.client("g", "c2", 7);
        store.client("other", "c3", 9);
        assertThat(tab.pull()).isEmpty();
        assertThat(tab.last().clients()).isEqualTo(Map.of("c1", 2L, "c2", 7L));
        assertThat(tab.last().told()).contains(Map.of("c1", 1L));
    }

    /** R39, R50: lost answers and second tabs bring older positions back. */
    @Test
    void oldPositionsStayAnswerable() {
        store.put("a", "1");
        store.put("gone", "1");
        store.put("back", "1");
        Holder tab = new Holder(views, "ann", "g");
        tab.pull();
        Holder second = tab.tab();
        Holder third = tab.tab();
        store.put("a", "2");
        store.put("between", "1");
        store.delete("gone");
        store.delete("back");
        assertThat(tab.pull()).hasSize(4);
        store.put("a", "3");
        store.delete("between");
        store.put("back", "2");
        store.put("new", "1");
        assertThat(tab.pull()).containsExactly("del item/between", line("a", "3"), line("back", "2"), line("new", "1"));
        assertThat(second.pull())
                .as("two positions behind, with nobody writing since")
                .containsExactly("del item/gone", line("a", "3"), line("back", "2"), line("new", "1"));
        assertThat(second.last().continued()).isTrue();
        store.put("new", "2");
        store.delete("a");
        assertThat(third.pull())
                .as("two positions behind, and more has changed")
                .containsExactly("del item/a", "del item/gone", line("back", "2"), line("new", "2"));
        assertThat(tab.pull()).containsExactly("del item/a", line("new", "2"));
        assertThat(second.pull()).containsExactly("del item/a", line("new", "2"));
        assertThat(second.view()).isEqualTo(tab.view()).isEqualTo(third.view());
        assertThat(second.tab().pull()).isEmpty();
    }

    /** R40: who holds the greater number holds the later view. */
    @Test
    void tabsAndGroupsOfOneHistoryGetNumbersOfTheirOwn() {
        store.put("a", "1");
        Holder tab = new Holder(views, "ann", "g1");
        tab.pull();
        Holder otherTab = tab.tab();
        Holder fork = tab.as(views, "ann", "g2", "profile");
        store.put("a", "2");
        assertThat(tab.pull()).containsExactly(line("a", "2"));
        assertThat(otherTab.pull()).containsExactly(line("a", "2"));
        assertThat(fork.pull()).containsExactly(line("a", "2"));
        assertThat(otherTab.position().number()).isGreaterThan(tab.position().number());
        assertThat(fork.position().number()).isGreaterThan(otherTab.position().number());
        assertThat(tab.pull()).as("nothing to tell, though others went on").isEmpty();
    }

    @Test
    void aGroupIsToldGreaterNumbersInWhicheverHistory() {
        store.put("a", "1");
        Holder tab = new Holder(views, "ann", "g");
        for (int i = 0; i < 4; i++) {
            tab.pull();
            store.put("a", "x" + i);
        }
        tab.pull();
        long told = tab.position().number();
        Holder otherProfile = tab.as(views, "ann", "g", "another");
        assertThat(otherProfile.pull()).contains("clear");
        assertThat(otherProfile.position().number()).isGreaterThan(told);
        Holder otherRelease = tab.as(store.node("v2"), "ann", "g", "profile");
        assertThat(otherRelease.pull()).contains("clear");
        assertThat(otherRelease.position().number())
                .isGreaterThan(otherProfile.position().number());
        store.put("a", "y");
        assertThat(tab.pull()).containsExactly(line("a", "y"));
        assertThat(tab.position().number())
                .isGreaterThan(otherRelease.position().number());
    }

    /** R35: a new group comes with the cookie of the one it was forked from. */
    @Test
    void anotherGroupMayHoldThePosition() {
        store.put("a", "1");
        store.client("g1", "c1", 5);
        Holder tab = new Holder(views, "ann", "g1");
        tab.pull();
        Holder fork = tab.as(views, "ann", "g2", "profile");
        assertThat(fork.pull()).isEmpty();
        assertThat(fork.last().continued()).isTrue();
        assertThat(fork.last().told()).as("what another group was told").isEmpty();
        assertThat(fork.last().clients()).isEmpty();
        assertThat(fork.position()).isEqualTo(tab.position());
        store.client("g2", "c2", 1);
        assertThat(fork.pull()).isEmpty();
        assertThat(fork.position()).isNotEqualTo(tab.position());
        assertThat(fork.pull()).isEmpty();
        assertThat(fork.last().told()).contains(Map.of("c2", 1L));
    }

    /** R44. */
    @Test
    void aPositionIsLostToAnybodyElse() {
        store.put("a", "1");
        store.put("secret", "1");
        store.owner("secret", "ann");
        store.client("g", "c", 3);
        Holder ann = new Holder(views, "ann", "g");
        ann.pull();
        Holder eve = new Holder(views, "eve", "g-eve").holding(ann.held());
        assertThat(eve.pull()).containsExactly("clear", line("a", "1"));
        assertThat(eve.last().continued()).isFalse();
        assertThat(eve.last().told()).isEmpty();
        assertThat(eve.position().view()).isNotEqualTo(ann.position().view());
        store.delete("secret");
        assertThat(eve.pull()).isEmpty();
        for (KeptViews.Position made : List.of(
                new Position(ann.position().view(), 0),
                new Position(ann.position().view(), -1),
                new Position("", 1),
                new Position("no such view", 1))) {
            Holder liar = ann.tab().holding(Optional.of(made));
            assertThat(liar.pull()).as("for %s", made).contains("clear", line("a", "1"));
            assertThat(liar.last().told()).isEmpty();
            assertThat(liar.position().view())
                    .as("the history goes on")
                    .isEqualTo(ann.position().view());
        }
    }

    /** R36: numbers are given out again after a restore that nobody announced. */
    @Test
    void aPositionAboveTheLatestEndsTheHistory() {
        store.put("a", "1");
        Holder restored = new Holder(views, "ann", "g");
        restored.pull();
        for (long above : new long[] {1, 2, 100, Long.MAX_VALUE - 10}) {
            Position latest = restored.position();
            Holder tab = restored.tab().holding(Optional.of(new Position(latest.view(), latest.number() + above)));
            assertThat(tab.pull()).containsExactly("clear", line("a", "1"));
            assertThat(tab.last().told()).isEmpty();
            assertThat(tab.position().view()).isNotEqualTo(latest.view());
            assertThat(tab.position().number()).isEqualTo(latest.number() + 1);
            assertThat(tab.pull()).isEmpty();
            assertThat(restored.pull())
                    .as("the numbers of the old history mean nothing")
                    .contains("clear");
            assertThat(restored.pull()).isEmpty();
        }
        assertThat(store.count(store.names().view())).isEqualTo(1);
        assertThat(store.count(store.names().viewBucket())).isEqualTo(1);
    }

    @Test
    void theGroupOfAnotherUserIsReadByItsOwnerOnly() {
        store.put("a", "1");
        store.client("g", "c", 3);
        new Holder(views, "ann", "g").pull();
        long histories = store.count(store.names().view());
        Holder eve = new Holder(views, "eve", "g");
        assertThat(eve.pull()).containsExactly("not yours");
        assertThat(eve.last().group().userID()).isEqualTo("ann");
        assertThat(eve.last().clients()).isEmpty();
        assertThat(store.count(store.names().view())).isEqualTo(histories);
    }

    /** R36, R37, R43. */
    @Test
    void anotherEpochOrViewVersionStartsAgainAndKnowsWhatWasTold() {
        store.put("a", "1");
        store.client("g", "c", 3);
        Holder tab = new Holder(views, "ann", "g");
        tab.pull();
        assertThat(tab.pull()).isEmpty();
        String epoch = tab.last().epoch();
        Holder deployed = tab.as(store.node("v2"), "ann", "g", "profile");
        assertThat(deployed.pull()).containsExactly("clear", line("a", "1"));
        assertThat(deployed.last().told()).contains(Map.of("c", 3L));
        db.execute("update " + store.names().meta() + " set epoch = 'restored'");
        store.client("g", "c", 2);
        assertThat(tab.pull()).containsExactly("clear", line("a", "1"));
        assertThat(tab.last().epoch()).isEqualTo("restored").isNotEqualTo(epoch);
        assertThat(tab.last().told()).contains(Map.of("c", 3L));
        assertThat(tab.last().clients()).isEqualTo(Map.of("c", 2L));
        assertThat(tab.pull()).isEmpty();
        assertThat(tab.last().continued()).isTrue();
    }

    @Test
    void anotherDatabaseBeginsAnEpoch() {
        store.put("a", "1");
        Holder tab = new Holder(views, "ann", "g");
        tab.pull();
        String epoch = tab.last().epoch();
        db.execute("update " + store.names().meta() + " set identity = 'the one this is a copy of'");
        assertThat(tab.pull()).containsExactly("clear", line("a", "1"));
        assertThat(tab.last().epoch()).isNotEqualTo(epoch);
        assertThat(tab.pull()).isEmpty();
    }

    @Test
    void histories() {
        store.put("a", "1");
        Holder tab = new Holder(views, "ann", "g");
        tab.pull();
        Holder other = new Holder(views, "ann", "g2");
        assertThat(other.pull()).containsExactly("clear", line("a", "1"));
        assertThat(other.position().view())
                .as("of one profile")
                .isEqualTo(tab.position().view());
        assertThat(store.count(store.names().viewBucket()))
                .as("one record for both")
                .isEqualTo(1);
        for (int i = 0; i < 5; i++) {
            store.put("a", "v" + i);
            tab.pull();
        }
        assertThat(store.count(store.names().viewBucket())).isEqualTo(1);
        assertThat(store.count(store.names().viewChange()))
                .as("a pull writes what changed")
                .isEqualTo(5);
    }
}
