package dev.replisync.jdbi;

import static dev.replisync.jdbi.KeptStore.line;
import static org.assertj.core.api.Assertions.assertThat;

import dev.replisync.storage.KeptViews;
import dev.replisync.storage.KeptViews.Pull;
import dev.replisync.storage.KeptViews.Request;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a pull by kept records costs on the wire: it grows with the change and not with the view. */
class KeptRoundTripTest {
    private static final int WARM_UP = 12;

    private static TestDatabase db;

    private KeptStore store;
    private KeptViews views;

    @BeforeAll
    static void open() {
        // The pool does not ask whether the connection lives that it gave out a moment ago.
        db = TestDatabase.postgres("&socketFactory=" + CountingSockets.class.getName());
    }

    @AfterAll
    static void close() {
        db.close();
    }

    @BeforeEach
    void create() {
        store = new KeptStore(db, new TestClock());
        views = store.node("v");
    }

    @AfterEach
    void noLeaks() {
        db.assertNoConnectionLeaks();
    }

    private void fill(int rows) {
        db.execute("insert into " + store.table() + " select 'row' || n, 'x' from generate_series(1, " + rows + ") n");
    }

    /** Round trips and bytes of one pull. */
    private long[] cost(Holder tab, List<String> expected) {
        int turns = CountingSockets.TURNS.get();
        long received = CountingSockets.RECEIVED.get();
        assertThat(tab.pull()).isEqualTo(expected);
        return new long[] {CountingSockets.TURNS.get() - turns, CountingSockets.RECEIVED.get() - received};
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 5_000})
    void onePullIsOneRoundTripAndItsChange(int rows) {
        fill(rows);
        Holder tab = new Holder(views, "ann", "g");
        tab.pull();
        for (int i = 0; i < WARM_UP; i++) {
            store.put("row1", "warm" + i);
            tab.pull();
            tab.pull();
        }
        long[] nothing = cost(tab, List.of());
        assertThat(nothing[0]).as("round trips, nobody wrote").isEqualTo(1);
        assertThat(nothing[1]).as("bytes, nobody wrote").isLessThan(800);
        store.put("hidden", "x");
        store.owner("hidden", "eve");
        nothing = cost(tab, List.of());
        assertThat(nothing[0]).as("round trips, nothing changed").isEqualTo(1);
        assertThat(nothing[1]).as("bytes, nothing changed").isLessThan(800);
        store.put("row2", "y");
        long[] one = cost(tab, List.of(line("row2", "y")));
        assertThat(one[0]).as("round trips, one change").isEqualTo(1);
        assertThat(one[1]).as("bytes, one change").isLessThan(1_000);
    }

    @Test
    void manyChangesAreReadThroughACursor() {
        Holder tab = new Holder(views, "ann", "g");
        tab.pull();
        fill(2_500);
        int turns = CountingSockets.TURNS.get();
        assertThat(tab.pull()).hasSize(2_500);
        assertThat(CountingSockets.TURNS.get() - turns)
                .as("round trips of 2,500 puts, 500 at a time")
                .isBetween(5, 12);
        assertThat(tab.view()).isEqualTo(store.committed("ann"));
        db.execute("delete from " + store.table() + " where id <> 'row1'");
        assertThat(tab.pull()).as("and as many dels").hasSize(2_499);
        assertThat(tab.pull()).isEmpty();
    }

    /** R66. */
    @Test
    @Tag("long")
    void aViewOf100000RowsPulls() {
        fill(100_000);
        Holder tab = new Holder(views, "ann", "g");
        int turns = CountingSockets.TURNS.get();
        assertThat(tab.pull()).hasSize(100_001);
        assertThat(CountingSockets.TURNS.get() - turns)
                .as("round trips: rows come in parts")
                .isBetween(100_000 / FetchSize.MOST, 40);
        assertThat(tab.pull()).isEmpty();
        store.put("row500", "y");
        assertThat(tab.pull()).containsExactly(line("row500", "y"));
        db.execute("update " + store.table() + " set val = 'z'");
        assertThat(tab.tab().pull()).hasSize(100_000);
        assertThat(tab.pull()).hasSize(100_000);
    }

    /** What was not told completely was not kept: the number is given out again, for what is told then. */
    @Test
    void aPatchThatWasNotReadIsNotKept() {
        fill(3_000);
        Optional<KeptViews.Position> position;
        Request request = new Request("ann", JdbiStorage.GLOBAL_SPACE, "g", "profile", Optional.empty());
        try (Pull pull = views.open(request)) {
            position = Optional.of(pull.state().position());
        }
        assertThat(store.count(store.names().view())).isZero();
        Holder liar = new Holder(views, "ann", "g").holding(position);
        assertThat(liar.pull()).hasSize(3_001);
        assertThat(liar.pull()).isEmpty();
    }
}
