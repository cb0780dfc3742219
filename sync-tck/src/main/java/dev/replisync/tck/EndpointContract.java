package dev.replisync.tck;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.replisync.storage.PushTx;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * What goes over the wire: statuses, headers, and the bytes of the answers, for whatever comes in.
 *
 * @param <T> the storage's handle
 */
public abstract class EndpointContract<T> extends ServerContract<T> {

    /**
     * For subclasses.
     *
     * @param setup what is tested
     */
    protected EndpointContract(ServerSetup<T> setup) {
        super(setup);
    }

    @Test
    @Rule("R33")
    final void successIsExactly200() {
        ModelClient client = node().client("ann").set("item/1", 1);
        assertThat(client.tryPush().status()).as("status of a push").isEqualTo(200);
        assertThat(client.tryPush().status())
                .as("status of a push without news")
                .isEqualTo(200);
        assertThat(client.tryPull().status()).as("status of a pull").isEqualTo(200);
        assertThat(client.tryPull().status())
                .as("status of a pull without news")
                .isEqualTo(200);
    }

    @Test
    @Rule({"R33", "R34"})
    final void whatIsNotSupportedIsSaidWithStatus200() {
        Node<T> node = node(builder -> builder.schemaVersions(Set.of("2"), Set.of("1")));
        notSupported(node.client("ann").schema("3").set("item/1", 1).tryPush(), "schema");
        notSupported(node.client("ann").schema("1").tryPull().answer(), "schema");
        ModelClient client = node.client("ann").schema("2");
        notSupported(
                client.sendPush("{\"pushVersion\":0,\"profileID\":\"p\",\"clientID\":\"c\",\"mutations\":[]}"), "push");
        notSupported(client.sendPush("{\"pushVersion\":2,\"anything\":[]}"), "push");
        notSupported(node.wire().pull(call("ann", SPACE, "{\"pullVersion\":0,\"clientID\":\"c\"}")), "pull");
        assertClients().isEmpty();
        assertGroups().isEmpty();
    }

    @Test
    @Rule("R34")
    final void pushesOfOldSchemasAreTakenForLongerThanPulls() {
        Node<T> node = node(builder -> builder.schemaVersions(Set.of("2"), Set.of("1")));
        ModelClient old = node.client("ann").schema("1").set("item/1", 1).push();
        assertLastMutationID(old).isEqualTo(1);
        assertStored("item/1").isEqualTo("1");
    }

    @Test
    @Rule("R45")
    final void only401SaysThatCredentialsAreMissing() {
        Node<T> node = node();
        String push = Bodies.push("g", "p", "", List.of());
        String pull = Bodies.pull("g", "p", "", Bodies.read("null"));
        assertStatus(node.wire().push(call(null, SPACE, push))).isEqualTo(401);
        assertStatus(node.wire().pull(call(null, SPACE, pull))).isEqualTo(401);
        assertStatus(node.wire().push(call("ann", "forbidden", push))).isEqualTo(403);
        assertStatus(node.wire().pull(call("ann", "forbidden", pull))).isEqualTo(403);
        ModelClient owner = node.client("ann").set("item/1", 1).sync();
        ModelClient stranger = owner.posing("eve", SPACE);
        assertThat(stranger.set("item/1", 2).tryPush().status())
                .as("a push with somebody else's group")
                .isEqualTo(403);
        assertThat(stranger.tryPull().status())
                .as("a pull with somebody else's group")
                .isEqualTo(403);
    }

    @Test
    @Rule("R33")
    final void onlyPostIsServed() {
        Node<T> node = node();
        for (String method : List.of("GET", "PUT", "DELETE")) {
            Supplier<InputStream> body = () -> new ByteArrayInputStream(new byte[0]);
            assertStatus(node.wire().push(new Wire.Call(method, "ann", SPACE, body)))
                    .isEqualTo(405);
            assertStatus(node.wire().pull(new Wire.Call(method, "ann", SPACE, body)))
                    .isEqualTo(405);
        }
    }

