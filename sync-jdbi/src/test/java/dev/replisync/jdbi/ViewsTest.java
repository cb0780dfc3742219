package dev.replisync.jdbi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replisync.Mutators;
import dev.replisync.SyncServer;
import dev.replisync.protocol.Caller;
import dev.replisync.strategy.rowversion.RowVersion;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What views are made of under row versions: joins, filters, windows, rules, queries, and each kind of row version. */
class ViewsTest {
    private TestDatabase db;
    private SyncServer<Handle> server;

    private static final SyncedTable LISTS = SyncedTable.of("list")
            .key("list/", "id")
            .columns("id", "owner")
            .readableBy("select t.owner union select s.user_id from share s where s.list_id = t.id");

    private static final SyncedTable ITEMS = SyncedTable.of("todo")
            .key("todo/", "id")
            .columns("id", "txt", "pos")
            .readableBy(
                    "select l.owner from list l where l.id = t.list_id union select s.user_id from share s where"
                            + " s.list_id = t.list_id",
                    "t.list_id in (select l.id from list l where l.owner = :user union select s.list_id from share s"
                            + " where s.user_id = :user)");

    private void open(DatabaseKind kind, SyncedTable... tables) {
        db = TestDatabase.create(kind);
        db.execute(
                "create table list (id varchar(20) primary key, owner varchar(20) not null)",
                "create table todo (id varchar(20) primary key, list_id varchar(20) not null, txt varchar(20), pos int,"
                        + " ver bigint)",
                "create table share (list_id varchar(20), user_id varchar(20))",
                "create table control (profile varchar(20) primary key, most int)",
                "insert into list values ('a', 'ann'), ('b', 'bob')",
                "insert into todo (id, list_id, txt, pos) values ('a1', 'a', 'one', 1), ('a2', 'a', 'two', 2), ('b1', 'b',"
                        + " 'bee', 1)");
        reopen("", tables);
    }

    private void reopen(String viewVersion, SyncedTable... tables) {
        JdbiStorage storage = JdbiStorage.builder(db.jdbi())
                .tables(tables)
                .viewVersion(viewVersion)
                .build();
        server = SyncServer.builder(storage.install())
                .strategy(new RowVersion().records(storage.recordTable()))
                .mutators(new Mutators<Handle>().add("sql", String.class, (h, sql, ctx) -> h.execute(sql)))
                .build();
    }

    @AfterEach
    void close() {
        server.close();
        db.assertNoConnectionLeaks();
        db.close();
    }

    private Tab tab(String user) {
        return new Tab(server, user, "group-" + user, "client-" + user);
    }

    /** Rules R41, R55 and R59: no touch, no tombstone; rows leave and enter by other rows. */
    @ParameterizedTest
    @EnumSource(DatabaseKind.class)
    void whatAnySqlWritesIsSeen(DatabaseKind kind) {
        open(kind, LISTS, ITEMS);
        Tab ann = tab("ann");
        Tab bob = tab("bob");
        assertThat(ann.pull()).hasSize(3);
        assertThat(bob.pull())
                .containsExactlyInAnyOrder(
                        "put list/b {\"id\":\"b\",\"owner\":\"bob\"}",
                        "put todo/b1 {\"id\":\"b1\",\"txt\":\"bee\",\"pos\":1}");
        ann.push("sql", "insert into share values ('a', 'bob')");
        assertThat(ann.pull()).isEmpty();
        assertThat(bob.pull())
                .containsExactlyInAnyOrder(
                        "put list/a {\"id\":\"a\",\"owner\":\"ann\"}",
                        "put todo/a1 {\"id\":\"a1\",\"txt\":\"one\",\"pos\":1}",
                        "put todo/a2 {\"id\":\"a2\",\"txt\":\"two\",\"pos\":2}");
        db.execute("update todo set txt = 'uno' where id = 'a1'", "delete from todo where id = 'a2'");
        assertThat(bob.pull())
                .containsExactlyInAnyOrder("put todo/a1 {\"id\":\"a1\",\"txt\":\"uno\",\"pos\":1}", "del todo/a2");
        db.execute("delete from share");
        assertThat(bob.pull()).containsExactlyInAnyOrder("del list/a", "del todo/a1");
        assertThat(bob.pull()).isEmpty();
        // The same row again, in one transaction and with the same values: rule R57.
        db.jdbi().useTransaction(h -> {
            h.execute("delete from todo where id = 'b1'");
            h.execute("insert into todo (id, list_id, txt, pos) values ('b1', 'b', 'bee', 1)");
        });
        bob.pull();
        assertThat(bob.view()).containsEntry("todo/b1", "{\"id\":\"b1\",\"txt\":\"bee\",\"pos\":1}");
    }

