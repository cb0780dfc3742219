package dev.replisync.jdbi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replisync.Mutators;
import dev.replisync.SyncServer;
import dev.replisync.SyncServerBuilder;
import dev.replisync.strategy.rowversion.MemoryRecords;
import dev.replisync.strategy.rowversion.RowVersion;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.ConnectionFactory;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The budget of design: network round trips of pushes and pulls on PostgreSQL, counted at the socket. */
class RoundTripTest {
    private static final int WARM_UP = 12;

    private static TestDatabase db;
    private static Connection connection;

    record Item(String id, String text) {}

    @BeforeAll
    static void open() throws SQLException {
        db = TestDatabase.postgres("&socketFactory=" + CountingSockets.class.getName());
        connection = db.pool().getConnection();
    }

    @AfterAll
    static void close() throws SQLException {
        connection.close();
        db.close();
    }

    /** One connection that is never closed, so that no pool asks whether it is alive. */
    private static Jdbi jdbi() {
        return Jdbi.create(new ConnectionFactory() {
            @Override
            public Connection openConnection() {
                return connection;
            }

            @Override
            public void closeConnection(Connection same) {}
        });
    }

    private static SyncServer<Handle> server(String name, Mapping mapping, boolean versionLast) {
        db.execute("create table " + name + " (id text primary key, text text" + mapping.columns() + ")");
        SyncedTable items = mapping.of(SyncedTable.of(name).key("item/", "id").columns("id", "text"));
        JdbiStorage storage = JdbiStorage.builder(jdbi())
                .tables(items)
                .tablePrefix(name + "_")
                .build()
                .install();
        SyncServerBuilder<Handle> builder = SyncServer.builder(storage)
                .strategy("global")
                .mutators(new Mutators<Handle>()
                        .add("plain", Item.class, (h, item, ctx) -> {
                            h.execute(
                                    "insert into " + name
                                            + " (id, text) values (?, ?) on conflict (id) do update set text = excluded.text",
                                    item.id(),
                                    item.text());
                            ctx.touch("item/" + item.id());
                        })
                        .add("nothing", Item.class, (h, item, ctx) -> {}));
        return (versionLast ? builder.versionLast() : builder).build();
    }

