package dev.replisync.jdbi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replisync.Mutators;
import dev.replisync.SyncServer;
import java.sql.Connection;
import java.sql.Statement;
import java.util.Map;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Rule R59: plain SQL is seen where triggers note it, and the documentation's word for where they do not. */
class TriggerTest {
    private static final SyncedTable NOTES = SyncedTable.of("note")
            .key("note/", "id")
            .columns("id", "text")
            .readableByAll("t.shared")
            .readableBy("select t.owner_id")
            .triggers();

    private TestDatabase db;
    private JdbiStorage storage;

    record Note(String id, String text) {}

    @BeforeEach
    void create() {
        db = TestDatabase.create(DatabaseKind.POSTGRESQL);
        db.execute("create table note (id uuid primary key, text text, owner_id text not null default 'ann',"
                + " shared boolean not null default false)");
        storage = JdbiStorage.builder(db.jdbi()).tables(NOTES).build().install().install();
    }

    @AfterEach
    void close() {
        db.assertNoConnectionLeaks();
        db.close();
    }

    private SyncServer<Handle> server(boolean versionLast) {
        var builder = SyncServer.builder(storage)
                .strategy("global")
                .mutators(new Mutators<Handle>()
                        .add(
                                "sql",
                                Note.class,
                                (h, note, ctx) -> h.execute(
                                        "insert into note (id, text) values (cast(? as uuid), ?) on conflict (id) do update set text ="
                                                + " excluded.text",
                                        note.id(),
                                        note.text()))
                        .add(
                                "share",
                                Note.class,
                                (h, note, ctx) -> h.execute(
                                        "update note set shared = ? where id = cast(? as uuid)",
                                        "yes".equals(note.text()),
                                        note.id()))
                        .add("truncate", Note.class, (h, note, ctx) -> h.execute("truncate note"))
                        .add(
                                "writer",
                                Note.class,
                                (h, note, ctx) -> NOTES.put(
                                        h,
                                        ctx,
                                        Map.of(
                                                "id",
                                                UUID.fromString(note.id()),
                                                "text",
                                                note.text(),
                                                "owner_id",
                                                "ann"))));
        return (versionLast ? builder.versionLast() : builder).build();
    }

    private static String id(int n) {
        return "00000000-0000-0000-0000-00000000000" + n;
    }

    private static String put(int n, String text) {
        return "put note/" + id(n) + " {\"id\":\"" + id(n) + "\",\"text\":\"" + text + "\"}";
    }

    @Test
    void mutatorsOfPlainSqlNeedNoTouch() {
        for (boolean last : new boolean[] {false, true}) {
            try (SyncServer<Handle> server = server(last)) {
                Tab ann = new Tab(server, "ann", "ga" + last, "ca" + last);
                ann.pull();
                assertThat(ann.push("sql", new Note(id(1), "a" + last)).pull()).containsExactly(put(1, "a" + last));
                assertThat(ann.push("writer", new Note(id(1), "w" + last)).pull())
                        .containsExactly(put(1, "w" + last));
            }
        }
        assertThat(count("select count(*) from replisync_touched")).isZero();
    }

    @Test
    void othersSqlIsSeenOnceItIsCommitted() throws Exception {
        try (SyncServer<Handle> server = server(false);
                Connection psql = db.pool().getConnection();
                Statement statement = psql.createStatement()) {
            Tab ann = new Tab(server, "ann", "ga", "ca");
            ann.pull();
            psql.setAutoCommit(false);
            statement.execute("insert into note (id, text) select cast('" + id(1) + "' as uuid), 'a'");
            statement.execute("insert into note (id, text) select cast('" + id(2) + "' as uuid), 'b'");
            assertThat(ann.pull()).isEmpty();
            psql.commit();
            assertThat(ann.pull()).containsExactlyInAnyOrder(put(1, "a"), put(2, "b"));
            assertThat(ann.cookie().path("v").longValue())
                    .as("one version for a transaction")
                    .isEqualTo(1);
            statement.execute("update note set text = text || 'c'");
            statement.execute("delete from note where id = '" + id(2) + "'");
            psql.commit();
            assertThat(ann.pull()).containsExactlyInAnyOrder(put(1, "ac"), "del note/" + id(2));
            statement.execute("update note set id = '" + id(3) + "'");
            psql.rollback();
            assertThat(ann.pull()).isEmpty();
            statement.execute("update note set id = '" + id(3) + "'");
            psql.commit();
            assertThat(ann.pull()).containsExactlyInAnyOrder(put(3, "ac"), "del note/" + id(1));
            statement.execute("truncate note");
            psql.commit();
            psql.setAutoCommit(true);
            assertThat(ann.pull()).containsExactly("clear");
        }
    }

