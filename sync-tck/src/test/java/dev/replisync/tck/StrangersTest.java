package dev.replisync.tck;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.replisync.Mutators;
import dev.replisync.SyncResponse;
import dev.replisync.SyncServer;
import dev.replisync.protocol.Caller;
import dev.replisync.protocol.Json;
import dev.replisync.storage.OpenPush;
import dev.replisync.storage.PushTx;
import dev.replisync.storage.VersionedReads;
import dev.replisync.strategy.rowversion.RowVersion;
import dev.replisync.strategy.space.SpaceVersion;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a stranger asks for is answered as if it did not exist, and after the same work. */
class StrangersTest {
    private final MemoryStorage storage = new MemoryStorage();
    private final List<String> calls = new ArrayList<>();

    @Test
    void aSpaceThatMayNotBeEnteredIsNotToldFromOneThatDoesNotExist() {
        storage.createSpace("closed");
        SyncServer<MemoryTx> server = SyncServer.builder(watched())
                .mutators(mutators())
                .strategy(new SpaceVersion())
                .spaceAccess((user, space) -> user.equals("ann"))
                .build();
        assertThat(push(server, Caller.of("ann", "closed"), "g1", "c1")).isEqualTo("200 {}");
        assertThat(calls).isNotEmpty();
        calls.clear();
        assertThat(push(server, Caller.of("eve", "closed"), "g2", "c2"))
                .isEqualTo(push(server, Caller.of("eve", "nowhere"), "g2", "c2"))
                .startsWith("403 ");
        assertThat(pull(server, Caller.of("eve", "closed"), "g2", "null"))
                .isEqualTo(pull(server, Caller.of("eve", "nowhere"), "g2", "null"))
                .startsWith("403 ");
        // Nobody can measure what does not happen.
        assertThat(calls).as("what the store was asked for strangers").isEmpty();
    }

    @Test
    void anotherUsersGroupIsNotToldFromOnesOwnInAnotherSpace() {
        SyncServer<MemoryTx> server = SyncServer.builder(watched())
                .mutators(mutators())
                .strategy(new SpaceVersion())
                .createSpaces()
                .build();
        push(server, Caller.of("ann", "a"), "anns", "c1");
        push(server, Caller.of("eve", "b"), "eves", "c2");
        calls.clear();
        String pushed = push(server, Caller.of("eve", "a"), "anns", "c3");
        List<String> asked = List.copyOf(calls);
        calls.clear();
        assertThat(push(server, Caller.of("eve", "a"), "eves", "c3"))
                .isEqualTo(pushed)
                .startsWith("403 ");
        assertThat(calls).isEqualTo(asked);
        assertThat(pull(server, Caller.of("eve", "a"), "anns", "null"))
                .isEqualTo(pull(server, Caller.of("eve", "a"), "eves", "null"))
                .startsWith("403 ")
                .doesNotContain("ann");
    }

    @Test
    void anotherUsersRecordIsNotToldFromOneThatDoesNotExist() {
        SyncServer<MemoryTx> server = SyncServer.builder(storage)
                .mutators(mutators())
                .strategy(new RowVersion())
                .build();
        push(server, Caller.of("ann"), "anns", "c1");
        ObjectNode cookie = (ObjectNode) cookie(pull(server, Caller.of("ann"), "anns", "null"));
        String ofAnn = pull(server, Caller.of("eve"), "g1", cookie.toString());
        cookie.put("r", "x".repeat(cookie.path("r").asText().length()));
        String ofNobody = pull(server, Caller.of("eve"), "g2", cookie.toString());
        assertThat(shape(ofAnn)).isEqualTo(shape(ofNobody)).contains("clear");
    }

    /** An answer without the ids that are made for it. */
    private static String shape(String answer) {
        return answer.replaceAll("\"[^\"]{16,}\"", "an id");
    }

    private static com.fasterxml.jackson.databind.JsonNode cookie(String answer) {
        return Bodies.read(answer.substring(4)).path("cookie");
    }

    private static Mutators<MemoryTx> mutators() {
        return new Mutators<MemoryTx>().add("set", Json.class, (tx, value, ctx) -> tx.put("item/1", value));
    }

    private DecoratedStorage<MemoryTx> watched() {
        return new DecoratedStorage<>(storage) {
            @Override
            public PushTx<MemoryTx> open(OpenPush what) {
                calls.add("open");
                return super.open(what);
            }

            @Override
            public Optional<VersionedReads> versioned() {
                return super.versioned().map(reads -> new DecoratedStorage.Reads(reads) {
                    @Override
                    public Snapshot open(Request request) {
                        calls.add("read");
                        return super.open(request);
                    }
                });
            }
        };
    }

    private static String push(SyncServer<MemoryTx> server, Caller caller, String group, String client) {
        return shown(server.push(
                caller,
                stream(Bodies.push(
                        group, "p", "", List.of(Bodies.mutation(client, 1, "set", Bodies.tree(Map.of())))))));
    }

    private static String pull(SyncServer<MemoryTx> server, Caller caller, String group, String cookie) {
        return shown(server.pull(caller, stream(Bodies.pull(group, "p", "", Bodies.read(cookie)))));
    }

    private static ByteArrayInputStream stream(String body) {
        return new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8));
    }

    private static String shown(SyncResponse response) {
        return response.status() + " " + response.text();
    }
}
