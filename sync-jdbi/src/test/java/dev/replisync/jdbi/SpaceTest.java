package dev.replisync.jdbi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.replisync.Mutators;
import dev.replisync.SyncObserver;
import dev.replisync.SyncServer;
import dev.replisync.SyncServerBuilder;
import dev.replisync.error.ConfigurationException;
import dev.replisync.protocol.Caller;
import dev.replisync.protocol.Json;
import dev.replisync.protocol.Mutation;
import dev.replisync.storage.Storage;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Spaces beyond the kit: what the writer makes of other spaces, how they are created, and those of the application. */
class SpaceTest {
    private static final String A = "00000000-0000-0000-0000-00000000000a";
    private static final String B = "00000000-0000-0000-0000-00000000000b";

    private final Queue<String> failed = new ConcurrentLinkedQueue<>();
    private final Queue<Throwable> retried = new ConcurrentLinkedQueue<>();
    private @Nullable TestDatabase database;

    @AfterEach
    void close() {
        if (database != null) {
            database.assertNoConnectionLeaks();
            database.close();
        }
    }

    private TestDatabase db() {
        if (database == null) {
            throw new IllegalStateException("no database was made");
        }
        return database;
    }

    private static SyncedTable notes(Mapping mapping) {
        return mapping.of(
                SyncedTable.of("note").key("note/", "id").columns("id", "text").space("org_id"));
    }

    /** A table of notes, and one of the organizations that they belong to. */
    private JdbiStorage organizations(DatabaseKind kind, Mapping mapping) {
        database = TestDatabase.create(kind);
        db().execute(
                        "create table org (id uuid primary key, name varchar(20), sync bigint not null default 0)",
                        "create table note (id varchar(50) primary key, org_id uuid not null references org (id),"
                                + " text varchar(50)" + mapping.columns() + ")",
                        "insert into org (id, name) values ('" + A + "', 'a')",
                        "insert into org (id, name) values ('" + B + "', 'b')");
        return JdbiStorage.builder(db().jdbi())
                .tables(notes(mapping))
                .spacesIn("org", "id", "sync")
                .build()
                .install();
    }

    /** A table of notes with spaces of the SDK. */
    private JdbiStorage plain(DatabaseKind kind, Mapping mapping) {
        database = TestDatabase.create(kind);
        db().execute("create table note (id varchar(50) primary key, org_id varchar(50) not null, text varchar(50)"
                + mapping.columns() + ")");
        JdbiStorage storage =
                JdbiStorage.builder(db().jdbi()).tables(notes(mapping)).build().install();
        List.of("a", "b").forEach(storage::createSpace);
        return storage;
    }

    private SyncServer<Handle> server(
            JdbiStorage storage, Mapping mapping, UnaryOperator<SyncServerBuilder<Handle>> options) {
        SyncedTable notes = notes(mapping);
        return options.apply(SyncServer.builder(storage)
                        .strategy("space")
                        .observer(new SyncObserver() {
                            @Override
                            public void mutationFailed(
                                    Caller caller, String group, Mutation mutation, Throwable cause) {
                                failed.add(mutation.name() + ": " + cause.getMessage());
                            }

                            @Override
                            public void retried(Caller caller, int attempt, Throwable cause) {
                                retried.add(cause);
                            }
                        })
                        .mutators(new Mutators<Handle>()
                                .add("put", Json.class, (h, row, ctx) -> notes.put(h, ctx, map(row)))
                                .add("update", Json.class, (h, row, ctx) -> notes.update(h, ctx, map(row)))
                                .add("delete", String.class, (h, id, ctx) -> notes.delete(h, ctx, id))
                                .add(
                                        "touchAll",
                                        String.class,
                                        (h, no, ctx) -> notes.touchWhere(h, ctx, Set.of(), "1 = 1"))
                                .add("newSpace", String.class, (h, space, ctx) -> {
                                    storage.createSpace(h, space);
                                    notes.insert(h, ctx, Map.of("id", "in " + space, "org_id", space, "text", "first"));
                                })
                                .add("newOrg", String.class, (h, org, ctx) -> {
                                    h.execute("insert into org (id) values (cast(? as uuid))", org);
                                    notes.insert(
                                            h,
                                            ctx,
                                            Map.of("id", "first", "org_id", UUID.fromString(org), "text", "first"));
                                })))
                .build();
    }

