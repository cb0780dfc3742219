package dev.replisync.jdbi;

import static dev.replisync.jdbi.KeptStore.line;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.replisync.storage.KeptViews;
import dev.replisync.storage.KeptViews.Position;
import dev.replisync.storage.KeptViews.Request;
import dev.replisync.storage.OpenPush.Group;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Kept views do not look at the view if nobody wrote since, and only then. */
class KeptProofTest {
    private static TestDatabase db;

    /** Fails when a row of the view is read. */
    private static TestDatabase blind;

    private KeptStore store;
    private KeptViews views;
    private KeptViews blindViews;

    @BeforeAll
    static void open() {
        db = TestDatabase.postgres("");
        blind = db.sibling("&options=-c%20kept.probe=1");
    }

    @AfterAll
    static void close() {
        blind.close();
        db.close();
    }

    @BeforeEach
    void create() {
        store = new KeptStore(db, new TestClock());
        views = store.node("v");
        blindViews = store.node(blind, "v");
    }

    private Holder blind(Holder tab) {
        return tab.as(blindViews, "ann", "g", "profile");
    }

    @Test
    void theViewIsNotReadIfNobodyWrote() {
        store.put("a", "1");
        Holder tab = new Holder(views, "ann", "g");
        tab.pull();
        assertThat(blind(tab).pull()).as("after a first pull of a new group").isEmpty();
        store.put("a", "2");
        assertThatThrownBy(() -> blind(tab).pull())
                .as("the probe itself")
                .isInstanceOf(StorageException.class)
                .hasStackTraceContaining("division by zero");
        tab.pull();
        assertThat(blind(tab).pull()).as("after a pull with a patch").isEmpty();
        assertThat(blind(tab).pull()).as("and again").isEmpty();
        store.client("g", "c", 1);
        tab.pull();
        Holder fork = tab.as(views, "ann", "g2", "profile");
        store.client("g2", "c2", 1);
        fork.pull();
        assertThat(blind(tab).pull())
                .as("though another group went on with the same view")
                .isEmpty();
    }

    /** Nothing is written for it (rule R14), so each node looks once. */
    @Test
    void afterAWriteElsewhereANodeLooksOnce() {
        AtomicBoolean isBlind = new AtomicBoolean();
        KeptViews node = new KeptReads(
                store.nodeOf(
                        Jdbi.create(() -> (isBlind.get() ? blind : db).pool().getConnection())),
                "v",
                KeptStore.LIFE);
        store.put("a", "1");
        Holder tab = new Holder(node, "ann", "g");
        tab.pull();
        for (int i = 1; i <= 3; i++) {
            store.client("elsewhere", "c", i);
            isBlind.set(true);
            assertThatThrownBy(tab::pull).as("before it has looked").isInstanceOf(StorageException.class);
            isBlind.set(false);
            String next = store.nextTransactionID();
            assertThat(tab.pull()).isEmpty();
            isBlind.set(true);
            assertThat(tab.pull()).as("after it has looked").isEmpty();
            assertThat(tab.tab().pull()).as("another tab of the group").isEmpty();
            assertThatThrownBy(() -> blind(tab).pull()).as("another node").isInstanceOf(StorageException.class);
            assertThat(store.nextTransactionID()).as("nobody wrote").isEqualTo(next);
        }
        isBlind.set(false);
        store.put("a", "2");
        assertThat(tab.pull()).containsExactly(line("a", "2"));
    }

    /** Another server, or another run of it, may count the same number of other transactions. */
    @Test
    void whatANodeRemembersIsOfOneRunOfTheDatabaseServer() {
        store.put("a", "1");
        Holder tab = new Holder(views, "ann", "g");
        tab.pull();
        store.client("elsewhere", "c", 1);
        String known = proof(store.nodeOf(db), tab, "");
        String started = db.jdbi()
                .withHandle(h -> h.select("select extract(epoch from pg_postmaster_start_time())::text")
                        .mapTo(String.class)
                        .one());
        assertThat(known).startsWith(started + " ");
        Node unseeing = store.nodeOf(blind);
        assertThat(proof(unseeing, tab, known)).isEqualTo(known);
        assertThatThrownBy(() -> proof(unseeing, tab, "1" + known)).isInstanceOf(StorageException.class);
    }

    /** What a pull proves of which is known what is said. */
    private static String proof(Node node, Holder tab, String known) {
        Request request = new Request("ann", JdbiStorage.GLOBAL_SPACE, "g", "profile", tab.held());
        KeptPull.Query query = KeptPull.Query.of(node, ViewSql.of(node, JdbiStorage.GLOBAL_SPACE), "v");
        try (KeptPull pull = KeptPull.open(node, KeptStore.LIFE.toMillis(), query, request, known)) {
            return pull.proof();
        }
    }

    /** One may hold what is there again by now, while the latest record is another. */
    @Test
    void nothingToTellProvesNothingAboutTheLatestRecord() {
        SyncedTable hashed =
                SyncedTable.of(store.table()).key("item/", "id").columns("val").rowVersionHash();
        KeptViews node = new KeptReads(
                new Node(db.jdbi(), store.names(), new TestClock(), List.of(hashed), null), "v", KeptStore.LIFE);
        store.put("a", "1");
        Holder early = new Holder(node, "ann", "g");
        early.pull();
        store.client("g2", "c2", 1);
        Holder late = early.as(node, "ann", "g2", "profile");
        store.put("a", "2");
        assertThat(late.pull()).containsExactly(line("a", "2"));
        store.put("a", "1");
        assertThat(early.pull()).as("it holds what is there").isEmpty();
        assertThat(late.pull()).containsExactly(line("a", "1"));
    }

