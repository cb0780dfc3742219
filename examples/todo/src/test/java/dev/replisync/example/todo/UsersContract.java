package dev.replisync.example.todo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/** What each user sees with row versions: their own lists, those shared with them, and of these what their window shows. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(60)
abstract class UsersContract {
    private final TodoServer server;
    private Client alice;
    private Client bob;

    UsersContract(String... arguments) throws Arguments.Wrong {
        List<String> all = new ArrayList<>(List.of("--port", "0", "--admin", "--strategy", "row-version"));
        all.addAll(List.of(arguments));
        server = TodoServer.start(Arguments.parse(all.toArray(String[]::new)));
    }

    @BeforeEach
    void startEmpty() {
        alice = as("alice");
        bob = as("bob");
        assertThat(alice.post("/admin/wipe", "").statusCode()).isEqualTo(200);
        alice.push("createList", "{'id':'l','name':'Shopping'}")
                .push("createTodo", "{'id':'a','listID':'l','text':'milk','completed':false}")
                .push("createTodo", "{'id':'b','listID':'l','text':'bread','completed':true}")
                .push("createTodo", "{'id':'c','listID':'l','text':'salt','completed':false}")
                .push("putNote", "{'id':'n','listID':'l','value':1}")
                .pull();
        bob.pull();
    }

    @AfterAll
    void stop() {
        server.close();
    }

    private Client as(String user) {
        return new Client(server.port(), user);
    }

    private void share() {
        alice.push("createShare", "{'id':'s','listID':'l','userID':'bob'}");
    }

    private void unshare() {
        alice.push("deleteShare", "{'id':'s'}");
    }

    @Test
    void aListIsTheOwnersUntilItIsShared() {
        assertThat(bob.keys()).isEmpty();
        share();
        assertThat(bob.keys()).containsExactly("list/l", "note/n", "share/s", "todo/a", "todo/b", "todo/c");
        assertThat(as("carol").keys()).isEmpty();
        unshare();
        assertThat(bob.keys()).isEmpty();
        assertThat(alice.keys()).containsExactly("list/l", "note/n", "todo/a", "todo/b", "todo/c");
    }

    @Test
    void whatAUserDoesNotSeeAUserCannotChange() {
        bob.push("createTodo", "{'id':'x','listID':'l','text':'x','completed':false}")
                .push("updateTodo", "{'id':'a','text':'x'}")
                .push("moveTodo", "{'id':'a','by':5}")
                .push("deleteTodo", "{'id':'a'}")
                .push("importTodos", "{'listID':'l','todos':[]}")
                .push("clearList", "{'listID':'l'}")
                .push("deleteList", "{'id':'l'}")
                .push("createShare", "{'id':'y','listID':'l','userID':'bob'}")
                .push("createList", "{'id':'k','name':'His'}")
                .push("putNote", "{'id':'n','listID':'k','value':2}")
                .push("deleteNote", "{'id':'n'}");
        assertThat(bob.confirmed()).isEqualTo(11);
        assertThat(bob.keys()).containsExactly("list/k");
        assertThat(alice.keys()).containsExactly("list/l", "note/n", "todo/a", "todo/b", "todo/c");
        assertThat(alice.see("todo/a")).isEqualTo("{'id':'a','listID':'l','text':'milk','completed':false,'sort':1}");
        assertThat(alice.see("note/n")).isEqualTo("{'id':'n','listID':'l','value':1}");
    }

    @Test
    void aNoteThatMovesToAnotherListChangesItsReaders() {
        share();
        alice.push("createList", "{'id':'k','name':'Hers'}");
        assertThat(bob.see("note/n")).isNotEqualTo("absent");
        alice.push("putNote", "{'id':'n','listID':'k','value':2}");
        assertThat(bob.see("note/n")).isEqualTo("absent");
        alice.push("putNote", "{'id':'n','listID':'l','value':3}");
        assertThat(bob.see("note/n")).isEqualTo("{'id':'n','listID':'l','value':3}");
    }

    @Test
    void accessThatComesAndGoesWhileAClientIsAwayShowsWhenItReturns() {
        share();
        bob.pull();
        JsonNode cookie = bob.cookie();
        Map<String, JsonNode> held = Map.copyOf(bob.view);
        unshare();
        // Work that was done offline on what is not shared any more.
        bob.push("moveTodo", "{'id':'a','by':5}")
                .push("createTodo", "{'id':'x','listID':'l','text':'x','completed':true}");
        assertThat(bob.keys()).isEmpty();
        assertThat(bob.confirmed()).isEqualTo(2);
        assertThat(alice.see("todo/a")).contains("'sort':1");
        assertThat(alice.see("todo/x")).isEqualTo("absent");
        share();
        alice.push("moveTodo", "{'id':'a','by':6}");
        // The other tab was asleep all the time.
        assertThat(bob.resume(cookie, held).see("todo/a")).contains("'sort':7");
        assertThat(bob.keys()).isEqualTo(as("bob").keys());
    }

    @Test
    void sharingPokesTheOtherUser() throws Exception {
        try (PokeListener listener = new PokeListener(bob, "")) {
            share();
            listener.awaitPoke();
            assertThat(bob.keys()).contains("list/l");
            unshare();
            listener.awaitPoke();
            assertThat(bob.keys()).isEmpty();
        }
    }

    @Test
    void anothersCookieIsAResetThatNamesNothingOfTheirs() {
        String answer = Client.text(bob.resume(alice.cookie(), Map.of()).pulledAs("1"));
        assertThat(answer).contains(Client.json("'patch':[{'op':'clear'}]")).doesNotContain("list/l", "todo/", "note/");
    }

    @Test
    void aWindowShowsTheFirstOfWhatIsWanted() {
        alice.push("setWindow", "{'profileID':'p','showCompleted':false,'limit':null}");
        assertThat(alice.keys()).containsExactly("control/p/window", "list/l", "note/n", "todo/a", "todo/c");
        assertThat(alice.see("control/p/window")).isEqualTo("{'showCompleted':false,'limit':null}");
        alice.push("setWindow", "{'profileID':'p','showCompleted':true,'limit':2}");
        assertThat(alice.keys()).containsExactly("control/p/window", "list/l", "note/n", "todo/a", "todo/b");
        alice.push("setWindow", "{'profileID':'p','showCompleted':false,'limit':1}");
        alice.push("moveTodo", "{'id':'a','by':9}");
        assertThat(alice.keys()).containsExactly("control/p/window", "list/l", "note/n", "todo/c");
        alice.push("setWindow", "{'profileID':'p','showCompleted':true,'limit':0}");
        assertThat(alice.keys()).containsExactly("control/p/window", "list/l", "note/n");
        alice.push("setWindow", "{'profileID':'p','showCompleted':true,'limit':null}");
        assertThat(alice.keys()).contains("todo/a", "todo/b", "todo/c");
    }

    @Test
    void aLimitCountsWhatTheUserSees() {
        bob.push("createList", "{'id':'k','name':'His'}")
                .push("createTodo", "{'id':'z','listID':'k','text':'his','completed':false}")
                .push("moveTodo", "{'id':'z','by':2}");
        bob.push("setWindow", "{'profileID':'p','showCompleted':true,'limit':1}");
        assertThat(bob.keys()).containsExactly("control/p/window", "list/k", "todo/z");
        share();
        // Over all lists, by the place in the list.
        assertThat(bob.keys()).containsExactly("control/p/window", "list/k", "list/l", "note/n", "share/s", "todo/a");
    }

    @Test
    void whatTheWindowDoesNotShowCanBeChangedAllTheSame() {
        alice.push("setWindow", "{'profileID':'p','showCompleted':false,'limit':1}")
                .push("moveTodo", "{'id':'b','by':-7}")
                .push("updateTodo", "{'id':'b','completed':false}");
        assertThat(alice.see("todo/b")).isEqualTo("{'id':'b','listID':'l','text':'bread','completed':false,'sort':-5}");
        alice.push("createTodo", "{'id':'d','listID':'l','text':'last','completed':false}");
        alice.push("setWindow", "{'profileID':'p','showCompleted':true,'limit':null}");
        assertThat(alice.see("todo/d")).contains("'sort':4");
    }

    @Test
    void aWindowIsTheUsersAndTheProfilesOwn() {
        share();
        bob.push("setWindow", "{'profileID':'p','showCompleted':false,'limit':1}");
        assertThat(alice.keys()).containsExactly("list/l", "note/n", "share/s", "todo/a", "todo/b", "todo/c");
        assertThat(bob.keys()).containsExactly("control/p/window", "list/l", "note/n", "share/s", "todo/a");
        Client otherBrowser = as("bob").inProfile("q");
        assertThat(otherBrowser.keys()).containsExactly("list/l", "note/n", "share/s", "todo/a", "todo/b", "todo/c");
        otherBrowser.push("setWindow", "{'profileID':'q','showCompleted':true,'limit':2}");
        assertThat(otherBrowser.keys())
                .containsExactly("control/q/window", "list/l", "note/n", "share/s", "todo/a", "todo/b");
        assertThat(bob.keys()).containsExactly("control/p/window", "list/l", "note/n", "share/s", "todo/a");
    }

    @Test
    void aWindowThatIsNoneIsRejected() {
        for (String wrong : List.of(
                "{'showCompleted':true,'limit':1}",
                "{'profileID':'','showCompleted':true,'limit':1}",
                "{'profileID':'p','showCompleted':true,'limit':-1}",
                "{'profileID':'p','showCompleted':true,'limit':'two'}",
                "null")) {
            bob.push("setWindow", wrong);
            assertThat(bob.keys()).isEmpty();
        }
        assertThat(bob.confirmed()).isEqualTo(5);
    }

    @Test
    void wipeTakesWindowsAlong() {
        alice.push("setWindow", "{'profileID':'p','showCompleted':false,'limit':1}")
                .pull();
        alice.post("/admin/wipe", "");
        assertThat(alice.keys()).isEmpty();
    }

    @Test
    void purgeForgetsWhatClientsWereSentAndTheyGetItAnew() {
        share();
        bob.pull();
        alice.push("deleteTodo", "{'id':'a'}");
        assertThat(alice.post("/admin/purge", "").statusCode()).isEqualTo(200);
        assertThat(Client.text(bob.pulledAs("1"))).contains(Client.json("{'op':'clear'}"));
        assertThat(bob.keys()).containsExactly("list/l", "note/n", "share/s", "todo/b", "todo/c");
        assertThat(alice.confirmed()).isEqualTo(7);
    }
}
