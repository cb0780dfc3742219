package dev.replisync.jdbi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.replisync.Mutators;
import dev.replisync.SyncObserver;
import dev.replisync.SyncServer;
import dev.replisync.protocol.Caller;
import dev.replisync.protocol.Mutation;
import dev.replisync.strategy.rowversion.RowVersion;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The query entity of a browser, and the window that it opens. */
@Timeout(60)
class SyncedQueryTest {
    private static final SyncedQuery WINDOW =
            SyncedQuery.of("item_window", "window").column("most", "most").column("note", "text");
    private static final SyncedTable ITEMS = SyncedTable.of("item")
            .key("item/", "id")
            .columns("id")
            .viewQuery("select i.id from item i where i.id <= coalesce((" + WINDOW.select("q.most") + "), 1)");

    private final List<Throwable> failures = new CopyOnWriteArrayList<>();
    private TestDatabase db = TestDatabase.h2();
    private SyncServer<Handle> server = server();

    private void open(DatabaseKind kind) {
        close();
        db = TestDatabase.create(kind);
        server = server();
    }

    private SyncServer<Handle> server() {
        db.execute(
                "create table item (id int primary key)",
                "create table item_window (user_id varchar(20), space_id varchar(20), profile_id varchar(20), most int"
                        + " default 2, note varchar(20), primary key (user_id, space_id, profile_id))",
                "insert into item values (1), (2), (3)");
        JdbiStorage storage = JdbiStorage.builder(db.jdbi())
                .tables(ITEMS, WINDOW.entity())
                .build()
                .install();
        return SyncServer.builder(storage)
                .strategy(new RowVersion())
                .createSpaces()
                .observer(new SyncObserver() {
                    @Override
                    public void mutationFailed(Caller caller, String group, Mutation mutation, Throwable cause) {
                        failures.add(cause);
                    }
                })
                .mutators(new Mutators<Handle>()
                        .add(
                                "most",
                                Integer.class,
                                (h, most, ctx) -> WINDOW.set(h, ctx, "one", Map.of("most", most, "note", "set")))
                        .add("column", String.class, (h, name, ctx) -> WINDOW.set(h, ctx, "one", Map.of(name, 1)))
                        .add("default", String.class, (h, profile, ctx) -> WINDOW.set(h, ctx, profile, Map.of())))
                .build();
    }

    @AfterEach
    void close() {
        server.close();
        db.assertNoConnectionLeaks();
        db.close();
    }

    private Tab tab(String user, String space, String profile) {
        String name = user + "-" + space + "-" + profile;
        return new Tab(server, user, space, "g-" + name, "c-" + name).profile(profile);
    }

    @ParameterizedTest
    @EnumSource(DatabaseKind.class)
    void aBrowserWithoutARowHasNoEntity(DatabaseKind kind) {
        open(kind);
        assertThat(tab("ann", "red", "one").pull()).containsExactly("put item/1 {\"id\":1}");
    }

    @ParameterizedTest
    @EnumSource(DatabaseKind.class)
    void whatIsSetIsOfOneUserSpaceAndBrowser(DatabaseKind kind) {
        open(kind);
        Tab ann = tab("ann", "red", "one");
        Tab other = tab("ann", "red", "two");
        Tab blue = tab("ann", "blue", "one");
        Tab bob = tab("bob", "red", "one");
        ann.push("most", 3);
        assertThat(ann.pull())
                .containsExactlyInAnyOrder(
                        "put item/1 {\"id\":1}",
                        "put item/2 {\"id\":2}",
                        "put item/3 {\"id\":3}",
                        "put control/one/window {\"most\":3,\"text\":\"set\"}");
        for (Tab elsewhere : new Tab[] {other, blue, bob}) {
            assertThat(elsewhere.pull()).containsExactly("put item/1 {\"id\":1}");
        }
        bob.push("most", 0);
        other.push("default", "two");
        assertThat(ann.pull()).isEmpty();
        assertThat(blue.pull()).isEmpty();
        assertThat(bob.pull())
                .containsExactlyInAnyOrder("del item/1", "put control/one/window {\"most\":0,\"text\":\"set\"}");
        assertThat(other.pull())
                .containsExactlyInAnyOrder(
                        "put item/2 {\"id\":2}", "put control/two/window {\"most\":2,\"text\":null}");
    }

    @ParameterizedTest
    @EnumSource(DatabaseKind.class)
    void settingAgainReplacesAndATabOfTheBrowserSeesIt(DatabaseKind kind) {
        open(kind);
        Tab ann = tab("ann", "red", "one").push("most", 3);
        Tab second = new Tab(server, "ann", "red", "another group", "c2").profile("one");
        assertThat(ann.pull()).hasSize(4);
        assertThat(second.pull()).hasSize(4);
        second.push("most", 2);
        assertThat(ann.pull())
                .containsExactlyInAnyOrder("del item/3", "put control/one/window {\"most\":2,\"text\":\"set\"}");
        ann.push("default", "one");
        assertThat(second.pull())
                .as("what is not given is the column's default again")
                .containsExactlyInAnyOrder("del item/3", "put control/one/window {\"most\":2,\"text\":null}");
        db.execute("delete from item_window");
        assertThat(ann.pull()).containsExactlyInAnyOrder("del item/2", "del control/one/window");
    }

    @Test
    void whatIsNoNameIsRefused() {
        refused(() -> SyncedQuery.of("", "window"), "table was ''");
        refused(() -> SyncedQuery.of("schema.", "window"), "table was ''");
        refused(() -> SyncedQuery.of("item_window", ""), "name was ''");
        refused(() -> WINDOW.column("most", ""), "''");
        assertThat(tab("ann", "red", "one").tryPush("column", "most) values ('bob', 'red', 'one', 0) --"))
                .isEqualTo(200);
        assertThat(failures)
                .singleElement()
                .satisfies(failure -> assertThat(failure)
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessage(
                                "column was 'most) values ('bob', 'red', 'one', 0) --' but it must be a name, as it is"
                                        + " written in a statement"));
    }

    private static void refused(ThrowingCallable call, String message) {
        assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).hasMessageContaining(message);
    }
}
