package dev.replisync.jdbi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replisync.storage.KeptViews;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** First pulls of kept views: of a user without a record, and with one that another tab left. */
class KeptFirstTest {
    private static final int ROWS = 1_000;
    private static final int TABS = 6;

    /** Each row that is looked at takes a number. A condition with a name that columns of the answer have, too. */
    private static final String SEEN = "nextval('looks') > 0 and val is not null";

    private static final Names NAMES = new Names(null, "first_");

    private static TestDatabase db;

    @BeforeAll
    static void open() {
        db = TestDatabase.postgres("");
        Installer.install(db.jdbi(), NAMES);
        db.execute("create sequence looks", "select nextval('looks')");
    }

    @AfterAll
    static void close() {
        db.assertNoConnectionLeaks();
        db.close();
    }

    @BeforeEach
    void create() {
        db.execute(
                "drop table if exists thing",
                "drop table if exists document",
                "create table thing (id text primary key, val text)",
                "create table document (id int primary key, body jsonb)",
                "insert into thing select n, 'x' from generate_series(1, " + ROWS + ") n",
                "insert into document select n, '{\"a\": [1, null]}' from generate_series(1, " + ROWS + ") n",
                "delete from " + NAMES.view(),
                // Or rows are looked for by id in all of them.
                "analyze thing");
    }

    private static KeptViews views(SyncedTable... tables) {
        return new KeptReads(new Node(db.jdbi(), NAMES, new TestClock(), List.of(tables), null), "v", KeptStore.LIFE);
    }

    private static SyncedTable things() {
        return SyncedTable.of("thing").key("thing/", "id").columns("val");
    }

    /** Takes no number, which may be a write. */
    private static long looks() {
        return db.jdbi()
                .withHandle(h -> h.select("select last_value from looks")
                        .mapTo(Long.class)
                        .one());
    }

    private static int rowsLookedAt(Holder tab) {
        long before = looks();
        tab.pull();
        assertThat(tab.view()).hasSize(ROWS);
        return (int) (looks() - before);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aViewIsCountedAndGoneThroughNoMoreThanTwice(boolean window) {
        KeptViews views =
                views(window ? things().viewQuery("select id from thing where " + SEEN) : things().where(SEEN));
        assertThat(rowsLookedAt(new Holder(views, "ann", "g1")))
                .as("for the record and for the answer, and counted, unless it is written down")
                .isEqualTo((window ? 2 : 3) * ROWS);
        assertThat(rowsLookedAt(new Holder(views, "ann", "g2")))
                .as("the record is known to be right")
                .isEqualTo(ROWS);
    }

    @Test
    void aRecordIsOnlyKnownToBeRightIfNobodyWrote() {
        KeptViews views = views(things());
        Holder first = new Holder(views, "ann", "g1");
        first.pull();
        db.execute("update thing set val = 'y' where id = '1'", "delete from thing where id = '2'");
        Holder second = new Holder(views, "ann", "g2");
        second.pull();
        assertThat(second.view()).hasSize(ROWS - 1).containsEntry("thing/1", "{\"val\":\"y\"}");
        assertThat(first.pull()).containsExactly("del thing/2", "put thing/1 {\"val\":\"y\"}");
        assertThat(second.pull()).isEmpty();
    }

    /** Values that are stored go to the client as they are, those that are made of columns as they are made. */
    @Test
    void tablesOfBothKindsOfValuesGoTogether() {
        KeptViews views = views(
                things(), SyncedTable.of("document").key("document/", "id").value("body"));
        Holder tab = new Holder(views, "ann", "g");
        tab.pull();
        Map<String, String> expected = new TreeMap<>();
        for (int i = 1; i <= ROWS; i++) {
            expected.put("thing/" + i, "{\"val\":\"x\"}");
            expected.put("document/" + i, "{\"a\": [1, null]}");
        }
        assertThat(tab.view()).isEqualTo(expected);
        assertThat(tab.pull()).isEmpty();
        db.execute("update document set body = null where id = 7", "update thing set val = 'y' where id = '8'");
        assertThat(tab.pull()).containsExactly("put document/7 null", "put thing/8 {\"val\":\"y\"}");
    }

    @Test
    void anEmptyViewHasARecordToo() {
        db.execute("delete from thing");
        Holder tab = new Holder(views(things()), "ann", "g");
        assertThat(tab.pull()).containsExactly("clear");
        assertThat(tab.pull()).isEmpty();
        db.execute("insert into thing values ('a', 'x')");
        assertThat(tab.pull()).containsExactly("put thing/a {\"val\":\"x\"}");
    }

    /** Only one of them finds no record; the others have waited for it. */
    @Test
    void tabsThatStartTogetherAllGetTheView() throws InterruptedException {
        KeptViews[] nodes = {views(things()), views(things())};
        for (int round = 0; round < 5; round++) {
            List<Holder> tabs = new ArrayList<>();
            for (int i = 0; i < TABS; i++) {
                tabs.add(new Holder(nodes[i % 2], "user" + round, "group" + round + "-" + i));
            }
            AtomicInteger pulling = new AtomicInteger(TABS);
            Counters.inParallel(TABS + 1, i -> {
                if (i < TABS) {
                    try {
                        tabs.get(i).pull();
                    } finally {
                        pulling.decrementAndGet();
                    }
                }
                // Somebody writes elsewhere, or the record of the first would be known to be right.
                while (i == TABS && pulling.get() > 0) {
                    db.execute("update document set body = '1' where id = 1");
                }
            });
            for (Holder tab : tabs) {
                assertThat(tab.view()).hasSize(ROWS);
                assertThat(tab.pull()).isEmpty();
            }
        }
    }
}
