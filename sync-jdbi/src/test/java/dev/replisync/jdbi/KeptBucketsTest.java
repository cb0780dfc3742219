package dev.replisync.jdbi;

import static dev.replisync.jdbi.KeptStore.line;
import static org.assertj.core.api.Assertions.assertThat;

import dev.replisync.storage.KeptViews;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The record of a view lies in as many buckets as fit its size, and nobody hears of it when that changes. */
class KeptBucketsTest {
    private static TestDatabase db;

    private KeptStore store;

    @BeforeAll
    static void open() {
        db = TestDatabase.postgres("");
    }

    @AfterAll
    static void close() {
        db.assertNoConnectionLeaks();
        db.close();
    }

    @BeforeEach
    void create() {
        store = new KeptStore(db, new TestClock());
    }

    private void fill(String prefix, int rows) {
        db.execute("insert into " + store.table() + " select '" + prefix + "' || n, 'x' from generate_series(1, " + rows
                + ") n");
    }

    private String one(String sql) {
        return db.jdbi().withHandle(h -> h.select(sql).mapTo(String.class).one());
    }

    private int buckets() {
        return Integer.parseInt(one("select count(*) from " + store.names().viewBucket()));
    }

    /** Who wrote elsewhere lets the next pull look at the view. */
    private void writeElsewhere() {
        store.put("hidden", "x" + buckets());
        store.owner("hidden", "eve");
    }

    /** The record is the view, each entity once and where it is looked for. */
    private void theRecordIsRight() {
        String record = "select string_agg(key || ' ' || version, ',' order by key) from "
                + store.names().viewBucket() + ", unnest(keys, versions) u (key, version)";
        String view =
                "select string_agg('item/' || id || ' ' || xmin::text, ',' order by 'item/' || id collate \"C\") from "
                        + store.table() + " where owner is null";
        assertThat(one(record)).isEqualTo(one(view));
        String sums = "select count(*) from " + store.names().viewBucket() + " where entities <> cardinality(keys)";
        assertThat(one(sums)).isEqualTo("0");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void bucketsFollowTheSizeOfTheView(boolean window) {
        KeptViews views = window ? store.window() : store.node("v");
        fill("row", 1_000);
        Holder tab = new Holder(views, "ann", "g");
        tab.pull();
        assertThat(buckets()).as("as many as fit, from the first pull on").isEqualTo(32);
        theRecordIsRight();
        Holder behind = tab.tab();
        new Holder(views, "ann", "other").pull();
        assertThat(buckets())
                .as("after a pull that did not look, because nobody wrote")
                .isEqualTo(32);
        store.put("row1", "a");
        assertThat(tab.pull()).containsExactly(line("row1", "a"));

        fill("some", 1_500);
        assertThat(tab.pull()).as("little enough to be compared as it is").hasSize(1_500);
        assertThat(buckets()).isEqualTo(32);
        writeElsewhere();
        String before = store.nextTransactionID();
        assertThat(tab.pull())
                .as("a pull that finds only that other buckets are wanted")
                .isEmpty();
        assertThat(store.nextTransactionID()).as("transactions that wrote").isEqualTo(before);
        store.put("row2", "b");
        assertThat(tab.pull()).as("the pull that writes them").containsExactly(line("row2", "b"));
        assertThat(buckets()).isEqualTo(128);
        theRecordIsRight();
        store.put("row3", "c");
        assertThat(tab.pull()).containsExactly(line("row3", "c"));
        assertThat(buckets()).isEqualTo(128);
        theRecordIsRight();
        assertThat(behind.pull())
                .as("who was told when there were fewer of them")
                .hasSize(1_503)
                .contains(line("row1", "a"), line("row2", "b"), line("row3", "c"));

        fill("more", 40_000);
        assertThat(tab.pull()).hasSize(40_000);
        assertThat(buckets())
                .as("all is read anyway, so they are written at once")
                .isEqualTo(1_024);
        theRecordIsRight();
        store.put("row4", "d");
        assertThat(tab.pull()).containsExactly(line("row4", "d"));

        db.execute(
                "delete from " + store.table() + " where id > 'row2'",
                "delete from " + store.table() + " where id < 'row'");
        List<String> gone = tab.pull();
        assertThat(gone).allMatch(line -> line.startsWith("del ")).hasSizeGreaterThan(40_000);
        assertThat(buckets()).as("of 32, the fewest").isBetween(25, 32);
        theRecordIsRight();
        store.put("row1", "e");
        assertThat(tab.pull()).containsExactly(line("row1", "e"));
        theRecordIsRight();
        assertThat(behind.pull()).contains(line("row1", "e"));
        assertThat(behind.view()).isEqualTo(store.committed("ann")).isEqualTo(tab.view());
    }
}
