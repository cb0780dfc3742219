package dev.replisync.jdbi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replisync.Mutators;
import dev.replisync.SyncServer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Map;
import java.util.stream.Stream;
import org.h2.api.Trigger;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The writer writes to views that the database lets be written to, in whichever way. */
class ViewWritesTest {
    private static final SyncedTable NOTES =
            SyncedTable.of("note").key("note/", "id").columns("id", "text").space("space_id");

    /** What writes to the table behind the view. */
    enum Way {
        RULES,
        TRIGGERS,
        ITSELF
    }

    /** What H2 calls. */
    public static final class Instead implements Trigger {
        @Override
        public void fire(Connection connection, Object[] before, Object[] after) throws SQLException {
            String sql = after == null
                    ? "delete from base where id = ?"
                    : "merge into base (id, space_id, text) key (id) values (?, ?, ?)";
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                for (int i = 0; i < (after == null ? 1 : 3); i++) {
                    statement.setObject(i + 1, after == null ? before[i] : after[i]);
                }
                statement.executeUpdate();
            }
        }
    }

    static Stream<Arguments> all() {
        return Stream.of("global", "space", "row-version")
                .flatMap(strategy -> Stream.of(
                        Arguments.of(DatabaseKind.H2, Way.TRIGGERS, strategy),
                        Arguments.of(DatabaseKind.POSTGRESQL, Way.RULES, strategy),
                        Arguments.of(DatabaseKind.POSTGRESQL, Way.TRIGGERS, strategy),
                        Arguments.of(DatabaseKind.POSTGRESQL, Way.ITSELF, strategy)));
    }

    private static void create(TestDatabase db, Way way) {
        db.execute(
                "create table base (id varchar(10) primary key, space_id varchar(20), text varchar(50))",
                "insert into base values ('a', 'p1', 'x'), ('b', 'p1', 'x'), ('c', 'p1', 'x')",
                "create view note as select id, space_id, text from base");
        if (!db.isPostgres()) {
            db.execute("create trigger instead instead of insert, update, delete on note for each row call '"
                    + Instead.class.getName() + "'");
        } else if (way == Way.RULES) {
            db.execute(
                    "create rule u as on update to note do instead update base set text = new.text, space_id ="
                            + " new.space_id where id = old.id",
                    "create rule d as on delete to note do instead delete from base where id = old.id");
        } else if (way == Way.TRIGGERS) {
            db.execute(
                    "create function instead() returns trigger language plpgsql as $$ begin if tg_op = 'DELETE' then"
                            + " delete from base where id = old.id; return old; end if; update base set text ="
                            + " new.text, space_id = new.space_id where id = new.id; return new; end $$",
                    "create trigger instead instead of update or delete on note for each row execute function"
                            + " instead()");
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void rowsOfViewsAreWrittenAndMove(DatabaseKind kind, Way way, String strategy) {
        try (TestDatabase db = TestDatabase.create(kind)) {
            create(db, way);
            JdbiStorage storage =
                    JdbiStorage.builder(db.jdbi()).tables(NOTES).build().install();
            Mutators<Handle> mutators = new Mutators<Handle>().add("write", String.class, (h, args, ctx) -> {
                assertThat(NOTES.update(h, ctx, Map.of("id", "a", "text", "new")))
                        .isTrue();
                assertThat(NOTES.delete(h, ctx, "b")).isTrue();
                assertThat(NOTES.update(h, ctx, Map.of("id", "c", "space_id", "p2")))
                        .isTrue();
                assertThat(NOTES.update(h, ctx, Map.of("id", "none", "text", "new")))
                        .isFalse();
                assertThat(NOTES.delete(h, ctx, "none")).isFalse();
            });
            try (SyncServer<Handle> server = SyncServer.builder(storage)
                    .strategy(strategy)
                    .createSpaces()
                    .mutators(mutators)
                    .build()) {
                Tab one = new Tab(server, "ann", "p1", "g1", "c1");
                Tab two = new Tab(server, "ann", "p2", "g2", "c2");
                one.pull();
                two.pull();
                one.push("write", "").pull();
                two.pull();
                assertThat(one.view())
                        .containsEntry("note/a", "{\"id\":\"a\",\"text\":\"new\"}")
                        .hasSize(strategy.equals("global") ? 2 : 1);
                assertThat(two.view()).containsEntry("note/c", "{\"id\":\"c\",\"text\":\"x\"}");
            }
            db.assertNoConnectionLeaks();
        }
    }

    static Stream<Arguments> grouped() {
        return Stream.of(DatabaseKind.values())
                .flatMap(kind -> Stream.of("global", "row-version").map(name -> Arguments.of(kind, name)));
    }

    /** PostgreSQL locks no rows of this one. */
    @ParameterizedTest
    @MethodSource("grouped")
    void rowsOfViewsThatCannotBeWrittenCanBeTouched(DatabaseKind kind, String strategy) {
        SyncedTable sums = SyncedTable.of("sums").key("sum/", "id").columns("id");
        try (TestDatabase db = TestDatabase.create(kind)) {
            create(db, Way.ITSELF);
            db.execute("create view sums as select space_id as id, count(*) as notes from base group by space_id");
            JdbiStorage storage =
                    JdbiStorage.builder(db.jdbi()).tables(sums).build().install();
            Mutators<Handle> mutators = new Mutators<Handle>().add("none", String.class, (h, args, ctx) -> {});
            try (SyncServer<Handle> server = SyncServer.builder(storage)
                    .strategy(strategy)
                    .mutators(mutators)
                    .build()) {
                server.<RuntimeException>write("p1", (h, ctx) -> {
                    assertThat(sums.update(h, ctx, Map.of("id", "p1"))).isTrue();
                    assertThat(sums.update(h, ctx, Map.of("id", "p2"))).isFalse();
                });
            }
        }
    }
}