    @Test
    @Rule("R65")
    @Needs(strategy = Trait.DIFFERENCES)
    final void anAnswerToAPullIsWrittenAsTheClientDemands() {
        ModelClient client = node().client("ann");
        memberTypes(client.pull());
        client.set("item/null", Bodies.read("null"))
                .set("item/number", 5)
                .set("item/gone", 1)
                .push();
        PullAnswer news = client.pull();
        memberTypes(news);
        assertThat(news.answer().body())
                .as("body with a null value")
                .contains("\"op\":\"put\",\"key\":\"item/null\",\"value\":null}")
                .contains("\"" + client.clientID() + "\":3");
        assertSeen(client, "item/null").isEqualTo(Bodies.read("null"));
        client.delete("item/gone").push();
        assertThat(client.pull().answer().body())
                .as("body of the answer")
                .contains("{\"op\":\"del\",\"key\":\"item/gone\"}");
        memberTypes(client.pull());
        client.view().cookie(Bodies.read("\"foreign\""));
        assertThat(client.pull().answer().body()).as("body of the answer").contains("[{\"op\":\"clear\"},");
    }

    private static void memberTypes(PullAnswer answer) {
        assertThat(answer.body().has("cookie")).as("has a cookie").isTrue();
        JsonNode ids = answer.body().path("lastMutationIDChanges");
        assertThat(ids.isObject())
                .as("lastMutationIDChanges is an object: %s", answer.body())
                .isTrue();
        ids.forEach(id -> assertThat(id.isIntegralNumber())
                .as("an id is a number: %s", id)
                .isTrue());
        assertThat(answer.body().path("patch").isArray())
                .as("patch is an array: %s", answer.body())
                .isTrue();
        answer.body().path("patch").forEach(operation -> {
            assertThat(operation.path("op").asText()).as("operation").isIn("put", "del", "clear");
            assertThat(operation.has("value"))
                    .as("a value in %s", operation)
                    .isEqualTo("put".equals(operation.path("op").asText()));
        });
        String type = answer.answer().headers().entrySet().stream()
                .filter(header -> header.getKey().equalsIgnoreCase("Content-Type"))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse("none");
        assertThat(type).as("content type").startsWith("application/json");
    }

    @Test
    @Rule({"R30", "R32"})
    final void hostileBodiesAreRefusedWithoutAnyTrace() {
        Node<T> node = node();
        List<String> bodies = List.of(
                "",
                " ",
                "null",
                "[]",
                "5",
                "\"x\"",
                "{",
                "{}",
                "{}{}",
                "nonsense",
                "\0",
                "[".repeat(200_000),
                "{\"pushVersion\":\"1\"}",
                "{\"pushVersion\":1.5}",
                "{\"pullVersion\":null}",
                "{\"pushVersion\":1e400}",
                "{\"pushVersion\":1,\"clientGroupID\":\"g\",\"mutations\":{}}",
                "{\"pushVersion\":1,\"clientGroupID\":5,\"mutations\":[]}",
                "{\"pushVersion\":1,\"clientGroupID\":\"\",\"mutations\":[]}",
                "{\"pushVersion\":1,\"clientGroupID\":\"a\\u0000b\",\"mutations\":[]}",
                "{\"pushVersion\":1,\"clientGroupID\":\"\\ud800\",\"mutations\":[]}",
                "{\"pushVersion\":1,\"clientGroupID\":\"" + "g".repeat(10_000) + "\",\"mutations\":[]}",
                "{\"pullVersion\":1,\"clientGroupID\":null,\"cookie\":null}",
                "{\"pullVersion\":1,\"clientGroupID\":\"a\\u0000b\",\"cookie\":null}");
        for (String body : bodies) {
            String shown = body.length() > 100 ? body.substring(0, 100) : body;
            assertThat(node.wire().push(call("ann", SPACE, body)).status())
                    .as("a push of %s", shown)
                    .isEqualTo(400);
            assertThat(node.wire().pull(call("ann", SPACE, body)).status())
                    .as("a pull of %s", shown)
                    .isEqualTo(400);
        }
        assertGroups().isEmpty();
    }