    @Test
    void whoLosesARowHearsOfItAndNobodyElse() {
        try (SyncServer<Handle> server = server(false)) {
            Tab ann = new Tab(server, "ann", "ga", "ca");
            Tab bob = new Tab(server, "bob", "gb", "cb");
            Tab eve = new Tab(server, "eve", "ge", "ce");
            ann.push("sql", new Note(id(1), "a")).pull();
            bob.pull();
            eve.pull();
            assertThat(eve.view()).isEmpty();
            db.execute("update note set owner_id = 'bob'");
            assertThat(ann.pull()).containsExactly("del note/" + id(1));
            assertThat(bob.pull()).containsExactly(put(1, "a"));
            assertThat(eve.pull()).as("a stranger").isEmpty();
            assertThat(bob.push("share", new Note(id(1), "yes")).pull()).containsExactly(put(1, "a"));
            assertThat(eve.pull()).containsExactly(put(1, "a"));
            bob.push("share", new Note(id(1), "no"));
            assertThat(eve.pull()).containsExactly("del note/" + id(1));
            db.execute("delete from note");
            assertThat(bob.pull()).containsExactly("del note/" + id(1));
        }
    }

    @Test
    void aTruncateInAMutatorLetsAllStartAgain() {
        try (SyncServer<Handle> server = server(false)) {
            Tab ann = new Tab(server, "ann", "ga", "ca");
            ann.push("sql", new Note(id(1), "a")).pull();
            assertThat(ann.push("truncate", new Note(id(1), "")).pull()).containsExactly("clear");
            assertThat(ann.push("sql", new Note(id(1), "b")).pull()).containsExactly(put(1, "b"));
        }
    }

    /** Both take the version first, so that neither waits for the other's rows. */
    @Test
    void plainSqlAndPushesDoNotDeadlock() throws Exception {
        try (SyncServer<Handle> server = server(false)) {
            Tab setUp = new Tab(server, "ann", "g", "c");
            setUp.push("sql", new Note(id(1), "a")).push("sql", new Note(id(2), "a"));
            Counters.inParallel(4, i -> {
                Tab tab = new Tab(server, "ann", "g" + i, "c" + i);
                for (int n = 0; n < 20; n++) {
                    if (i < 2) {
                        tab.push("sql", new Note(id(1 + n % 2), "p" + n));
                    } else {
                        int odd = n % 2;
                        db.jdbi().useTransaction(h -> {
                            h.execute("update note set text = 'x' where id = cast(? as uuid)", id(1 + odd));
                            h.execute("update note set text = 'y' where id = cast(? as uuid)", id(2 - odd));
                        });
                    }
                }
            });
            // Two pushes that waited may have shared a transaction, and so a version.
            assertThat(count("select version from replisync_space")).isBetween(2 + 3 * 20, 2 + 4 * 20);
            setUp.pull();
            Tab fresh = new Tab(server, "ann", "f", "f");
            fresh.pull();
            assertThat(setUp.view()).isEqualTo(fresh.view());
        }
    }

    @Test
    void aWriteWithinTheApplicationsTransactionGoesOnWithPlainSql() {
        try (SyncServer<Handle> server = server(false)) {
            Tab ann = new Tab(server, "ann", "ga", "ca");
            ann.pull();
            db.jdbi().useTransaction(h -> {
                server.<RuntimeException>writeWithin(
                        h,
                        "default",
                        (tx, ctx) -> tx.execute("insert into note (id, text) values (cast(? as uuid), 'in')", id(1)));
                h.execute("insert into note (id, text) values (cast(? as uuid), 'after')", id(2));
            });
            assertThat(ann.pull()).containsExactlyInAnyOrder(put(1, "in"), put(2, "after"));
        }
    }

    @Test
    void withoutTriggersPlainSqlIsNotSeen() {
        try (TestDatabase h2 = TestDatabase.h2()) {
            h2.execute("create table note (id uuid primary key, text varchar, owner_id varchar default 'ann' not null,"
                    + " shared boolean default false not null)");
            JdbiStorage onH2 =
                    JdbiStorage.builder(h2.jdbi()).tables(NOTES).build().install();
            try (SyncServer<Handle> server = SyncServer.builder(onH2)
                    .strategy("global")
                    .mutators(new Mutators<Handle>()
                            .add("touch", Note.class, (h, note, ctx) -> ctx.touch("note/" + note.id())))
                    .build()) {
                Tab ann = new Tab(server, "ann", "g", "c");
                ann.pull();
                h2.execute("insert into note (id, text) values ('" + id(1) + "', 'a')");
                assertThat(ann.pull()).as("a write behind the SDK").isEmpty();
                assertThat(ann.push("touch", new Note(id(1), "")).pull()).containsExactly(put(1, "a"));
            }
        }
    }

    @Test
    void theStatementsCanBePrintedAndAreMadeOnce() {
        assertThat(storage.triggerStatements()).contains("create or replace trigger \"replisync_before\"");
        int before = count("select max(xmin::text::int) from pg_proc where proname like 'replisync%'");
        storage.install();
        assertThat(count("select max(xmin::text::int) from pg_proc where proname like 'replisync%'"))
                .as("created anew")
                .isEqualTo(before);
    }

    private int count(String sql) {
        return db.jdbi().withHandle(h -> h.select(sql).mapTo(Integer.class).one());
    }
}