    private static Map<String, Object> map(Json row) {
        Map<String, Object> map = new HashMap<>();
        for (String pair : row.toString().replaceAll("[{}\"]", "").split(",", -1)) {
            String[] parts = pair.split(":", 2);
            boolean uuid = parts[0].equals("org_id") && parts[1].length() == 36;
            map.put(parts[0], uuid ? UUID.fromString(parts[1]) : parts[1]);
        }
        return map;
    }

    private static Map<String, String> row(String id, String text) {
        return Map.of("id", id, "text", text);
    }

    private static String put(String id, String text) {
        return "put note/" + id + " {\"id\":\"" + id + "\",\"text\":\"" + text + "\"}";
    }

    private static int statusOfPull(SyncServer<Handle> server, String space) {
        byte[] body =
                "{\"pullVersion\":1,\"profileID\":\"p\",\"schemaVersion\":\"\",\"clientGroupID\":\"g\",\"cookie\":null}"
                        .getBytes(StandardCharsets.UTF_8);
        return server.pull(Caller.of("ann", space), new ByteArrayInputStream(body))
                .status();
    }

    private long version(String org) {
        return count("select sync from org where id = '" + org + "'");
    }

    private long count(String sql) {
        return db().jdbi().withHandle(h -> h.select(sql).mapTo(Long.class).one());
    }

    @ParameterizedTest
    @EnumSource(DatabaseKind.class)
    void organizationsAreSpacesFromTheMomentTheyAreInserted(DatabaseKind kind) {
        JdbiStorage storage = organizations(kind, Mapping.VERSION_AND_DELETED);
        try (SyncServer<Handle> server = server(storage, Mapping.VERSION_AND_DELETED, builder -> builder)) {
            Tab a = new Tab(server, "ann", A, "ga", "ca");
            Tab b = new Tab(server, "ann", B, "gb", "cb");
            a.push("put", row("1", "x")).pull();
            b.pull();
            assertThat(List.of(version(A), version(B))).containsExactly(1L, 0L);
            a.push("update", Map.of("id", "1", "org_id", B));
            assertThat(a.pull()).containsExactly("del note/1");
            assertThat(b.pull()).containsExactly(put("1", "x"));
            assertThat(List.of(version(A), version(B))).containsExactly(2L, 1L);

            String fresh = UUID.randomUUID().toString();
            for (String nowhere : List.of(fresh, A.toUpperCase(java.util.Locale.ROOT), "default", "1")) {
                assertThat(statusOfPull(server, nowhere)).as("%s", nowhere).isEqualTo(404);
                assertThat(new Tab(server, "ann", nowhere, "g" + nowhere, "c").tryPush("put", row("2", "x")))
                        .as("%s", nowhere)
                        .isEqualTo(404);
            }
            a.push("newOrg", fresh);
            assertThat(failed).isEmpty();
            Tab c = new Tab(server, "ann", fresh, "gc", "cc");
            assertThat(c.pull()).containsExactly(put("first", "first"));

            a.push("put", row("3", "x")).push("delete", "3").pull();
            storage.collectGarbage(Duration.ofDays(1), Duration.ZERO);
            assertThat(count("select count(*) from note where gone"))
                    .as("rows that are deleted and forgotten")
                    .isZero();
            Tab old = new Tab(server, "ann", A, "go", "co");
            assertThat(old.pull()).isEmpty();
            assertThat(a.pull()).isEmpty();
            storage.newEpoch();
            assertThat(a.pull()).first().isEqualTo("clear");
            assertThatThrownBy(() -> storage.createSpace("x"))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("space 'x' cannot be created, because spaces are rows of table org; insert one there");
        }
    }

