package dev.replisync.jdbi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replisync.Mutators;
import dev.replisync.SyncServer;
import dev.replisync.protocol.Json;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.postgres.PostgresPlugin;
import org.junit.jupiter.api.Test;

/** What an application's own Jdbi can do, its plugins included, a mutator's handle can do. */
class PostgresPluginTest {
    record Tagged(String id, List<String> tags) {}

    @Test
    void mutatorsBindTheTypesOfThePlugin() {
        try (TestDatabase db = TestDatabase.postgres("")) {
            db.execute("create table tagged (id uuid primary key, tags text[] not null)");
            Jdbi jdbi = Jdbi.create(db.pool()).installPlugin(new PostgresPlugin());
            SyncedTable table = SyncedTable.of("tagged").key("tagged/", "id").columns("id");
            try (SyncServer<Handle> server = SyncServer.builder(
                            JdbiStorage.builder(jdbi).tables(table).build().install())
                    .strategy("global")
                    .mutators(new Mutators<Handle>().add("tag", Tagged.class, (h, args, ctx) -> {
                        h.createUpdate("insert into tagged (id, tags) values (:id, :tags)")
                                .bind("id", UUID.fromString(args.id()))
                                .bindArray("tags", String.class, args.tags())
                                .execute();
                        ctx.touch("tagged/" + args.id());
                    }))
                    .build()) {
                String id = "6ad325b1-0000-4000-8000-00000000000a";
                Tab tab = new Tab(server, "u", "g", "c");
                tab.push("tag", new Tagged(id, List.of("a", "b")));
                tab.pull();
                assertThat(tab.view()).containsOnlyKeys("tagged/" + id);
                assertThat(jdbi.<List<String>, RuntimeException>withHandle(
                                h -> h.createQuery("select unnest(tags) from tagged")
                                        .mapTo(String.class)
                                        .list()))
                        .containsExactly("a", "b");
                assertThat(tab.view().get("tagged/" + id))
                        .isEqualTo(Json.parse("{\"id\":\"" + id + "\"}").toString());
            }
        }
    }
}
