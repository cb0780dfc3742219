package dev.replisync.jdbi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import dev.replisync.Mutators;
import dev.replisync.SyncServer;
import dev.replisync.error.ConfigurationException;
import java.util.Map;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The SDK's tables: created once by many nodes, under any name, by an ordinary role, and what names an epoch. */
class InstallTest {
    private static final SyncedTable ITEMS =
            SyncedTable.of("item").key("item/", "id").columns("id", "text");

    private static SyncServer<Handle> server(JdbiStorage storage) {
        return SyncServer.builder(storage)
                .strategy("global")
                .mutators(new Mutators<Handle>()
                        .add("put", String.class, (h, id, ctx) -> ITEMS.put(h, ctx, Map.of("id", id, "text", "x")))
                        .add("delete", String.class, (h, id, ctx) -> ITEMS.delete(h, ctx, id)))
                .build();
    }

    private static void createItems(TestDatabase db) {
        db.execute("create table item (id varchar(20) primary key, text varchar)");
    }

    @ParameterizedTest
    @EnumSource(DatabaseKind.class)
    void manyNodesInstallAtOnce(DatabaseKind kind) throws Exception {
        try (TestDatabase db = TestDatabase.create(kind)) {
            createItems(db);
            Counters.inParallel(
                    6, i -> JdbiStorage.builder(db.jdbi()).tables(ITEMS).build().install());
            Integer rows = db.jdbi()
                    .withHandle(h -> h.select("select count(*) from \"replisync_meta\"")
                            .mapTo(Integer.class)
                            .one());
            assertThat(rows).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @EnumSource(DatabaseKind.class)
    void anotherPrefixAndSchemaWork(DatabaseKind kind) {
        try (TestDatabase db = TestDatabase.create(kind)) {
            createItems(db);
            for (String schema : new String[] {"Odd \"schema", "other"}) {
                JdbiStorage storage = JdbiStorage.builder(db.jdbi())
                        .tables(ITEMS)
                        .tablePrefix("Sync_")
                        .schema(schema)
                        .build()
                        .install()
                        .install();
                try (SyncServer<Handle> server = server(storage)) {
                    Tab tab = new Tab(server, "u", "g", "c");
                    tab.push("put", "a").pull();
                    assertThat(tab.view()).containsKey("item/a");
                    tab.push("delete", "a");
                    assertThat(tab.pull()).containsExactly("del item/a");
                    storage.collectGarbage(java.time.Duration.ofDays(1), java.time.Duration.ZERO);
                    storage.newEpoch();
                    assertThat(tab.push("put", "b").pull()).first().isEqualTo("clear");
                }
            }
        }
    }

    @Test
    void badNamesAreRefused() {
        assertThatThrownBy(() -> JdbiStorage.schema(DatabaseKind.H2, "a\"; drop", null))
                .hasMessage(
                        "tablePrefix was 'a\"; drop' but it must be 1 to 40 letters, digits and underscores and not begin"
                                + " with a digit");
        assertThat(JdbiStorage.schema(DatabaseKind.POSTGRESQL, "x_", "s"))
                .contains("create table if not exists \"s\".\"x_ledger\" (")
                .doesNotContain("${");
    }

    @ParameterizedTest
    @EnumSource(DatabaseKind.class)
    void aMissingInstallationIsReported(DatabaseKind kind) {
        try (TestDatabase db = TestDatabase.create(kind)) {
            createItems(db);
            JdbiStorage storage = JdbiStorage.builder(db.pool()).tables(ITEMS).build();
            assertThatThrownBy(() -> server(storage))
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessage(
                            "the SDK's tables \"replisync_…\" are missing; call install() when the application starts,"
                                    + " or run the statements that schema() gives");
        }
    }

    /** The printed statements are enough for a role that may not create anything. */
    @Test
    void anOrdinaryRoleIsEnough() {
        try (TestDatabase db = TestDatabase.create(DatabaseKind.POSTGRESQL)) {
            createItems(db);
            JdbiStorage.builder(db.jdbi()).tables(ITEMS).build().install();
            String role = "joe_" + System.nanoTime();
            db.execute(
                    "create role " + role + " login",
                    "grant select, insert, update, delete on all tables in schema public to " + role);
            try (HikariDataSource pool = new HikariDataSource()) {
                pool.setJdbcUrl(db.pool().getJdbcUrl());
                pool.setUsername(role);
                pool.setMaximumPoolSize(2);
                JdbiStorage storage =
                        JdbiStorage.builder(pool).tables(ITEMS).build().install();
                try (SyncServer<Handle> server = server(storage)) {
                    Tab tab = new Tab(server, "u", "g", "c");
                    tab.push("put", "a").pull();
                    assertThat(tab.view()).containsKey("item/a");
                    storage.newEpoch();
                    storage.collectGarbage(java.time.Duration.ofDays(1), java.time.Duration.ZERO);
                    assertThat(tab.pull()).first().isEqualTo("clear");
                }
            }
        }
    }

    /** Rules R36 and R37: a copy of the database is another history, and tells so by itself. */
    @Test
    void aCopyOfTheDatabaseBeginsAnEpoch() {
        try (TestDatabase db = TestDatabase.create(DatabaseKind.POSTGRESQL)) {
            createItems(db);
            JdbiStorage storage =
                    JdbiStorage.builder(db.jdbi()).tables(ITEMS).build().install();
            try (SyncServer<Handle> server = server(storage)) {
                Tab tab = new Tab(server, "u", "g", "c");
                tab.push("put", "a").pull();
                assertThat(tab.push("put", "b").pull()).hasSize(1);
                // What a dump and restore into another database leaves: the same rows, another database.
                db.execute("update replisync_meta set identity = 'another:database:1'");
                assertThat(tab.push("put", "c").pull()).first().isEqualTo("clear");
                assertThat(tab.view()).hasSize(3);
                String epoch = epoch(db);
                assertThat(tab.pull()).isEmpty();
                db.execute("update replisync_meta set identity = 'another:database:2'");
                assertThat(tab.pull()).first().isEqualTo("clear");
                assertThat(epoch(db)).isNotEqualTo(epoch);
                db.execute("update replisync_meta set identity = 'another:database:3'");
                db.jdbi()
                        .useTransaction(h -> server.<RuntimeException>writeWithin(
                                h, "s", (tx, ctx) -> ITEMS.put(tx, ctx, Map.of("id", "d", "text", "x"))));
                assertThat(tab.pull()).first().isEqualTo("clear");
                assertThat(tab.view()).hasSize(4);
            }
        }
    }

    private static String epoch(TestDatabase db) {
        return Jdbi.create(db.pool())
                .withHandle(h -> h.select("select epoch from replisync_meta")
                        .mapTo(String.class)
                        .one());
    }

    /** A handle that is not the SDK's is refused by the writer. */
    @Test
    void theWriterNeedsAHandleOfTheSdk() {
        try (TestDatabase db = TestDatabase.h2()) {
            createItems(db);
            JdbiStorage.builder(db.jdbi()).tables(ITEMS).build().install();
            db.jdbi()
                    .useHandle(h -> assertThatThrownBy(() -> ITEMS.find(h, "a"))
                            .isInstanceOf(IllegalStateException.class)
                            .hasMessageStartingWith("the handle must be one that the SDK passed to a mutator"));
        }
    }
}