    @Test
    @Rule("R30")
    final void aMalformedMutationRefusesTheWholePush() {
        ModelClient client = node().client("ann");
        String good =
                client.mutation(1, "set", Map.of("key", "item/1", "value", 1)).toString();
        List<String> bad = List.of(
                "null",
                "{}",
                "[]",
                good.replace("\"id\":1", "\"id\":\"1\""),
                good.replace("\"id\":1", "\"id\":0"),
                good.replace("\"id\":1", "\"id\":-1"),
                good.replace("\"id\":1", "\"id\":1.5"),
                good.replace("\"id\":1", "\"id\":9007199254740992"),
                good.replace("\"id\":1", "\"id\":null"),
                good.replace("\"name\":\"set\"", "\"name\":null"),
                good.replace("\"timestamp\":", "\"timestamp\":\"\",\"x\":"));
        for (String mutation : bad) {
            Wire.Answer answer =
                    client.sendPush("{\"pushVersion\":1,\"profileID\":\"p\",\"schemaVersion\":\"\",\"clientGroupID\":\""
                            + client.groupID() + "\",\"mutations\":[" + good + "," + mutation + "]}");
            assertThat(answer.status()).as("status of a push with %s", mutation).isEqualTo(400);
        }
        assertLastMutationID(client).isZero();
        assertStored("item/1").isEqualTo("absent");
        client.set("item/1", 1).sync();
    }

    @Test
    @Rule("R30")
    final void unknownMembersAndOtherOrdersAreFine() {
        ModelClient client = node().client("ann");
        Wire.Answer push =
                client.sendPush(" {\"x\":[{}],\"mutations\":[{\"timestamp\":4413.254198,\"y\":{\"id\":5},\"args\":"
                        + "{\"value\":1,\"z\":0,\"key\":\"item/1\"},\"name\":\"set\",\"id\":1,\"clientID\":\""
                        + client.clientID()
                        + "\"}],\"clientGroupID\":\"" + client.groupID() + "\",\"pushVersion\":1} \n");
        assertStatus(push).isEqualTo(200);
        assertClients().isEqualTo(Map.of(client.clientID(), new PushTx.Client(client.groupID(), 1)));
        assertPatch(client.pull()).containsExactly("put item/1 1");
    }

    @Test
    @Rule("R32")
    final void onlyTheBodyHasALimitThatRefusesAPush() {
        Node<T> node = node(builder -> builder.maxBodyBytes(20_000));
        ModelClient client =
                node.client("ann").set("item/1", "x".repeat(15_000)).push().set("item/2", 2);
        assertThat(client.tryPush().status()).as("a body below the limit").isEqualTo(200);
        client.set("item/3", "x".repeat(30_000));
        assertThat(client.tryPush().status()).as("a body above the limit").isEqualTo(413);
        assertLastMutationID(client).isEqualTo(2);
        client.pull();
        assertPending(client).hasSize(1);
    }

    @Test
    @Rule({"R30", "R31"})
    final void aBodyThatBreaksOffChangesNothing() {
        Node<T> node = node();
        ModelClient client = node.client("ann").set("item/1", 1);
        byte[] body = Bodies.push(client.groupID(), "p", "", client.pending()).getBytes(StandardCharsets.UTF_8);
        InputStream half = new ByteArrayInputStream(body, 0, body.length / 2);
        InputStream broken = new SequenceInputStream(half, new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("the client went away");
            }

            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                throw new IOException("the client went away");
            }
        });
        assertStatus(node.wire().push(new Wire.Call("POST", "ann", SPACE, () -> broken)))
                .isEqualTo(400);
        assertLastMutationID(client).isZero();
        client.push();
    }

    private static void notSupported(Wire.Answer answer, String type) {
        assertThat(answer.status()).as("status of a refused version").isEqualTo(200);
        assertThat(Bodies.read(answer.body()))
                .isEqualTo(Bodies.tree(Map.of("error", "VersionNotSupported", "versionType", type)));
    }

    private static Wire.Call call(@Nullable String user, String space, String body) {
        byte[] utf8 = body.getBytes(StandardCharsets.UTF_8);
        return new Wire.Call("POST", user, space, () -> new ByteArrayInputStream(utf8));
    }
}