    private static int turns(Runnable work) {
        int before = CountingSockets.TURNS.get();
        work.run();
        return CountingSockets.TURNS.get() - before;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aPushTakesTwoRoundTripsBesideItsMutators(boolean versionLast) {
        try (SyncServer<Handle> server = server("push_" + versionLast, Mapping.LEDGER, versionLast)) {
            Tab tab = new Tab(server, "u", "g", "c");
            for (int i = 0; i < WARM_UP; i++) {
                tab.push("plain", new Item("a" + i, "x")).push("nothing", new Item("b", "x"));
            }
            assertThat(turns(() -> tab.push("nothing", new Item("b", "x")))).isEqualTo(2);
            assertThat(turns(() -> tab.push("plain", new Item("z", "x"))))
                    .as("with one statement of the mutator")
                    .isEqualTo(3);
        }
    }

    /** Whoever may see rows: who lost one matters only to strategies that move versions. */
    @ParameterizedTest
    @CsvSource({"space, false", "row-version, true"})
    void whatTheWriterWritesTakesOneRoundTrip(String strategy, boolean rules) {
        db.execute("create table written_" + rules + " (id text primary key, space_id text not null, text text)");
        SyncedTable plain = SyncedTable.of("written_" + rules)
                .key("item/", "id")
                .columns("id", "text")
                .space("space_id");
        SyncedTable items = rules ? plain.readableBy("select 'u'") : plain;
        JdbiStorage storage = JdbiStorage.builder(jdbi())
                .tables(items)
                .tablePrefix("written_" + rules + "_")
                .build()
                .install();
        Mutators<Handle> mutators = new Mutators<Handle>()
                .add("insert", Item.class, (h, item, ctx) -> items.insert(h, ctx, item))
                .add("update", Item.class, (h, item, ctx) -> items.update(h, ctx, item))
                .add("put", Item.class, (h, item, ctx) -> items.put(h, ctx, item))
                .add("delete", Item.class, (h, item, ctx) -> items.delete(h, ctx, item.id()))
                .add("change", Item.class, (h, item, ctx) -> {
                    String sql = "update written_" + rules + " t set text = :text where t.id = :id and :visible";
                    if (items.execute(h, ctx, sql, Map.of("id", item.id(), "text", item.text())) > 0) {
                        ctx.touch("item/" + item.id());
                    }
                });
        try (SyncServer<Handle> server = SyncServer.builder(storage)
                .strategy(strategy)
                .createSpaces()
                .mutators(mutators)
                .build()) {
            Tab tab = new Tab(server, "u", "g", "c");
            List<String> names = List.of("insert", "update", "put", "change", "delete");
            for (int i = 0; i < WARM_UP; i++) {
                Item item = new Item("i" + i, "warm");
                names.forEach(name -> tab.push(name, item));
            }
            for (String name : names) {
                assertThat(turns(() -> tab.push(name, new Item("a", name))))
                        .as("two to open and to close, and " + name)
                        .isEqualTo(3);
                tab.pull();
                String value = "{\"id\":\"a\",\"text\":\"" + name + "\"}";
                assertThat(tab.view())
                        .as("after " + name)
                        .isEqualTo(name.equals("delete") ? Map.of() : Map.of("item/a", value));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"LEDGER", "VERSION_COLUMN", "VERSION_AND_DELETED"})
    void anIncrementalPullTakesOneRoundTrip(Mapping mapping) {
        try (SyncServer<Handle> server = server("pull_" + mapping, mapping, false)) {
            Tab tab = new Tab(server, "u", "g", "c");
            tab.pull();
            for (int i = 0; i < WARM_UP; i++) {
                tab.push("plain", new Item("a" + i, "x"));
                assertThat(tab.pull()).hasSize(1);
            }
            tab.push("plain", new Item("a1", "y"));
            assertThat(turns(tab::pull)).isEqualTo(1);
            assertThat(tab.view()).containsEntry("item/a1", "{\"id\":\"a1\",\"text\":\"y\"}");
        }
    }

    @Test
    void anUnchangedPullTakesOneRoundTripAndWritesNothing() {
        try (SyncServer<Handle> server = server("unchanged", Mapping.LEDGER, false)) {
            Tab tab = new Tab(server, "u", "g", "c");
            tab.push("plain", new Item("a", "x"));
            for (int i = 0; i < WARM_UP; i++) {
                tab.pull();
            }
            String before = nextTransactionID();
            assertThat(turns(tab::pull)).isEqualTo(1);
            assertThat(nextTransactionID()).as("a transaction id was given out").isEqualTo(before);
        }
    }

    @Test
    void manyChangesAreReadThroughACursor() {
        try (SyncServer<Handle> server = server("many", Mapping.LEDGER, false)) {
            Tab tab = new Tab(server, "u", "g", "c");
            tab.pull();
            server.<RuntimeException>write("default", (h, ctx) -> {
                h.execute("insert into many select 'i' || n, 'x' from generate_series(1, 2500) n");
                for (int i = 1; i <= 2500; i++) {
                    ctx.touch("item/i" + i);
                }
            });
            assertThat(turns(tab::pull)).isBetween(5, 8);
            assertThat(tab.view()).hasSize(2500);
            Tab fresh = new Tab(server, "u", "g2", "c2");
            assertThat(turns(fresh::pull)).as("a first pull").isBetween(4, 7);
            assertThat(fresh.view()).isEqualTo(tab.view());
        }
    }

    /** Under row versions, with records in memory. */
    private static SyncServer<Handle> byViews(String name, Mapping mapping) {
        db.execute("create table " + name + " (id text primary key, text text" + mapping.columns() + ")");
        SyncedTable items = mapping.of(SyncedTable.of(name).key("item/", "id").columns("id", "text"));
        return SyncServer.builder(JdbiStorage.builder(jdbi())
                        .tables(items)
                        .tablePrefix(name + "_")
                        .build()
                        .install())
                .strategy(new RowVersion().records(new MemoryRecords()))
                .mutators(new Mutators<Handle>()
                        .add("plain", Item.class, (h, item, ctx) -> {
                            h.execute(
                                    "insert into " + name
                                            + " (id, text) values (?, ?) on conflict (id) do update set text = excluded.text",
                                    item.id(),
                                    item.text());
                            ctx.touch("item/" + item.id());
                        })
                        .add("nothing", Item.class, (h, item, ctx) -> {}))
                .build();
    }

    @ParameterizedTest
    @EnumSource(names = {"LEDGER", "ROW_HASH", "ROW_NUMBER"})
    void aPullOfASmallViewTakesOneRoundTrip(Mapping mapping) {
        try (SyncServer<Handle> server = byViews("view_" + mapping, mapping)) {
            Tab tab = new Tab(server, "u", "g", "c");
            tab.pull();
            for (int i = 0; i < WARM_UP; i++) {
                tab.push("plain", new Item("a" + i, "x"));
                assertThat(tab.pull()).hasSize(1);
                assertThat(new Tab(server, "u", "g" + i, "c" + i).pull()).hasSize(i + 1);
                assertThat(tab.pull()).isEmpty();
            }
            assertThat(turns(() -> tab.push("plain", new Item("a1", "y"))))
                    .as("a push, with one statement of its mutator")
                    .isEqualTo(3);
            assertThat(turns(tab::pull)).as("a pull of what it wrote").isEqualTo(1);
            assertThat(tab.view()).containsEntry("item/a1", "{\"id\":\"a1\",\"text\":\"y\"}");
            assertThat(turns(new Tab(server, "u", "new", "new")::pull))
                    .as("a first pull")
                    .isEqualTo(1);
            db.execute("create table if not exists elsewhere (id int)", "insert into elsewhere values (1)");
            String before = nextTransactionID();
            assertThat(turns(tab::pull)).as("nothing changed").isEqualTo(1);
            assertThat(turns(tab::pull)).as("nobody wrote").isEqualTo(1);
            assertThat(nextTransactionID()).as("a transaction id was given out").isEqualTo(before);
            tab.push("nothing", new Item("a1", "y"));
            assertThat(turns(tab::pull)).as("only a mutation id changed").isEqualTo(2);
            assertThat(tab.ids()).hasSize(1);
        }
    }

    @Test
    void aPullOfALargeViewDoesNotHandOverARecordThatIsProven() {
        try (SyncServer<Handle> server = byViews("large", Mapping.LEDGER)) {
            Tab tab = new Tab(server, "u", "g", "c");
            db.execute("insert into large select 'i' || n, 'x' from generate_series(1, 5000) n");
            assertThat(turns(tab::pull))
                    .as("a first pull: looked ahead, locked, 500, 1,000, 2,000 and the other rows fetched, counted")
                    .isBetween(7, 8);
            assertThat(tab.view()).hasSize(5000);
            for (int i = 0; i < WARM_UP; i++) {
                db.execute("update large set text = 'x" + i + "' where id = 'i7'");
                assertThat(tab.pull()).hasSize(1);
                tab.pull();
            }
            String before = nextTransactionID();
            int sent = CountingSockets.SENT.get();
            assertThat(turns(tab::pull)).as("nobody wrote").isEqualTo(1);
            assertThat(CountingSockets.SENT.get() - sent)
                    .as("bytes to the database")
                    .isLessThan(2_000);
            db.execute("create table if not exists elsewhere (id int)", "insert into elsewhere values (1)");
            String wrote = nextTransactionID();
            assertThat(turns(tab::pull)).as("nothing changed").isEqualTo(2);
            assertThat(turns(tab::pull)).as("again: it knows now").isEqualTo(1);
            assertThat(nextTransactionID())
                    .as("a transaction id was given out")
                    .isEqualTo(wrote)
                    .isNotEqualTo(before);
            db.execute("update large set text = 'y' where id = 'i7'");
            assertThat(turns(tab::pull)).as("one change").isEqualTo(2);
            assertThat(tab.view()).containsEntry("item/i7", "{\"id\":\"i7\",\"text\":\"y\"}");
            sent = CountingSockets.SENT.get();
            assertThat(turns(tab::pull))
                    .as("nobody wrote since the pull that counted")
                    .isEqualTo(1);
            assertThat(CountingSockets.SENT.get() - sent)
                    .as("bytes to the database, by the proof that the counting pull foretold")
                    .isLessThan(2_000);
        }
    }

    private static String nextTransactionID() {
        try (Handle handle = db.jdbi().open()) {
            List<Map<String, Object>> rows = handle.createQuery(
                            "select pg_snapshot_xmax(pg_current_snapshot())::text as xmax")
                    .mapToMap()
                    .list();
            return String.valueOf(rows.get(0).get("xmax"));
        }
    }
}
