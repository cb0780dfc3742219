package dev.replisync.jdbi;

import static dev.replisync.jdbi.KeptStore.line;
import static org.assertj.core.api.Assertions.assertThat;

import dev.replisync.storage.KeptViews;
import dev.replisync.storage.KeptViews.Position;
import dev.replisync.storage.KeptViews.Pull;
import dev.replisync.storage.KeptViews.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
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

    /** Some of these rows are changed, some deleted, some go to somebody else, and some are new ones instead. */
    private List<String> change(int from, int count) {
        String rows = " where id in (select 'row' || n from generate_series(" + from + ", " + (from + count - 1)
                + ") n where n % 4 = ";
        db.execute(
                "update " + store.table() + " set val = 'y'" + rows + "0)",
                "update " + store.table() + " set owner = 'eve'" + rows + "1)",
                "delete from " + store.table() + rows + "2)",
                "insert into " + store.table() + " select 'new' || id, 'x' from " + store.table() + rows + "3)");
        return IntStream.range(from, from + count)
                .mapToObj(i -> switch (i % 4) {
                    case 0 -> line("row" + i, "y");
                    case 3 -> line("newrow" + i, "x");
                    default -> "del item/row" + i;
                })
                .sorted()
                .toList();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatFitsIsToldInOneRoundTripAndMoreIsToldToo(boolean window) {
        KeptViews kept = window ? store.window() : views;
        fill(5_000);
        Holder tab = new Holder(kept, "ann", "g");
        tab.pull();
        for (int i = 0; i < WARM_UP; i++) {
            store.put("row5000", "warm" + i);
            tab.pull();
        }
        Holder behind = tab.tab();
        List<String> all = new ArrayList<>();
        for (int changes : new int[] {99, 101, 1_500, 300}) {
            List<String> told = change(all.size() + 1, changes);
            all.addAll(told);
            assertThat(cost(tab, told)[0])
                    .as("round trips, %s changes", changes)
                    .isEqualTo(1);
        }
        all.sort(null);
        assertThat(cost(behind, all)[0]).as("round trips, 2,000 changes").isEqualTo(1);
        assertThat(cost(behind, change(2_001, 2_001))[0])
                .as("round trips, 2,001 changes")
                .isGreaterThan(1);
        assertThat(behind.view()).isEqualTo(store.committed("ann"));
        assertThat(tab.holding(Optional.of(new Position("lost", 1))).pull())
                .as("all, to who holds what nobody knows")
                .hasSize(behind.view().size() + 1);
        assertThat(tab.view()).isEqualTo(behind.view());
        assertThat(behind.pull()).isEmpty();
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
        Optional<Position> position;
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
