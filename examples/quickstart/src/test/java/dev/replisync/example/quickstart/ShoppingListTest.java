package dev.replisync.example.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import io.javalin.Javalin;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The README's program, as a browser uses it. */
@Timeout(60)
class ShoppingListTest {
    private static Javalin server;
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @BeforeAll
    static void start() {
        server = ShoppingList.start(0);
    }

    @AfterAll
    static void stop() {
        server.stop();
    }

    private static HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://localhost:" + server.port() + path));
    }

    private static HttpResponse<String> post(String path, String json) throws Exception {
        HttpRequest request = request(path)
                .header("Authorization", "Bearer alice")
                .POST(BodyPublishers.ofString(json.replace('\'', '"')))
                .build();
        return HTTP.send(request, BodyHandlers.ofString());
    }

    private static void push(int id, String name, String args) throws Exception {
        String body = "{'pushVersion':1,'clientGroupID':'g','profileID':'p','schemaVersion':'','mutations':[{"
                + "'clientID':'c','id':" + id + ",'name':'" + name + "','timestamp':1.5,'args':" + args + "}]}";
        assertThat(post("/api/push", body).statusCode()).isEqualTo(200);
    }

    private static String pull() throws Exception {
        return post(
                        "/api/pull",
                        "{'pullVersion':1,'clientGroupID':'g','profileID':'p','schemaVersion':'','cookie':null}")
                .body()
                .replace('"', '\'');
    }

    private static void awaitPoke(BufferedReader lines) throws Exception {
        assertThat(lines.readLine()).isEqualTo("event: poke");
        assertThat(lines.readLine()).isEqualTo("data: {}");
        assertThat(lines.readLine()).isEmpty();
    }

    @Test
    void pushesComeBackAsPokesAndPulls() throws Exception {
        HttpRequest listen = request("/api/poke?user=bob")
                .header("Accept", "text/event-stream")
                .build();
        HttpResponse<InputStream> pokes = HTTP.send(listen, BodyHandlers.ofInputStream());
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(pokes.body(), StandardCharsets.UTF_8))) {
            awaitPoke(lines);
            push(1, "addItem", "{'id':'milk','name':'Milk','bought':false}");
            awaitPoke(lines);
            assertThat(pull())
                    .contains("'lastMutationIDChanges':{'c':1}")
                    .contains("{'op':'put','key':'item/milk','value':{'id':'milk','name':'Milk','bought':false}}");

            push(2, "buyItem", "{'id':'milk'}");
            push(3, "buyItem", "{'id':'bread'}");
            assertThat(pull())
                    .contains("'lastMutationIDChanges':{'c':3}")
                    .contains("'value':{'id':'milk','name':'Milk','bought':true}")
                    .doesNotContain("bread");
        }
    }

    @Test
    void whoDoesNotSayWhoTheyAreIsToldSo() throws Exception {
        HttpRequest request =
                request("/api/pull").POST(BodyPublishers.ofString("{}")).build();
        assertThat(HTTP.send(request, BodyHandlers.ofString()).statusCode()).isEqualTo(401);
    }
}