    /** Rows that refer to a space wait for no push to it, and two pushes that inserted some do not deadlock. */
    @ParameterizedTest(name = "version last {0}")
    @ValueSource(booleans = {false, true})
    void rowsThatReferToASpaceWaitForNobody(boolean versionLast) throws Exception {
        JdbiStorage storage = organizations(DatabaseKind.POSTGRESQL, Mapping.LEDGER);
        CountDownLatch arrived = new CountDownLatch(1);
        CountDownLatch opened = new CountDownLatch(1);
        try (SyncServer<Handle> server = server(storage, Mapping.LEDGER, b -> versionLast ? b.versionLast() : b);
                Connection psql = db().pool().getConnection();
                Statement statement = psql.createStatement()) {
            Thread push = new Thread(() -> server.<RuntimeException>write(A, (h, ctx) -> {
                h.execute("insert into note values ('1', cast(? as uuid), 'x')", A);
                ctx.touch("note/1");
                arrived.countDown();
                try {
                    assertThat(opened.await(30, TimeUnit.SECONDS)).isTrue();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }));
            push.start();
            assertThat(arrived.await(30, TimeUnit.SECONDS)).isTrue();
            statement.execute("set lock_timeout = '10s'");
            statement.execute("insert into note values ('2', '" + A + "', 'x')");
            opened.countDown();
            push.join(30_000);
            assertThat(push.isAlive()).isFalse();
            assertThat(version(A)).isEqualTo(1);
            Counters.inParallel(6, i -> {
                Tab tab = new Tab(server, "ann", i % 2 == 0 ? A : B, "g" + i, "c" + i);
                for (int n = 0; n < 15; n++) {
                    tab.push("put", row(i + "-" + n, "x"))
                            .push("update", Map.of("id", i + "-" + n, "org_id", i % 2 == 0 ? B : A));
                }
            });
            assertThat(retried).isEmpty();
            // Three pushes that waited for one space may have shared a transaction, and so a version.
            assertThat(List.of(version(A), version(B)))
                    .allSatisfy(v -> assertThat(v).isBetween(45L, 1L + 3 * 45));
        }
    }

    @ParameterizedTest
    @EnumSource(DatabaseKind.class)
    void theGlobalStrategyKeepsItsSpaceToItself(DatabaseKind kind) {
        JdbiStorage storage = organizations(kind, Mapping.VERSION_COLUMN);
        try (SyncServer<Handle> server = server(storage, Mapping.VERSION_COLUMN, b -> b.strategy("global"))) {
            Tab tab = new Tab(server, "ann", A, "g", "c");
            tab.pull();
            assertThat(tab.push("put", row("1", "x")).pull()).containsExactly(put("1", "x"));
            assertThat(tab.push("update", Map.of("id", "1", "org_id", B, "text", "y"))
                            .pull())
                    .containsExactly(put("1", "y"));
            assertThat(tab.push("delete", "1").pull()).containsExactly("del note/1");
            storage.collectGarbage(Duration.ofDays(1), Duration.ZERO);
            assertThat(tab.pull()).isEmpty();
            assertThat(List.of(version(A), version(B))).containsExactly(0L, 0L);
        }
    }

    @ParameterizedTest
    @EnumSource(DatabaseKind.class)
    void aSpaceThatAMutatorCreatesCanBeWrittenToAtOnce(DatabaseKind kind) {
        JdbiStorage storage = plain(kind, Mapping.LEDGER);
        try (SyncServer<Handle> server = server(storage, Mapping.LEDGER, builder -> builder)) {
            Tab a = new Tab(server, "ann", "a", "ga", "ca");
            assertThat(statusOfPull(server, "new")).isEqualTo(404);
            a.push("newSpace", "new").push("newSpace", "new");
            assertThat(failed).as("the second has the row's id").hasSize(1);
            assertThat(new Tab(server, "ann", "new", "gn", "cn").pull()).containsExactly(put("in new", "first"));
            storage.createSpace("new");
            db().jdbi().useTransaction(h -> {
                storage.createSpace(h, "newer");
                storage.createSpace(h, "newer");
            });
            assertThat(statusOfPull(server, "newer")).isEqualTo(200);
            for (String bad : List.of("global", "", "a\nb")) {
                assertThatThrownBy(() -> storage.createSpace(bad)).isInstanceOf(IllegalArgumentException.class);
            }
        }
    }

    /** A deleted row that comes back elsewhere takes its mark with it; clients of where it was must hear of it still. */
    @ParameterizedTest
    @EnumSource(DatabaseKind.class)
    void whatIsDeletedHereAndCreatedThereIsGoneHere(DatabaseKind kind) {
        JdbiStorage storage = plain(kind, Mapping.VERSION_AND_DELETED);
        try (SyncServer<Handle> server = server(storage, Mapping.VERSION_AND_DELETED, builder -> builder)) {
            Tab a = new Tab(server, "ann", "a", "ga", "ca");
            Tab b = new Tab(server, "ann", "b", "gb", "cb");
            Tab writer = new Tab(server, "ann", "b", "gw", "cw");
            writer.push("put", row("1", "x"));
            a.pull();
            assertThat(b.pull()).hasSize(1);
            writer.push("delete", "1");
            a.push("put", row("1", "y"));
            assertThat(a.pull()).containsExactly(put("1", "y"));
            assertThat(b.pull()).containsExactly("del note/1");
            assertThat(b.view()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(DatabaseKind.class)
    void aRowInASpaceThatTheUserMayNotEnterIsNotWritable(DatabaseKind kind) {
        JdbiStorage storage = plain(kind, Mapping.LEDGER);
        for (String strategy : List.of("space", "global")) {
            failed.clear();
            storage.changeStrategy(strategy, group -> strategy.equals("global") ? strategy : group.spaceID());
            db().execute("delete from note", "insert into note values ('1', 'b', 'x')");
            try (SyncServer<Handle> server = server(
                    storage,
                    Mapping.LEDGER,
                    builder -> builder.strategy(strategy)
                            .spaceAccess((user, space) -> user.equals("bob") || space.equals("a")))) {
                Tab ann = new Tab(server, "ann", "a", "ga" + strategy, "ca" + strategy);
                ann.push("put", row("1", "y"))
                        .push("update", row("1", "y"))
                        .push("delete", "1")
                        .push("touchAll", "")
                        .push("update", Map.of("id", "1", "org_id", "a"));
                assertThat(failed)
                        .hasSize(5)
                        .allSatisfy(failure -> assertThat(failure).endsWith("the user may not enter space 'b'"));
                new Tab(server, "bob", "b", "gb" + strategy, "cb" + strategy)
                        .push("update", Map.of("id", "1", "org_id", "a"));
                assertThat(ann.push("put", row("1", "z")).pull()).contains(put("1", "z"));
            }
        }
    }

    private static List<String> problems(JdbiStorage storage, boolean createsSpaces) {
        return storage.problems(new Storage.Check() {
            @Override
            public boolean versionLast() {
                return false;
            }

            @Override
            public String strategyID() {
                return "space";
            }

            @Override
            public boolean createsSpaces() {
                return createsSpaces;
            }
        });
    }

    @ParameterizedTest
    @EnumSource(DatabaseKind.class)
    void whatDoesNotGoTogetherIsSaidAtOnce(DatabaseKind kind) {
        JdbiStorage storage = organizations(kind, Mapping.LEDGER);
        assertThat(problems(storage, true))
                .containsExactly(
                        "createSpaces() was called, but spaces are rows of table org, which only the application"
                                + " creates; leave it out");
        assertThatThrownBy(() -> server(storage, Mapping.LEDGER, SyncServerBuilder::createSpaces))
                .isInstanceOf(ConfigurationException.class);
        db().execute("create table odd (flag boolean, sync int, other bigint)");
        String flag = kind == DatabaseKind.H2 ? "FLAG" : "flag";
        String sync = kind == DatabaseKind.H2 ? "SYNC" : "sync";
        String other = kind == DatabaseKind.H2 ? "OTHER" : "other";
        String integer = kind == DatabaseKind.H2 ? "INTEGER" : "int4";
        String bool = kind == DatabaseKind.H2 ? "BOOLEAN" : "bool";
        SyncedTable bare = SyncedTable.of("note").key("note/", "id").columns("id");
        assertThat(problems(
                        JdbiStorage.builder(db().jdbi())
                                .tables(bare)
                                .spacesIn("odd", "flag", "sync")
                                .build(),
                        false))
                .containsExactly(
                        "column " + flag + " of table odd of spaces is of type " + bool
                                + " but it must be a text, uuid, integer or bigint",
                        "column " + sync + " of table odd of spaces is of type " + integer + " but it must be a bigint",
                        "column " + sync
                                + " of table odd of spaces is nullable but it must be not null, best with default 0",
                        "table note has no space(…), but with strategy 'space' each row is in one; declare the column"
                                + " that says in which");
        assertThat(problems(
                        JdbiStorage.builder(db().jdbi())
                                .tables(notes(Mapping.LEDGER).triggers())
                                .spacesIn("odd", "id", "other")
                                .build(),
                        false))
                .containsExactly(
                        "table odd of spaces has no column id; it has " + flag + ", " + sync + ", " + other,
                        "column " + other
                                + " of table odd of spaces is nullable but it must be not null, best with default 0",
                        "table note has triggers(), which stamp rows in the space of the global strategy; with strategy 'space'"
                                + " declare triggersPerSpace()");
        assertThat(problems(
                                JdbiStorage.builder(db().jdbi())
                                        .tables(notes(Mapping.LEDGER))
                                        .spacesIn("missing", "id", "v")
                                        .build(),
                                false)
                        .get(0))
                .startsWith("table missing of spaces cannot be read: ");
    }

    @Test
    void namesOfTablesAreChecked() {
        try (TestDatabase h2 = TestDatabase.h2()) {
            assertThatThrownBy(() -> JdbiStorage.builder(h2.jdbi()).spacesIn("org", "", "v"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("column was ''");
        }
    }
}
