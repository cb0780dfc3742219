package dev.replisync.example.todo;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/** What keeps spaces apart, with a strategy that knows them. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(60)
abstract class SpacesContract {
    private static final String LIST = "{'id':'l','name':'Shopping'}";
    private static final String ITEM = "{'id':'t','listID':'l','text':'milk','completed':false}";

    private final TodoServer server;
    private Client here;
    private Client there;

    SpacesContract(String... arguments) throws Arguments.Wrong {
        List<String> all = new ArrayList<>(List.of("--port", "0", "--admin"));
        all.addAll(List.of(arguments));
        server = TodoServer.start(Arguments.parse(all.toArray(String[]::new)));
    }

    @BeforeEach
    void startEmpty() {
        here = in("here");
        there = in("there");
        assertThat(here.post("/admin/wipe", "").statusCode()).isEqualTo(200);
        here.push("createList", LIST).push("createTodo", ITEM).pull();
        there.push("createList", "{'id':'k','name':'Other'}").pull();
    }

    @AfterAll
    void stop() {
        server.close();
    }

    private Client in(String space) {
        return new Client(server.port(), "alice", space);
    }

    @Test
    void oneSpaceDoesNotShowWhatIsInAnother() {
        assertThat(here.keys()).containsExactly("list/l", "todo/t");
        assertThat(there.keys()).containsExactly("list/k");
        assertThat(in("there").keys()).containsExactly("list/k");
        assertThat(in("nobody was here").keys()).isEmpty();
        assertThat(in("ü 😀").push("createList", "{'id':'u','name':'x'}").keys())
                .containsExactly("list/u");
    }

    @Test
    void noMutatorReachesIntoAnotherSpace() {
        here.push("putNote", "{'id':'n','listID':'l','value':1}")
                .push("createShare", "{'id':'s','listID':'l','userID':'bob'}");
        there.push("deleteList", "{'id':'l'}")
                .push("createTodo", "{'id':'x','listID':'l','text':'x','completed':false}")
                .push("updateTodo", "{'id':'t','completed':true}")
                .push("moveTodo", "{'id':'t','by':5}")
                .push("deleteTodo", "{'id':'t'}")
                .push("importTodos", "{'listID':'l','todos':[]}")
                .push("clearList", "{'listID':'l'}")
                .push("createShare", "{'id':'y','listID':'l','userID':'bob'}")
                .push("deleteShare", "{'id':'s'}")
                .push("putNote", "{'id':'n','listID':'k','value':2}")
                .push("putNote", "{'id':'o','listID':'l','value':2}")
                .push("deleteNote", "{'id':'n'}");
        assertThat(there.confirmed()).isEqualTo(13);
        assertThat(there.keys()).containsExactly("list/k");
        assertThat(here.keys()).containsExactly("list/l", "note/n", "share/s", "todo/t");
        assertThat(here.see("note/n")).isEqualTo("{'id':'n','listID':'l','value':1}");
        assertThat(here.see("todo/t")).isEqualTo("{'id':'t','listID':'l','text':'milk','completed':false,'sort':1}");
        assertThat(in("here").keys()).isEqualTo(here.keys());
    }

    @Test
    void aClientGroupBelongsToItsSpace() {
        Client astray = in("there").withGroupOf(here);
        HttpResponse<byte[]> pushed = astray.pushed(astray.mutation(1, "createList", "{'id':'z','name':'x'}"));
        assertThat(pushed.statusCode()).isEqualTo(403);
        assertThat(astray.pulledAs("1").statusCode()).isEqualTo(403);
        assertThat(here.confirmed()).isEqualTo(2);
        assertThat(there.keys()).containsExactly("list/k");
        here.push("moveTodo", "{'id':'t','by':1}");
        assertThat(here.see("todo/t")).contains("'sort':2");
    }

    @Test
    void whatHappensInOneSpaceIsNothingNewInAnother() {
        String before = Client.text(there.pulledAs("1"));
        here.push("moveTodo", "{'id':'t','by':1}");
        assertThat(Client.text(there.pulledAs("1"))).isEqualTo(before).contains(Client.json("'patch':[]"));
    }

    @Test
    void pokesStayInTheirSpace() throws Exception {
        try (PokeListener inHere = new PokeListener(here, "?space=here");
                PokeListener inThere = new PokeListener(there, "?space=there")) {
            here.push("moveTodo", "{'id':'t','by':1}");
            inHere.awaitPoke();
            there.push("createList", "{'id':'m','name':'x'}");
            inThere.awaitPoke();
            assertThat(inThere.pokes()).isEqualTo(1);
            here.post("/admin/wipe", "");
            inHere.awaitPoke();
            inThere.awaitPoke();
        }
    }

    @Test
    void theNameThatTheStorageUsesItselfIsNoSpace() {
        Client all = in("global");
        for (HttpResponse<byte[]> answer : List.of(
                all.pulledAs("1"),
                all.pushed(all.mutation(1, "createList", "{'id':'g','name':'x'}")),
                all.get("/api/replicache/poke?space=global"))) {
            assertThat(answer.statusCode()).isEqualTo(403);
            assertThat(Client.text(answer)).isEqualTo("no space can be named 'global'");
        }
        assertThat(here.keys()).containsExactly("list/l", "todo/t");
    }
}