    /** Rule R55: many rows are asked for as the condition puts it, one row as the query does. The last rule counts. */
    @ParameterizedTest
    @EnumSource(DatabaseKind.class)
    void aRuleThatIsPutTwiceIsAskedEachInItsPlace(DatabaseKind kind) {
        SyncedTable differing = ITEMS.readableBy("select 'ann'", "t.id = 'b1' and :user = 'bob'");
        open(kind, differing);
        assertThat(tab("ann").pull()).isEmpty();
        assertThat(tab("bob").pull()).hasSize(1);
        server.<RuntimeException>write("default", (h, ctx) -> {
            assertThat(SdkTransaction.of(h).visible("ann", "default", "todo/b1"))
                    .isTrue();
            assertThat(SdkTransaction.of(h).visible("bob", "default", "todo/b1"))
                    .isFalse();
        });
        server.close();
        reopen("", differing.readableBy("select 'ann'"));
        assertThat(tab("ann").pull()).hasSize(3);
        assertThat(tab("bob").pull()).isEmpty();
    }

    /** S3's windows: a row of the profile says how much of the view there is, without a say in what may be seen. */
    @ParameterizedTest
    @EnumSource(DatabaseKind.class)
    void aWindowFollowsItsControlRow(DatabaseKind kind) {
        SyncedTable window = ITEMS.viewQuery(
                "select d.id from todo d join list l on l.id = d.list_id where l.owner = :user"
                        + " and d.pos <= coalesce((select c.most from control c where c.profile = :profile), 1) -- by place");
        open(kind, window);
        Tab ann = tab("ann");
        assertThat(ann.pull()).containsExactly("put todo/a1 {\"id\":\"a1\",\"txt\":\"one\",\"pos\":1}");
        db.execute("insert into control values ('p', 2), ('other', 0)");
        assertThat(ann.pull()).containsExactly("put todo/a2 {\"id\":\"a2\",\"txt\":\"two\",\"pos\":2}");
        db.execute("update control set most = 0 where profile = 'p'");
        assertThat(ann.pull()).containsExactlyInAnyOrder("del todo/a1", "del todo/a2");
        server.<RuntimeException>write(
                "default",
                (h, ctx) -> assertThat(SdkTransaction.of(h).visible("ann", "default", "todo/a1"))
                        .as("the window is no matter of permission")
                        .isTrue());
    }

    @ParameterizedTest
    @EnumSource(DatabaseKind.class)
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void aUnionIsNotRunAgainForEachRow(DatabaseKind kind) {
        SyncedTable window = ITEMS.viewQuery(
                "select d.id from todo d where not exists (select 1 from control c where c.profile = :profile)"
                        + " union all (select d.id from todo d where d.pos < 10 order by d.pos limit 5)");
        open(kind, window);
        db.jdbi().useHandle(h -> {
            PreparedBatch rows =
                    h.prepareBatch("insert into todo (id, list_id, txt, pos) values (?, 'a', 'many', 100)");
            IntStream.range(0, 8_000).forEach(i -> rows.bind(0, "many" + i).add());
            rows.execute();
        });
        assertThat(tab("ann").pull()).hasSize(8_002);
        db.execute("insert into control values ('p', 0)");
        assertThat(tab("ann").pull()).hasSize(2);
    }

