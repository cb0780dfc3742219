package dev.replisync.jdbi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replisync.Mutators;
import dev.replisync.SyncResponse;
import dev.replisync.SyncServer;
import dev.replisync.protocol.Caller;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A server on each database, from outside. */
class SmokeTest {
    private static final SyncedTable TODOS =
            SyncedTable.of("todo").key("todo/", "id").columns("id", "text", "completed");
    private static final Caller CALLER = new Caller("u", "default", "r");

    record Todo(String id, String text, boolean completed) {}

    @ParameterizedTest
    @EnumSource(DatabaseKind.class)
    void pushesAndPulls(DatabaseKind kind) throws Exception {
        try (TestDatabase db = TestDatabase.create(kind)) {
            db.execute("create table todo (id varchar(50) primary key, text varchar, completed boolean not null)");
            JdbiStorage storage =
                    JdbiStorage.builder(db.jdbi()).tables(TODOS).build().install();
            try (SyncServer<Handle> server = SyncServer.builder(storage)
                    .mutators(new Mutators<Handle>()
                            .add("create", Todo.class, (h, t, ctx) -> TODOS.insert(h, ctx, t))
                            .add("delete", Todo.class, (h, t, ctx) -> TODOS.delete(h, ctx, t.id())))
                    .strategy("global")
                    .build()) {
                push(server, 1, "create", "t1");
                push(server, 2, "create", "t2");
                String first = pull(server, "null");
                assertThat(first)
                        .contains("\"lastMutationIDChanges\":{\"c\":2}")
                        .contains(
                                "{\"op\":\"put\",\"key\":\"todo/t1\",\"value\":{\"id\":\"t1\",\"text\":\"x\",\"completed\":false}}");
                push(server, 3, "delete", "t1");
                assertThat(pull(server, first.replaceAll(".*\"cookie\":(\\{[^}]*}).*", "$1")))
                        .contains("\"patch\":[{\"op\":\"del\",\"key\":\"todo/t1\"}]");
            }
        }
    }

    private static void push(SyncServer<Handle> server, int id, String name, String todo) {
        SyncResponse response = server.push(
                CALLER,
                body(
                        "{\"pushVersion\":1,\"clientGroupID\":\"g\",\"profileID\":\"p\",\"schemaVersion\":\"\",\"mutations\":"
                                + "[{\"clientID\":\"c\",\"id\":" + id + ",\"name\":\"" + name + "\",\"args\":{\"id\":\""
                                + todo
                                + "\",\"text\":\"x\",\"completed\":false},\"timestamp\":1}]}"));
        assertThat(response.status()).isEqualTo(200);
    }

    private static String pull(SyncServer<Handle> server, String cookie) throws IOException {
        SyncResponse response = server.pull(
                CALLER,
                body("{\"pullVersion\":1,\"clientGroupID\":\"g\",\"profileID\":\"p\",\"schemaVersion\":\"\",\"cookie\":"
                        + cookie + "}"));
        assertThat(response.status()).isEqualTo(200);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        response.body().writeTo(out);
        return out.toString(StandardCharsets.UTF_8);
    }

    private static ByteArrayInputStream body(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }
}