    @Test
    void whatIsNotOverIsNoHindrance() throws SQLException {
        store.put("a", "1");
        Holder tab = new Holder(views, "ann", "g");
        try (Connection other = db.pool().getConnection()) {
            other.setAutoCommit(false);
            run(other, store.upsert("b", "1"));
            tab.pull();
            assertThat(blind(tab).pull()).as("while somebody writes").isEmpty();
            store.put("a", "2");
            assertThat(tab.pull()).containsExactly(line("a", "2"));
            assertThat(blind(tab).pull()).as("while somebody writes").isEmpty();
            other.commit();
            assertThat(tab.pull()).as("when it is over").containsExactly(line("b", "1"));
            assertThat(blind(tab).pull()).isEmpty();
        }
    }

    @Test
    void anotherReleaseProvesItsOwn() {
        store.put("a", "1");
        Holder tab = new Holder(views, "ann", "g");
        tab.pull();
        SyncedTable fewer =
                SyncedTable.of(store.table()).key("item/", "id").columns("val").where("t.id <> 'a'");
        KeptViews next = new KeptReads(
                new Node(db.jdbi(), store.names(), new TestClock(), List.of(fewer), null), "v", KeptStore.LIFE);
        assertThat(tab.as(next, "ann", "g", "profile").pull())
                .as("nobody wrote, but the view is another one")
                .containsExactly("del item/a");
    }

    /** A new group's transaction has its id before it reads, and others may be over in between. */
    @Test
    void aTransactionThatHadItsIdBeforeIsCountedOnce() throws SQLException {
        store.put("a", "1");
        Holder tab = new Holder(views, "ann", "g");
        Node node = store.nodeOf(db);
        Request request = new Request("ann", JdbiStorage.GLOBAL_SPACE, "g", "profile", Optional.empty());
        KeptPull.Query query = KeptPull.Query.of(node, ViewSql.of(node, JdbiStorage.GLOBAL_SPACE), "v");
        Map<String, Object> parameters = KeptPull.parameters(node, query, request);
        parameters.put(KeptSql.USED, 0L);
        try (Connection pulling = db.pool().getConnection()) {
            pulling.setAutoCommit(false);
            Flush flush = node.dialect().flush();
            node.dialect().insertGroup(flush, new Group("g", "ann", JdbiStorage.GLOBAL_SPACE), 0);
            flush.run(pulling);
            store.put("a", "2");
            List<String> told = new ArrayList<>();
            flush.add(query.sql().sql(), query.sql().values(parameters), row -> {
                if (row.getArray(3) != null) {
                    String[] info = (String[]) row.getArray(3).getArray();
                    tab.holding(Optional.of(new Position(info[7], Long.parseLong(info[8]))));
                }
                told.add(row.getString(2));
            });
            flush.run(pulling);
            pulling.commit();
            assertThat(told).containsExactly(null, "{\"val\":\"2\"}");
        }
        assertThat(blind(tab).pull()).isEmpty();
        store.put("a", "3");
        assertThat(tab.pull()).containsExactly(line("a", "3"));
    }

    /** Transactions of all kinds in one thread: after each pull the client holds exactly what is committed. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void itIsExact(long seed) throws SQLException {
        Random random = new Random(seed);
        List<Connection> all = new ArrayList<>();
        List<List<Savepoint>> savepoints = new ArrayList<>();
        List<Holder> tabs = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Connection connection = db.pool().getConnection();
            connection.setAutoCommit(false);
            all.add(connection);
            savepoints.add(new ArrayList<>());
            tabs.add(new Holder(views, i < 3 ? "ann" : "eve", "g" + i / 2 + (i < 3 ? "" : "e"), "p" + i / 3));
        }
        try {
            for (int step = 0; step < 400; step++) {
                int n = random.nextInt(all.size());
                Connection connection = all.get(n);
                List<Savepoint> open = savepoints.get(n);
                switch (random.nextInt(8)) {
                    // Each writes rows of its own, so that none waits for another.
                    case 0, 1 ->
                        run(
                                connection,
                                random.nextInt(4) == 0
                                        ? "delete from " + store.table() + " where id like '" + n + "-%'"
                                        : store.upsert(n + "-" + random.nextInt(3), "v" + step));
                    case 2 -> open.add(connection.setSavepoint());
                    case 3 -> {
                        if (!open.isEmpty()) {
                            connection.rollback(open.remove(random.nextInt(open.size())));
                            open.clear();
                        }
                    }
                    case 4 -> {
                        connection.commit();
                        open.clear();
                    }
                    case 5 -> {
                        if (random.nextInt(3) == 0) {
                            connection.rollback();
                            open.clear();
                        }
                    }
                    case 6 -> store.client("elsewhere", "c", step);
                    default -> {
                        Holder tab = tabs.get(random.nextInt(tabs.size()));
                        tab.pull();
                        assertThat(tab.view())
                                .as("seed %s, step %s", seed, step)
                                .isEqualTo(store.committed("ann"));
                    }
                }
            }
        } finally {
            for (Connection connection : all) {
                connection.rollback();
                connection.close();
            }
        }
    }

    private static void run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