    /** Else a pull of twenty thousand rows that meets one push takes minutes. */
    @Test
    void aViewQueryIsRunOnceOnH2ThoughOthersWriteMeanwhile() {
        open(DatabaseKind.H2, ITEMS.viewQuery("select d.id from todo d where counted(d.id)"));
        db.execute("create alias counted deterministic for \"" + Counted.class.getName() + ".counted\"");
        Counted.calls.set(0);
        Counted.atFirst = () -> db.execute("update todo set pos = 7");
        assertThat(tab("ann").pull())
                .as("of one moment, before the write")
                .hasSize(2)
                .noneMatch(o -> o.contains("7"));
        assertThat(Counted.calls).as("rows that the view query has read").hasValue(3);
    }

    /** A function of H2. */
    public static final class Counted {
        private static final AtomicInteger calls = new AtomicInteger();
        private static Runnable atFirst = () -> {};

        private Counted() {}

        public static boolean counted(String id) {
            if (calls.incrementAndGet() == 1) {
                atFirst.run();
            }
            return !id.isEmpty();
        }
    }

    /** Rule R42: what a value takes from another row is noticed, for the whole value is hashed. */
    @ParameterizedTest
    @EnumSource(DatabaseKind.class)
    void aQuerySeesWhatItsJoinsBring(DatabaseKind kind) {
        SyncedTable overview = SyncedTable.query(
                        "select l.id, l.owner, count(d.id) as todos, max(d.txt) as last from list l"
                                + " left join todo d on d.list_id = l.id where l.owner = :user group by l.id, l.owner -- each list")
                .key("overview/", "id")
                .columns("id", "owner", "last")
                .number("todos", "todos");
        open(kind, overview, ITEMS);
        Tab ann = tab("ann");
        assertThat(ann.pull())
                .contains("put overview/a {\"id\":\"a\",\"owner\":\"ann\",\"last\":\"two\",\"todos\":2}")
                .hasSize(3);
        db.execute("delete from todo where id = 'a2'");
        assertThat(ann.pull())
                .containsExactlyInAnyOrder(
                        "put overview/a {\"id\":\"a\",\"owner\":\"ann\",\"last\":\"one\",\"todos\":1}", "del todo/a2");
        db.execute("insert into list values ('c', 'ann')", "update list set owner = 'bob' where id = 'a'");
        assertThat(ann.pull())
                .containsExactlyInAnyOrder(
                        "del overview/a",
                        "del todo/a1",
                        "put overview/c {\"id\":\"c\",\"owner\":\"ann\",\"last\":null,\"todos\":0}");
        assertThat(tab("bob").pull()).hasSize(4);
    }

    /** A column of versions is believed: what does not move it is not seen, unless the SDK writes or is told. */
    @ParameterizedTest
    @EnumSource(DatabaseKind.class)
    void aColumnOfVersionsIsBelieved(DatabaseKind kind) {
        SyncedTable todos = ITEMS.rowVersionColumn("ver");
        open(kind, todos);
        Tab ann = tab("ann");
        assertThat(ann.pull()).hasSize(2);
        server.<RuntimeException>write("default", (h, ctx) -> todos.update(h, ctx, Map.of("id", "a1", "txt", "uno")));
        assertThat(ann.pull()).containsExactly("put todo/a1 {\"id\":\"a1\",\"txt\":\"uno\",\"pos\":1}");
        db.execute("update todo set txt = 'unseen' where id = 'a1'");
        assertThat(ann.pull()).isEmpty();
        server.<RuntimeException>write("default", (h, ctx) -> todos.touchWhere(h, ctx, Set.of(), "t.txt = 'unseen'"));
        assertThat(ann.pull()).containsExactly("put todo/a1 {\"id\":\"a1\",\"txt\":\"unseen\",\"pos\":1}");
        // Deleted and inserted again where both began without a version: rule R41.
        for (String text : new String[] {"three", "four"}) {
            server.<RuntimeException>write("default", (h, ctx) -> {
                h.execute("delete from todo where id = 'a3'");
                h.execute("insert into todo (id, list_id, txt, pos) values ('a3', 'a', '" + text + "', 3)");
                ctx.touch("todo/a3");
            });
            assertThat(ann.pull()).containsExactly("put todo/a3 {\"id\":\"a3\",\"txt\":\"" + text + "\",\"pos\":3}");
        }
    }

