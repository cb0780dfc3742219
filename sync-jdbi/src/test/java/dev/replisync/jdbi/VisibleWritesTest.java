package dev.replisync.jdbi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.replisync.Mutators;
import dev.replisync.SyncServer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** SQL of mutators that reaches just the rows that {@code canSee} says their user sees. */
class VisibleWritesTest {
    private static final SyncedTable NOTES = SyncedTable.of("note")
            .key("note/", "id")
            .columns("id", "text")
            .space("space_id")
            .deletedColumn("gone")
            .readableBy("select t.owner")
            .readableByAll("t.owner is null");

    private static final String CHANGE = "update note t set text = :text where t.id = :id and :visible";

    record Change(String id, @Nullable String text) {}

    static Stream<Arguments> all() {
        return Stream.of(DatabaseKind.values())
                .flatMap(kind -> Stream.of("global", "space", "row-version").map(name -> Arguments.of(kind, name)));
    }

    @ParameterizedTest
    @MethodSource("all")
    void onlyWhatTheUserSeesIsWritten(DatabaseKind kind, String strategy) {
        Map<String, Integer> written = new HashMap<>();
        Map<String, Boolean> seen = new HashMap<>();
        Mutators<Handle> mutators = new Mutators<Handle>().add("change", Change.class, (db, change, ctx) -> {
            seen.put(change.id(), ctx.canSee("note/" + change.id()));
            Map<String, @Nullable Object> arguments = new HashMap<>();
            arguments.put("id", change.id());
            arguments.put("text", change.text());
            int rows = NOTES.execute(db, ctx, CHANGE, arguments);
            written.put(change.id(), rows);
            if (rows > 0) {
                ctx.touch("note/" + change.id());
            }
        });
        try (TestDatabase db = database(kind);
                SyncServer<Handle> server = server(db, strategy, mutators)) {
            Tab ann = new Tab(server, "ann", "home", "g", "c");
            ann.pull();
            for (String id : List.of("own", "all", "bobs", "away", "dead", "none")) {
                ann.push("change", new Change(id, "new"));
            }
            boolean global = strategy.equals("global");
            assertThat(written)
                    .as("rows written, of which all spaces are one in the global strategy")
                    .isEqualTo(Map.of("own", 1, "all", 1, "bobs", 0, "away", global ? 1 : 0, "dead", 0, "none", 0));
            written.forEach((id, rows) -> assertThat(seen).containsEntry(id, rows > 0));
            ann.pull();
            assertThat(ann.view())
                    .containsEntry("note/own", "{\"id\":\"own\",\"text\":\"new\"}")
                    .containsEntry("note/all", "{\"id\":\"all\",\"text\":\"new\"}")
                    .hasSize(global ? 3 : 2);
            ann.push("change", new Change("own", null)).pull();
            assertThat(ann.view())
                    .as("null is a value too")
                    .containsEntry("note/own", "{\"id\":\"own\",\"text\":null}");
            List<String> left = db.jdbi()
                    .withHandle(h -> h.createQuery("select text from note where id in ('bobs', 'dead')")
                            .mapTo(String.class)
                            .list());
            assertThat(left).containsExactly("old", "old");
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void whatNamesNoRowsIsRefused(DatabaseKind kind, String strategy) {
        List<String> refused = new ArrayList<>();
        Mutators<Handle> mutators = new Mutators<Handle>().add("change", Change.class, (db, change, ctx) -> {
            assertThatThrownBy(() -> NOTES.execute(db, ctx, "delete from note t where t.id = :id", Map.of("id", "own")))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("it must say :visible");
            for (String unheard :
                    List.of("/* :visible */", "-- :visible\n", "and text <> ':visible'", ":visibleToAll")) {
                assertThatThrownBy(() ->
                                NOTES.execute(db, ctx, "delete from note t where t.id = 'own' " + unheard, Map.of()))
                        .as(unheard)
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("it must say :visible");
            }
            assertThatThrownBy(() -> NOTES.execute(db, ctx, "delete from note t where :visible", Map.of("user", "bob")))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("user and space are known");
            refused.add(change.id());
        });
        try (TestDatabase db = database(kind);
                SyncServer<Handle> server = server(db, strategy, mutators)) {
            new Tab(server, "ann", "home", "g", "c").push("change", new Change("own", "x"));
            assertThat(refused).containsExactly("own");
            int rows = db.jdbi()
                    .withHandle(h -> h.select("select count(*) from note")
                            .mapTo(Integer.class)
                            .one());
            assertThat(rows).isEqualTo(5);
        }
    }

    /** The parameters of what decides are not those of the mutator's SQL, whatever their names. */
    @ParameterizedTest
    @MethodSource("all")
    void argumentsAreNoneOfTheRulesOwn(DatabaseKind kind, String strategy) {
        SyncedTable notes = NOTES.where("coalesce(cast(:profile as varchar), 'none') = 'none' and t.space_id = :space");
        Map<String, Boolean> seen = new HashMap<>();
        Map<String, Integer> written = new HashMap<>();
        Mutators<Handle> mutators = new Mutators<Handle>().add("change", Change.class, (db, change, ctx) -> {
            seen.put(change.id(), ctx.canSee("note/" + change.id()));
            written.put(
                    change.id(),
                    notes.execute(
                            db,
                            ctx,
                            "update note t set text = :visibleText where t.id = :profile and :visible and :space = 'home'",
                            Map.of("profile", change.id(), "visibleText", "new")));
        });
        try (TestDatabase db = database(kind);
                SyncServer<Handle> server = server(db, strategy, mutators, notes)) {
            new Tab(server, "ann", "home", "g", "c")
                    .push("change", new Change("own", "x"))
                    .push("change", new Change("away", "x"));
            boolean global = strategy.equals("global");
            assertThat(seen)
                    .as("what can be seen, which is what is pulled")
                    .isEqualTo(Map.of("own", !global, "away", false));
            assertThat(written).isEqualTo(Map.of("own", global ? 0 : 1, "away", 0));
        }
    }

    private static TestDatabase database(DatabaseKind kind) {
        TestDatabase db = TestDatabase.create(kind);
        db.execute(
                "create table note (id varchar(10) primary key, space_id varchar(20) not null, owner varchar(10),"
                        + " text varchar(50), gone boolean not null)",
                "insert into note values ('own', 'home', 'ann', 'old', false)",
                "insert into note values ('all', 'home', null, 'old', false)",
                "insert into note values ('bobs', 'home', 'bob', 'old', false)",
                "insert into note values ('away', 'elsewhere', 'ann', 'old', false)",
                "insert into note values ('dead', 'home', 'ann', 'old', true)");
        return db;
    }

    private static SyncServer<Handle> server(TestDatabase db, String strategy, Mutators<Handle> mutators) {
        return server(db, strategy, mutators, NOTES);
    }

    private static SyncServer<Handle> server(
            TestDatabase db, String strategy, Mutators<Handle> mutators, SyncedTable notes) {
        JdbiStorage storage =
                JdbiStorage.builder(db.jdbi()).tables(notes).build().install();
        return SyncServer.builder(storage)
                .strategy(strategy)
                .createSpaces()
                .mutators(mutators)
                .build();
    }
}
