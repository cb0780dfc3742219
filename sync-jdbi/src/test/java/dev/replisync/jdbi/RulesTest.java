package dev.replisync.jdbi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replisync.Mutators;
import dev.replisync.SyncServer;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Who hears of what, under each mapping: read rules, deletions, revivals, garbage (R49, R51, R55, R57, R58). */
class RulesTest {
    private TestDatabase db;
    private SyncedTable lists;
    private SyncedTable todos;
    private SyncServer<Handle> server;
    private JdbiStorage storage;
    private final TestClock clock = new TestClock();

    record Todo(String id, String listID, String body) {}

    record Share(String listID, String userID) {}

    record ID(String id) {}

    static Stream<Arguments> all() {
        return Stream.of(DatabaseKind.values())
                .flatMap(kind -> Mapping.ofVersions().stream().map(mapping -> Arguments.of(kind, mapping)));
    }

    private void open(DatabaseKind kind, Mapping mapping) {
        db = TestDatabase.create(kind);
        db.execute(
                "create table list (id varchar(20) primary key, owner varchar(20) not null" + mapping.columns() + ")",
                "create table todo (id varchar(20) primary key, list_id varchar(20) not null, body varchar"
                        + mapping.columns() + ")",
                "create table share (list_id varchar(20), user_id varchar(20), since_version bigint)");
        lists = mapping.of(SyncedTable.of("list").key("list/", "id").columns("id", "owner"))
                .readableBy("select t.owner union select s.user_id from share s where s.list_id = t.id")
                .rulesChangedSince("exists (select 1 from share s where s.list_id = t.id and s.user_id = :user and"
                        + " s.since_version > :since)");
        todos = mapping.of(SyncedTable.of("todo")
                        .key("todo/", "id")
                        .column("id", "id")
                        .column("list_id", "listID")
                        .column("body", "body"))
                .readableBy(
                        "select l.owner from list l where l.id = t.list_id union select s.user_id from share s where"
                                + " s.list_id = t.list_id",
                        "t.list_id in (select l.id from list l where l.owner = :user union select s.list_id from"
                                + " share s where s.user_id = :user)");
        storage = JdbiStorage.builder(db.jdbi())
                .tables(lists, todos)
                .clock(clock)
                .build()
                .install();
        server = SyncServer.builder(storage)
                .strategy("global")
                .mutators(new Mutators<Handle>()
                        .add(
                                "list",
                                ID.class,
                                (h, list, ctx) -> lists.put(h, ctx, Map.of("id", list.id(), "owner", ctx.userID())))
                        .add("todo", Todo.class, (h, todo, ctx) -> todos.put(h, ctx, todo))
                        .add("deleteTodo", ID.class, (h, todo, ctx) -> {
                            todos.delete(h, ctx, todo.id());
                            assertThat(todos.find(h, todo.id())).isEmpty();
                            assertThat(ctx.canSee("todo/" + todo.id())).isFalse();
                        })
                        .add("recreate", Todo.class, (h, todo, ctx) -> {
                            todos.delete(h, ctx, todo.id());
                            todos.insert(h, ctx, todo);
                            assertThat(todos.find(h, todo.id(), Todo.class)).contains(todo);
                            assertThat(ctx.canSee("todo/" + todo.id())).isTrue();
                        })
                        .add("share", Share.class, (h, s, ctx) -> {
                            h.execute(
                                    "insert into share values (?, ?, ?)",
                                    s.listID(),
                                    s.userID(),
                                    ctx.version().orElseThrow());
                            todos.touchWhere(h, ctx, Set.of(), "t.list_id = ?", s.listID());
                        })
                        .add("unshare", Share.class, (h, s, ctx) -> {
                            h.execute("delete from share where list_id = ? and user_id = ?", s.listID(), s.userID());
                            lists.touchWhere(h, ctx, Set.of(s.userID()), "t.id = ?", s.listID());
                            todos.touchWhere(h, ctx, Set.of(s.userID()), "t.list_id = ?", s.listID());
                        }))
                .build();
    }

    @AfterEach
    void close() {
        server.close();
        db.assertNoConnectionLeaks();
        db.close();
    }

    private Tab tab(String user) {
        return new Tab(server, user, "g-" + user, "c-" + user);
    }

    private static String put(String id, String list, String body) {
        return "put todo/" + id + " {\"id\":\"" + id + "\",\"listID\":\"" + list + "\",\"body\":\"" + body + "\"}";
    }

