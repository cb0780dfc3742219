package dev.replisync.jdbi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.replisync.Mutators;
import dev.replisync.SyncObserver;
import dev.replisync.SyncServer;
import dev.replisync.error.ConfigurationException;
import dev.replisync.protocol.Caller;
import dev.replisync.protocol.Mutation;
import java.sql.Connection;
import java.sql.Statement;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rules R54 and R59: triggers note each row in its own space, with spaces of the SDK and with those of the application. */
class SpaceTriggerTest {
    private static final String A = "00000000-0000-0000-0000-00000000000a";
    private static final String B = "00000000-0000-0000-0000-00000000000b";
    private static final SyncedTable NOTES = SyncedTable.of("note")
            .key("note/", "id")
            .columns("id", "text")
            .space("org_id")
            .readableByAll("t.shared")
            .readableBy("select t.owner_id");

    private final Queue<String> failed = new ConcurrentLinkedQueue<>();
    private final TestDatabase db = TestDatabase.create(DatabaseKind.POSTGRESQL);

    record Write(String sql, String touches) {}

    @AfterEach
    void close() {
        db.assertNoConnectionLeaks();
        db.close();
    }

    private JdbiStorage storage(boolean organizations, SyncedTable notes) {
        db.execute(
                "create table org (id uuid primary key, sync bigint not null default 0)",
                "create table note (id text primary key, org_id uuid not null, text text not null default 'x',"
                        + " owner_id text not null default 'ann', shared boolean not null default false)",
                "insert into org values ('" + A + "'), ('" + B + "')");
        var builder = JdbiStorage.builder(db.jdbi()).tables(notes);
        JdbiStorage storage = (organizations ? builder.spacesIn("org", "id", "sync") : builder)
                .build()
                .install()
                .install();
        if (!organizations) {
            storage.createSpace(A);
            storage.createSpace(B);
        }
        return storage;
    }

    private SyncServer<Handle> server(JdbiStorage storage, String strategy) {
        return SyncServer.builder(storage)
                .strategy(strategy)
                .observer(new SyncObserver() {
                    @Override
                    public void mutationFailed(Caller caller, String group, Mutation mutation, Throwable cause) {
                        failed.add(String.valueOf(cause.getCause()));
                    }
                })
                .mutators(new Mutators<Handle>().add("sql", Write.class, (h, write, ctx) -> {
                    h.execute(write.sql());
                    if (!write.touches().isEmpty()) {
                        ctx.touchIn(write.touches(), "note/1", Set.of());
                    }
                }))
                .build();
    }

    private static String put(int n) {
        return "put note/" + n + " {\"id\":\"" + n + "\",\"text\":\"x\"}";
    }

    @ParameterizedTest(name = "organizations {0}")
    @ValueSource(booleans = {false, true})
    void othersSqlIsSeenInTheSpaceOfEachRow(boolean organizations) throws Exception {
        JdbiStorage storage = storage(organizations, NOTES.triggersPerSpace());
        try (SyncServer<Handle> server = server(storage, "space");
                Connection psql = db.pool().getConnection();
                Statement statement = psql.createStatement()) {
            Tab a = new Tab(server, "ann", A, "ga", "ca");
            Tab b = new Tab(server, "ann", B, "gb", "cb");
            Tab eve = new Tab(server, "eve", A, "ge", "ce");
            a.pull();
            b.pull();
            eve.pull();
            psql.setAutoCommit(false);
            statement.execute("insert into note (id, org_id) values ('1', '" + A + "'), ('2', '" + B + "')");
            assertThat(a.pull()).isEmpty();
            psql.commit();
            assertThat(a.pull()).containsExactly(put(1));
            assertThat(b.pull()).containsExactly(put(2));
            assertThat(eve.pull()).as("a stranger").isEmpty();
            statement.execute("update note set org_id = '" + B + "' where id = '1'");
            psql.commit();
            assertThat(a.pull()).containsExactly("del note/1");
            assertThat(b.pull()).containsExactly(put(1));
            assertThat(eve.pull()).as("a stranger").isEmpty();
            var cookie = a.cookie();
            statement.execute("delete from note where id = '2'");
            statement.execute("update note set text = text where id = '1'");
            psql.commit();
            assertThat(b.pull()).containsExactlyInAnyOrder("del note/2", put(1));
            assertThat(a.pull()).isEmpty();
            assertThat(a.cookie())
                    .as("cookie of a space in which nothing was written")
                    .isEqualTo(cookie);
            statement.execute("update note set shared = true, org_id = '" + A + "'");
            psql.commit();
            assertThat(eve.pull()).containsExactly(put(1));
            statement.execute("truncate note");
            psql.commit();
            psql.setAutoCommit(true);
            assertThat(a.pull()).containsExactly("clear");
            assertThat(b.pull()).containsExactly("clear");
            assertThat(b.pull()).as("once is enough").isEmpty();
            statement.execute("insert into note (id, org_id) values ('3', gen_random_uuid())");
            assertThat(a.pull()).as("of a space that does not exist").isEmpty();
        }
    }

    @ParameterizedTest(name = "organizations {0}")
    @ValueSource(booleans = {false, true})
    void mutatorsOfPlainSqlNameTheOtherSpaceOnly(boolean organizations) {
        JdbiStorage storage = storage(organizations, NOTES.triggersPerSpace());
        try (SyncServer<Handle> server = server(storage, "space")) {
            Tab a = new Tab(server, "ann", A, "ga", "ca");
            Tab b = new Tab(server, "ann", B, "gb", "cb");
            a.pull();
            b.pull();
            a.push("sql", new Write("insert into note (id, org_id) values ('1', '" + A + "')", ""));
            assertThat(a.pull()).containsExactly(put(1));
            String move = "update note set org_id = '" + B + "'";
            a.push("sql", new Write(move, ""));
            assertThat(failed)
                    .singleElement()
                    .asString()
                    .contains("SQL wrote a row of another space than was named; name it with touchIn(…)");
            assertThat(a.pull()).isEmpty();
            assertThat(b.pull()).isEmpty();
            a.push("sql", new Write(move, B));
            assertThat(a.pull()).containsExactly("del note/1");
            assertThat(b.pull()).containsExactly(put(1));
            assertThat(failed).hasSize(1);
        }
    }

    @Test
    void theStrategyAndTheTriggersMustFit() {
        JdbiStorage perSpace = storage(false, NOTES.triggersPerSpace());
        assertThatThrownBy(() -> server(perSpace, "global"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(
                        "table note has triggersPerSpace(), which stamp each row in its own space; with strategy"
                                + " 'global' declare triggers()");
        SyncedTable bare =
                SyncedTable.of("note").key("note/", "id").columns("id").triggersPerSpace();
        assertThatThrownBy(
                        () -> server(JdbiStorage.builder(db.jdbi()).tables(bare).build(), "global"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("table note has triggersPerSpace() but no space(…)");
    }
}
