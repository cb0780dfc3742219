package dev.replisync.jdbi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.replisync.Mutators;
import dev.replisync.SyncServer;
import dev.replisync.SyncServerBuilder;
import dev.replisync.error.ConfigurationException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Versions of rows in a column: who writes them, whatever the strategy, and what is refused (rules R41 and R42). */
class RowVersionColumnTest {
    private TestDatabase db;

    static Stream<Arguments> types() {
        return Stream.of(DatabaseKind.values())
                .flatMap(kind -> Stream.of("bigint", "int", "uuid", "varchar(36)")
                        .flatMap(type -> Stream.of(false, true).map(gone -> Arguments.of(kind, type, gone))));
    }

    private static SyncServerBuilder<Handle> builder(JdbiStorage storage) {
        return SyncServer.builder(storage)
                .strategy("global")
                .mutators(new Mutators<Handle>().add("none", Void.class, (h, args, ctx) -> {}));
    }

    private String version(String id) {
        return db.jdbi()
                .withHandle(h -> h.select("select cast(ver as varchar(40)) from item where id = ?", id)
                        .mapTo(String.class)
                        .one());
    }

    @ParameterizedTest
    @MethodSource("types")
    void whatIsWrittenOrTouchedGetsAnotherVersion(DatabaseKind kind, String type, boolean marksDeleted) {
        try (TestDatabase created = TestDatabase.create(kind)) {
            db = created;
            db.execute("create table item (id varchar(20) primary key, txt varchar(20), ver " + type
                    + ", gone boolean default false not null)");
            SyncedTable plain = SyncedTable.of("item")
                    .key("item/", "id")
                    .columns("id", "txt")
                    .rowVersionColumn("ver");
            SyncedTable items = marksDeleted ? plain.deletedColumn("gone") : plain;
            JdbiStorage storage =
                    JdbiStorage.builder(db.jdbi()).tables(items).build().install();
            try (SyncServer<Handle> server = builder(storage).build()) {
                Set<String> seen = new TreeSet<>();
                server.<RuntimeException>write("s", (h, ctx) -> items.insert(h, ctx, Map.of("id", "a", "txt", "1")));
                assertThat(seen.add(version("a"))).isTrue();
                server.<RuntimeException>write("s", (h, ctx) -> items.update(h, ctx, Map.of("id", "a", "txt", "2")));
                assertThat(seen.add(version("a"))).isTrue();
                server.<RuntimeException>write("s", (h, ctx) -> ctx.touch("item/a"));
                assertThat(seen.add(version("a"))).isTrue();
                server.<RuntimeException>write("s", (h, ctx) -> items.delete(h, ctx, "a"));
                server.<RuntimeException>write("s", (h, ctx) -> items.insert(h, ctx, Map.of("id", "a")));
                assertThat(seen.add(version("a")))
                        .as("deleted and inserted again: %s in %s", version("a"), seen)
                        .isTrue();
                // By the application's own SQL, which knows nothing of versions.
                server.<RuntimeException>write("s", (h, ctx) -> {
                    h.execute("delete from item where id = 'a'");
                    h.execute("insert into item (id) values ('a')");
                    ctx.touch("item/a");
                });
                assertThat(seen.add(version("a"))).as("inserted without one").isTrue();
                server.<RuntimeException>write("s", (h, ctx) -> {
                    h.execute("insert into item (id) values ('b')");
                    items.touchWhere(h, ctx, Set.of(), "t.id < ?", "c");
                });
                assertThat(seen.add(version("a")) && seen.add(version("b"))).isTrue();
                assertThat(seen).doesNotContain("null");
            }
        }
    }