    @ParameterizedTest
    @MethodSource("all")
    void onlyReadersHear(DatabaseKind kind, Mapping mapping) {
        open(kind, mapping);
        Tab ann = tab("ann");
        Tab bob = tab("bob");
        Tab eve = tab("eve");
        Stream.of(ann, bob, eve).forEach(Tab::pull);
        ann.push("list", new ID("l")).push("todo", new Todo("1", "l", "a"));
        assertThat(bob.pull()).isEmpty();
        ann.push("share", new Share("l", "bob"));
        assertThat(bob.pull())
                .as("entered without being changed, the list by the rules' own version")
                .containsExactlyInAnyOrder("put list/l {\"id\":\"l\",\"owner\":\"ann\"}", put("1", "l", "a"));
        bob.push("todo", new Todo("1", "l", "b"));
        assertThat(ann.pull()).contains(put("1", "l", "b"));
        ann.push("unshare", new Share("l", "bob")).push("todo", new Todo("1", "l", "c"));
        assertThat(bob.pull()).containsExactlyInAnyOrder("del list/l", "del todo/1");
        assertThat(eve.pull()).as("a stranger").isEmpty();
        ann.push("todo", new Todo("1", "l", "d"));
        assertThat(bob.pull()).as("lost it and has heard so").isEmpty();
        ann.push("deleteTodo", new ID("1"));
        assertThat(ann.pull()).contains("del todo/1");
        assertThat(bob.pull()).as("lost it and has heard so").isEmpty();
        assertThat(eve.pull()).as("a stranger").isEmpty();
        ann.push("todo", new Todo("2", "l", "x"));
        ann.pull();
        ann.push("todo", new Todo("2", "other", "x"));
        assertThat(ann.pull()).as("moved to a list that ann does not see").containsExactly("del todo/2");
        assertThat(eve.pull()).as("a stranger").isEmpty();
    }

    @ParameterizedTest
    @MethodSource("all")
    void deletedAndCreatedAgainIsOnePut(DatabaseKind kind, Mapping mapping) {
        open(kind, mapping);
        Tab ann = tab("ann");
        ann.push("list", new ID("l")).push("todo", new Todo("1", "l", "a")).pull();
        ann.push("recreate", new Todo("1", "l", "b"));
        assertThat(ann.pull()).containsExactly(put("1", "l", "b"));
        ann.push("deleteTodo", new ID("1")).push("todo", new Todo("1", "l", "c"));
        assertThat(ann.pull()).containsExactly(put("1", "l", "c"));
        ann.push("deleteTodo", new ID("1")).push("deleteTodo", new ID("1")).push("deleteTodo", new ID("never"));
        assertThat(ann.pull()).containsExactly("del todo/1");
        ann.push("todo", new Todo("9", "l", "c")).push("deleteTodo", new ID("9"));
        assertThat(ann.pull()).as("came and went").isSubsetOf("del todo/9");
    }

    @ParameterizedTest
    @MethodSource("all")
    void garbageGoesAndOldClientsStartAgain(DatabaseKind kind, Mapping mapping) {
        open(kind, mapping);
        Tab ann = tab("ann");
        Tab late = new Tab(server, "ann", "g-late", "c-late");
        ann.push("list", new ID("l")).push("todo", new Todo("1", "l", "a")).push("todo", new Todo("2", "l", "b"));
        late.push("list", new ID("l2")).pull();
        ann.push("deleteTodo", new ID("1")).pull();
        storage.collectGarbage(Duration.ofDays(365), Duration.ofDays(30));
        late.push("todo", new Todo("3", "l2", "x"));
        assertThat(late.pull()).as("nothing is old yet").doesNotContain("clear").contains("del todo/1");
        ann.pull();
        Tab stale = new Tab(server, "ann", "g-stale", "c-stale");
        stale.pull();
        clock.pass(Duration.ofDays(20));
        ann.push("deleteTodo", new ID("2")).pull();
        storage.collectGarbage(Duration.ofDays(365), Duration.ofDays(30));
        clock.pass(Duration.ofDays(20));
        storage.collectGarbage(Duration.ofDays(365), Duration.ofDays(30));
        assertThat(number("select floor from \"replisync_space\"")).isPositive();
        assertThat(stale.pull()).as("the floor is what was known 30 days ago").containsExactly("del todo/2");
        ann.push("list", new ID("l3"));
        Tab old = new Tab(server, "ann", "g-old", "c-old");
        old.pull();
        ann.push("deleteTodo", new ID("3"));
        storage.collectGarbage(Duration.ofDays(365), Duration.ZERO);
        assertThat(number("select count(*) from \"replisync_ledger\"")).isZero();
        assertThat(number("select count(*) from \"replisync_audience\"")).isZero();
        if (mapping == Mapping.VERSION_AND_DELETED) {
            assertThat(number("select count(*) from todo where gone")).isZero();
        }
        assertThat(old.pull()).as("below the floor").startsWith("clear").doesNotContain("del todo/3");
        assertThat(old.pull()).as("and on from there").isEmpty();
        assertThat(number("select count(*) from \"replisync_client_group\"")).isEqualTo(2);
        clock.pass(Duration.ofDays(200));
        ann.pull();
        clock.pass(Duration.ofDays(200));
        storage.collectGarbage(Duration.ofDays(365), Duration.ofDays(30));
        assertThat(number("select count(*) from \"replisync_client_group\""))
                .as("a group that only pulls lives on, the other is gone")
                .isEqualTo(1);
        assertThat(number("select count(*) from \"replisync_client\"")).isEqualTo(1);
        ann.push("list", new ID("l4"));
    }

    private int number(String sql) {
        return db.jdbi().withHandle(h -> h.select(sql).mapTo(Integer.class).one());
    }
}