    /** Rule R43: another value of the same rows, and other tables. */
    @ParameterizedTest
    @EnumSource(DatabaseKind.class)
    void aDeployThatChangesValuesSendsThemAnew(DatabaseKind kind) {
        open(kind, LISTS, ITEMS);
        Tab before = tab("ann");
        assertThat(before.pull()).hasSize(3);
        server.close();
        reopen("", LISTS, ITEMS.column("list_id", "listID"));
        Tab after = tab("ann").continuing(before);
        assertThat(after.pull())
                .contains("clear", "put todo/a1 {\"id\":\"a1\",\"txt\":\"one\",\"pos\":1,\"listID\":\"a\"}");
        server.close();
        reopen("", LISTS, ITEMS.column("list_id", "listID").where("t.pos > 1"));
        after = tab("ann").continuing(after);
        assertThat(after.pull())
                .as("who sees which rows is compared, not sent anew")
                .containsExactly("del todo/a1");
        server.close();
        reopen("2", LISTS, ITEMS.column("list_id", "listID").where("t.pos > 1"));
        assertThat(tab("ann").continuing(after).pull()).contains("clear").hasSize(3);
    }

    /** Rule R60, with more tables than one: what is compared is keys, in whatever order the database has them. */
    @ParameterizedTest
    @EnumSource(DatabaseKind.class)
    void keysOfAllKindsAreCompared(DatabaseKind kind) {
        open(kind, ITEMS);
        String[] ids = {"\uD83D\uDE00", "\uFF5E", "Z", "a", "\u00E4", "I\u0307", "\u0131", " ", "'", "\\", "{", ",", "%"
        };
        db.jdbi().useHandle(h -> {
            for (String id : ids) {
                h.execute("insert into todo (id, list_id, txt, pos) values (?, 'a', 'x', 1)", id);
            }
        });
        Tab ann = tab("ann");
        assertThat(ann.pull()).hasSize(ids.length + 2);
        db.execute("insert into control values ('x', 1)");
        assertThat(ann.pull()).isEmpty();
        db.execute("update todo set txt = 'y' where txt = 'x'");
        assertThat(ann.pull()).hasSize(ids.length).allMatch(line -> line.startsWith("put todo/"));
        db.execute("delete from todo where txt = 'y'");
        assertThat(ann.pull()).hasSize(ids.length).allMatch(line -> line.startsWith("del todo/"));
    }

    /** Rule R45: another user's group is refused, and its counter stays (R53). */
    @ParameterizedTest
    @EnumSource(DatabaseKind.class)
    void anotherUsersGroupIsNotCounted(DatabaseKind kind) {
        open(kind, LISTS, ITEMS);
        tab("ann").pull();
        String counter = "select counter from \"replisync_pull\" where group_id = 'group-ann'";
        assertThat(counter(counter)).isEqualTo(1);
        assertThat(server.pull(
                                new Caller("bob", "default", "r"),
                                new java.io.ByteArrayInputStream(
                                        ("{\"pullVersion\":1,\"profileID\":\"p\",\"schemaVersion\":\"\",\"cookie\":null,"
                                                        + "\"clientGroupID\":\"group-ann\"}")
                                                .getBytes(java.nio.charset.StandardCharsets.UTF_8)))
                        .status())
                .isEqualTo(403);
        assertThat(counter(counter)).isEqualTo(1);
    }

    private long counter(String sql) {
        return db.jdbi().withHandle(h -> h.createQuery(sql).mapTo(Long.class).one());
    }
}
