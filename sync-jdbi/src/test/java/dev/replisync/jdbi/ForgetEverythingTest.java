package dev.replisync.jdbi;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.replisync.Mutators;
import dev.replisync.SyncServer;
import dev.replisync.strategy.rowversion.RowVersion;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A demonstration that starts again, while its clients are there. */
@Timeout(60)
class ForgetEverythingTest {
    private static final SyncedTable ITEMS =
            SyncedTable.of("item").key("item/", "id").columns("id").space("space_id");

    @ParameterizedTest
    @EnumSource(DatabaseKind.class)
    void clientsAreSentEverythingAnewAndTheirWorkIsLost(DatabaseKind kind) {
        TestDatabase db = TestDatabase.create(kind);
        db.execute("create table item (id varchar(20) primary key, space_id varchar(20) not null)");
        JdbiStorage storage =
                JdbiStorage.builder(db.jdbi()).tables(ITEMS).build().install();
        storage.createSpace("default");
        try (db;
                SyncServer<Handle> server = SyncServer.builder(storage)
                        .strategy(new RowVersion())
                        .mutators(new Mutators<Handle>()
                                .add("put", String.class, (h, id, ctx) -> ITEMS.put(h, ctx, Map.of("id", id))))
                        .build()) {
            Tab ann = new Tab(server, "ann", "ga", "ca").push("put", "a");
            Tab bob = new Tab(server, "bob", "gb", "cb");
            assertThat(ann.pull()).containsExactly("put item/a {\"id\":\"a\"}");
            assertThat(bob.pull()).containsExactly("put item/a {\"id\":\"a\"}");
            db.execute("delete from item", "insert into item values ('z', 'default')");
            JsonNode epoch = bob.cookie().path("e");

            storage.forgetEverything();

            for (String table : List.of("client_group", "client", "pull", "record", "ledger")) {
                assertThat(rows(db, "\"replisync_" + table + "\"")).as(table).isZero();
            }
            assertThat(rows(db, "\"replisync_space\" where id = 'default'")).isOne();
            assertThat(rows(db, "item")).isOne();
            assertThat(bob.pull()).containsExactly("clear", "put item/z {\"id\":\"z\"}");
            assertThat(bob.cookie().path("e")).as("the epoch").isNotEqualTo(epoch);
            assertThat(ann.pull()).containsExactly("clear", "put item/z {\"id\":\"z\"}");
            ann.push("put", "lost");
            Tab again = new Tab(server, "ann", "ga2", "ca2");
            assertThat(again.pull()).containsExactly("put item/z {\"id\":\"z\"}");
            again.push("put", "b");
            assertThat(again.pull()).containsExactly("put item/b {\"id\":\"b\"}");
            assertThat(bob.pull()).containsExactly("put item/b {\"id\":\"b\"}");
            bob.push("put", "c");
            assertThat(bob.pull()).containsExactly("put item/c {\"id\":\"c\"}");
            assertThat(bob.ids().path("cb").longValue()).isOne();
        }
    }

    private static long rows(TestDatabase db, String table) {
        return db.jdbi()
                .withHandle(h -> h.select("select count(*) from " + table)
                        .mapTo(Long.class)
                        .one());
    }
}
