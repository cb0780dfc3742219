package dev.replisync.example.todo;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the endpoints answer, beside what mutators do. */
class HttpTest {
    private static TodoServer server;

    @BeforeAll
    static void start() throws Arguments.Wrong {
        server = TodoServer.start(Arguments.parse("--port", "0"));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static Client as(String user) {
        return new Client(server.port(), user);
    }

    private static void answers(HttpResponse<byte[]> response, int status, String body) {
        assertThat(Client.text(response)).isEqualTo(body);
        assertThat(response.statusCode()).isEqualTo(status);
    }

    @Test
    void healthzSaysOk() {
        answers(as("").get("/healthz"), 200, "ok");
    }

    @Test
    void nobodyGets401ForPushPullAndPoke() {
        String why = "say who you are: Authorization: Bearer <user id>";
        for (String nobody : List.of("", "nobody")) {
            answers(as(nobody).pushed(), 401, why);
            answers(as(nobody).pulledAs("1"), 401, why);
            answers(as(nobody).get("/api/replicache/poke"), 401, why);
        }
        answers(as("").get("/api/replicache/poke?user=nobody"), 401, why);
    }

    @Test
    void anotherUsersClientGroupGets403AndNothingHappens() {
        Client alice = as("alice").push("createList", "{'id':'h','name':'Hers'}");
        Client mallory = as("mallory");
        String stolen = Client.text(mallory.pulledAs("1")).contains("list/h") ? alice.group : "";
        String push = Client.json("{'pushVersion':1,'clientGroupID':'" + stolen
                        + "','profileID':'p','schemaVersion':'','mutations':[")
                + alice.mutation(2, "createList", "{'id':'i','name':'not hers'}") + "]}";
        assertThat(mallory.post("/api/replicache/push", push).statusCode()).isEqualTo(403);
        String pull = Client.json(
                "{'pullVersion':1,'clientGroupID':'" + stolen + "','profileID':'p','schemaVersion':'','cookie':null}");
        assertThat(mallory.post("/api/replicache/pull", pull).statusCode()).isEqualTo(403);
        assertThat(alice.confirmed()).isEqualTo(1);
        assertThat(alice.see("list/i")).isEqualTo("absent");
    }

    @Test
    void aBodyThatIsNoRequestGets400() {
        assertThat(as("alice").post("/api/replicache/push", "{").statusCode()).isEqualTo(400);
        assertThat(as("alice").post("/api/replicache/pull", "[]").statusCode()).isEqualTo(400);
        assertThat(as("x".repeat(513)).pulledAs("1").statusCode()).isEqualTo(403);
        assertThat(as("x".repeat(513)).get("/api/replicache/poke").statusCode()).isEqualTo(403);
    }

    @Test
    void otherMethodsGet405AndOtherPaths404() {
        assertThat(as("alice").get("/api/replicache/push").statusCode()).isEqualTo(405);
        assertThat(as("alice").post("/api/replicache/poke", "").statusCode()).isEqualTo(405);
        assertThat(as("alice").get("/api/other").statusCode()).isEqualTo(404);
        assertThat(as("alice").get("/logback.xml").statusCode()).isEqualTo(404);
        assertThat(as("alice").get("/..%2flogback.xml").statusCode()).isIn(400, 404);
    }

    @Test
    void schemaVersionsEmptyAnd1AreServedAnd0MayPush() {
        String refused = "{\"error\":\"VersionNotSupported\",\"versionType\":\"schema\"}";
        Client client = as("alice");
        for (String served : List.of("", "1")) {
            answers(client.pushedAs(served), 200, "{}");
            assertThat(Client.text(client.pulledAs(served))).contains("\"patch\"");
        }
        answers(client.pushedAs("0", client.mutation(1, "createList", "{'id':'old','name':'Old'}")), 200, "{}");
        assertThat(client.see("list/old")).contains("'name':'Old'");
        answers(client.pulledAs("0"), 200, refused);
        answers(client.pushedAs("2"), 200, refused);
        answers(client.pulledAs("2"), 200, refused);
    }

    @Test
    void theSpaceMakesNoDifferenceInTheGlobalStrategy() {
        Client client = as("alice").push("createList", "{'id':'sp','name':'x'}");
        String pull = Client.json("{'pullVersion':1,'clientGroupID':'" + client.group
                + "','profileID':'p','schemaVersion':'','cookie':null}");
        for (String space : List.of("", "?space=", "?space=other")) {
            assertThat(Client.text(client.post("/api/replicache/pull" + space, pull)))
                    .contains("list/sp");
        }
    }

    @Test
    void responsesOver1KbAreGzippedForThoseWhoAcceptIt() {
        Client client = as("alice").push("createList", "{'id':'z','name':'" + "z".repeat(100_000) + "'}");
        HttpResponse<byte[]> plain = client.pulledAs("1");
        HttpResponse<byte[]> zipped = client.pulledAs("1", "Accept-Encoding", "br, gzip");
        assertThat(plain.headers().firstValue("Content-Encoding")).isEmpty();
        assertThat(zipped.headers().firstValue("Content-Encoding")).contains("gzip");
        assertThat(zipped.body()).hasSizeLessThan(plain.body().length / 10);
        assertThat(Client.text(zipped)).hasSameSizeAs(Client.text(plain)).contains("z".repeat(100_000));

        HttpResponse<byte[]> small = client.post(
                "/api/replicache/push",
                Client.json("{'pushVersion':1,'clientGroupID':'" + client.group
                        + "','profileID':'p','schemaVersion':'','mutations':[]}"),
                "Accept-Encoding",
                "gzip");
        assertThat(small.headers().firstValue("Content-Encoding")).isEmpty();
        answers(small, 200, "{}");
    }

    @Test
    void aDayOfflineFitsIntoOnePush() {
        // 6 MB, several times what web servers allow by default.
        Client client = as("alice").push("createList", "{'id':'big','name':'x'}");
        String text = "x".repeat(10_000);
        String[] mutations = IntStream.rangeClosed(2, 601)
                .mapToObj(n -> client.mutation(
                        n,
                        "createTodo",
                        "{'id':'big" + n + "','listID':'big','text':'" + text + "','completed':false}"))
                .toArray(String[]::new);
        answers(client.pushed(mutations), 200, "{}");
        assertThat(client.keys().stream().filter(k -> k.startsWith("todo/big")).collect(Collectors.toList()))
                .hasSize(600);
    }

    @Test
    void aBodyOver64MbGets413() {
        String body = Client.json("{'pushVersion':1,'x':'") + "x".repeat(64 * 1024 * 1024) + "\"}";
        answers(as("alice").post("/api/replicache/push", body), 413, "the body must have at most 67108864 bytes");
    }

    @Test
    void thePageIsServedOrSaysWhatIsMissing() {
        HttpResponse<byte[]> page = as("").get("/");
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.headers().firstValue("Content-Type")).contains("text/html;charset=utf-8");
        boolean built = HttpTest.class.getResource("/web/index.html") != null;
        assertThat(Client.text(page)).contains(built ? "app.js" : "the page was not built");
        assertThat(as("").get("/app.js").statusCode()).isEqualTo(built ? 200 : 404);
    }

    @Test
    void theAdministratorsPageIsThereOnlyWhenAskedFor() {
        assertThat(as("alice").post("/admin/wipe", "").statusCode()).isEqualTo(404);
        assertThat(as("alice").post("/admin/purge", "").statusCode()).isEqualTo(404);
    }
}