    @ParameterizedTest
    @EnumSource(DatabaseKind.class)
    void whatCannotBeIsRefusedAllAtOnce(DatabaseKind kind) {
        try (TestDatabase created = TestDatabase.create(kind)) {
            created.execute(
                    "create table t1 (id int primary key, ver date, short varchar(35), num bigint)",
                    "create view v1 as select id, num from t1",
                    "create table t2 (id int primary key)");
            JdbiStorage storage = JdbiStorage.builder(created.jdbi())
                    .tables(
                            of("t1", "a/").rowVersionColumn("ver"),
                            of("t1", "b/").rowVersionColumn("short"),
                            of("t1", "c/").rowVersionColumn("none"),
                            of("t2", "d/").rowVersionXmin(),
                            of("v1", "e/").rowVersionXmin(),
                            of("v1", "f/").rowVersionColumn("num"),
                            of("t1", "g/").rowVersionHash().rowVersionColumn("num"),
                            of("t1", "h/").triggers().rowVersionColumn("num"),
                            SyncedTable.query("select id from t1")
                                    .key("i/", "id")
                                    .columns("id")
                                    .deletedColumn("gone"),
                            SyncedTable.query("select nothing from t1")
                                    .key("j/", "nothing")
                                    .columns("id"),
                            SyncedTable.query("select id, num from t1 where :user <> :profile")
                                    .key("k/", "id")
                                    .columns("id")
                                    .rowVersionColumn("num"))
                    .build();
            JdbiStorage.builder(created.jdbi()).build().install();
            List<String> expected = new ArrayList<>(List.of(
                    "column ver of table t1 is of type date but a row version must be a bigint, integer, uuid or text of at"
                            + " least 36 characters",
                    "column short of table t1 is of type "
                            + (kind == DatabaseKind.H2 ? "character varying" : "varchar")
                            + " but a row version must be a bigint, integer, uuid or text of"
                            + " at least 36 characters",
                    "table t1 has no column none; it has id, ver, short, num",
                    "table v1 has rowVersionXmin() but there is no xmin: only PostgreSQL has it, and there only tables; use"
                            + " rowVersionColumn(…), or rowVersionHash()",
                    "table t1 has more than one of rowVersionColumn(…), rowVersionXmin() and rowVersionHash()",
                    "table t1 has both triggers() and rowVersionColumn(…), which triggers do not write; use"
                            + " rowVersionXmin(), which sees every write",
                    "the query of 'i/' has deletedColumn(…), which only a table can have",
                    "the query of 'k/' computes entities, of which no version says when they change; choose the strategy"
                            + " 'row-version', or sync a table"));
            if (kind == DatabaseKind.H2) {
                expected.add(
                        "table t2 has rowVersionXmin() but there is no xmin: only PostgreSQL has it, and there only"
                                + " tables; use rowVersionColumn(…), or rowVersionHash()");
            }
            assertThatThrownBy(() -> builder(storage).build())
                    .isInstanceOfSatisfying(
                            ConfigurationException.class,
                            e -> assertThat(e.problems().stream().map(p -> p.toLowerCase(java.util.Locale.ROOT)))
                                    .containsAll(expected.stream()
                                            .map(p -> p.toLowerCase(java.util.Locale.ROOT))
                                            .toList())
                                    .anyMatch(p -> p.startsWith("the query of 'j/' cannot be read: "))
                                    .anyMatch(p -> p.startsWith("the query of 'i/' computes entities"))
                                    .anyMatch(p -> p.startsWith("the query of 'j/' computes entities"))
                                    .hasSize(expected.size() + 3));
        }
    }

    private static SyncedTable of(String table, String prefix) {
        return SyncedTable.of(table).key(prefix, "id").columns("id");
    }

    @Test
    void aQueryIsReadOnly() {
        try (TestDatabase created = TestDatabase.create(DatabaseKind.H2)) {
            created.execute("create table t1 (id int primary key)");
            SyncedTable query =
                    SyncedTable.query("select id from t1").key("q/", "id").columns("id");
            JdbiStorage storage =
                    JdbiStorage.builder(created.jdbi()).tables(query).build().install();
            created.jdbi().useTransaction(handle -> {
                var tx = storage.join(
                        handle,
                        new dev.replisync.storage.OpenPush(
                                java.util.List.of(), Set.of(), new TreeSet<>(), false, false));
                assertThatThrownBy(() -> query.delete(tx.handle(), null, 1))
                        .isInstanceOf(UnsupportedOperationException.class)
                        .hasMessage(
                                "the query of 'q/' cannot be written or found in; write the tables that it reads, and"
                                        + " read it by its SQL");
            });
        }
    }
}
