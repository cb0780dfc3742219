package dev.replisync.example.todo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What the mutators promise, over HTTP, on one database. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class MutatorContract {
    /** Those whom the list is shared with, so that all strategies let them see it. */
    private static final List<String> USERS = Stream.concat(
                    Stream.of("bob", "carol"), IntStream.range(0, 8).mapToObj(n -> "user" + n))
            .toList();

    private final TodoServer server;
    private final boolean everybodySeesEverything;
    private Client alice;
    private Client bob;

    MutatorContract(String... arguments) throws Arguments.Wrong {
        List<String> all = new ArrayList<>(List.of("--port", "0", "--admin"));
        all.addAll(List.of(arguments));
        Arguments parsed = Arguments.parse(all.toArray(String[]::new));
        everybodySeesEverything = !parsed.strategy().equals("row-version");
        server = TodoServer.start(parsed);
    }

    @BeforeEach
    void startEmpty() {
        alice = new Client(server.port(), "alice");
        bob = new Client(server.port(), "bob");
        assertThat(alice.post("/admin/wipe", "").statusCode()).isEqualTo(200);
        alice.push("createList", "{'id':'l','name':'Shopping'}");
        USERS.forEach(user ->
                other("alice").push("createShare", "{'id':'s-" + user + "','listID':'l','userID':'" + user + "'}"));
        // From here on they are sent what changed, and not everything.
        alice.pull();
        bob.pull();
    }

    @AfterAll
    void stop() {
        server.close();
    }

    /** Rejected: the mutation is processed, and leaves nothing. */
    private void rejected(Client client, String name, String args) {
        List<String> before = client.pull().view.toString().lines().toList();
        long confirmed = client.confirmed();
        client.push(name, args);
        assertThat(client.confirmed()).isEqualTo(confirmed + 1);
        assertThat(client.view.toString().lines().toList()).isEqualTo(before);
    }

    /** What is there beside the shares that are there from the start. */
    private static List<String> keys(Client client) {
        return client.keys().stream().filter(key -> !key.startsWith("share/s-")).toList();
    }

    private Client other(String user) {
        return new Client(server.port(), user);
    }

    @Test
    void createListMakesTheCallerItsOwner() {
        assertThat(bob.see("list/l")).isEqualTo("{'id':'l','name':'Shopping','ownerID':'alice'}");
        assertThat(alice.confirmed()).isEqualTo(1);
    }

    @Test
    void createListIsRejectedWhenTheIdIsTaken() {
        rejected(bob, "createList", "{'id':'l','name':'Mine now'}");
    }

    @Test
    void createListIsRejectedWithoutAnIdOrAName() {
        rejected(alice, "createList", "{'name':'x'}");
        rejected(alice, "createList", "{'id':'','name':'x'}");
        rejected(alice, "createList", "{'id':'x'}");
        rejected(alice, "createList", "null");
    }

    @Test
    void deleteListTakesItsTodosNotesAndSharesAlong() {
        alice.push("createList", "{'id':'k','name':'Kept'}")
                .push("createTodo", "{'id':'t','listID':'l','text':'milk','completed':false}")
                .push("createTodo", "{'id':'u','listID':'k','text':'stays','completed':false}")
                .push("putNote", "{'id':'n','listID':'l','value':1}")
                .push("createShare", "{'id':'s','listID':'l','userID':'bob'}");
        assertThat(keys(alice)).containsExactly("list/k", "list/l", "note/n", "share/s", "todo/t", "todo/u");
        assertThat(keys(bob)).contains("list/l", "note/n", "share/s", "todo/t");
        alice.push("deleteList", "{'id':'l'}");
        assertThat(bob.keys())
                .containsExactlyElementsOf(everybodySeesEverything ? List.of("list/k", "todo/u") : List.of());
        assertThat(keys(alice)).containsExactly("list/k", "todo/u");
    }

    @Test
    void deleteListIsForTheOwnerOnly() {
        rejected(bob, "deleteList", "{'id':'l'}");
        rejected(bob, "deleteList", "{'id':'missing'}");
    }

    @Test
    void aDeletedIdCanBeUsedAgain() {
        alice.pull();
        alice.push("deleteList", "{'id':'l'}").push("createList", "{'id':'l','name':'Again'}");
        assertThat(alice.see("list/l")).isEqualTo("{'id':'l','name':'Again','ownerID':'alice'}");
    }

    @Test
    void createTodoSortsItLast() {
        bob.push("createTodo", "{'id':'a','listID':'l','text':'milk','completed':true}")
                .push("moveTodo", "{'id':'a','by':6}")
                .push("createTodo", "{'id':'b','listID':'l','text':'ekmek ü 😀 \\\\ \\u0007','completed':false}");
        assertThat(alice.see("todo/a")).isEqualTo("{'id':'a','listID':'l','text':'milk','completed':true,'sort':7}");
        assertThat(alice.see("todo/b"))
                .isEqualTo("{'id':'b','listID':'l','text':'ekmek ü 😀 \\\\ \\u0007','completed':false,'sort':8}");
    }

    @Test
    void createTodoIsRejectedInAListThatDoesNotExist() {
        rejected(bob, "createTodo", "{'id':'a','listID':'none','text':'milk','completed':false}");
    }

    @Test
    void createTodoIsRejectedWhenTheIdIsTaken() {
        bob.push("createTodo", "{'id':'a','listID':'l','text':'milk','completed':false}");
        rejected(bob, "createTodo", "{'id':'a','listID':'l','text':'bread','completed':false}");
    }

    @Test
    void aTextHas1To10000Characters() {
        bob.push("createTodo", "{'id':'a','listID':'l','text':'" + "x".repeat(10_000) + "','completed':false}");
        assertThat(bob.see("todo/a")).hasSizeGreaterThan(10_000);
        for (String text : List.of("", " \\t\\n", "x".repeat(10_001))) {
            rejected(bob, "createTodo", "{'id':'b','listID':'l','text':'" + text + "','completed':false}");
            rejected(bob, "updateTodo", "{'id':'a','text':'" + text + "'}");
            rejected(
                    bob,
                    "importTodos",
                    "{'listID':'l','todos':[{'id':'b','text':'" + text + "','completed':false,'sort':1}]}");
        }
        rejected(bob, "createTodo", "{'id':'b','listID':'l','completed':false}");
    }

    @Test
    void sortsAreUniqueAlsoWhenManyAddAtOnce() throws Exception {
        int clients = 8;
        int each = 10;
        ExecutorService threads = Executors.newFixedThreadPool(clients);
        try {
            List<Callable<Client>> work = IntStream.range(0, clients)
                    .<Callable<Client>>mapToObj(c -> () -> addTodos(other("user" + c), c, each))
                    .toList();
            for (var done : threads.invokeAll(work)) {
                assertThat(done.get().confirmed()).isEqualTo(each);
            }
        } finally {
            threads.shutdownNow();
        }
        TreeSet<Integer> sorts = new TreeSet<>();
        alice.pull().view.forEach((key, value) -> {
            if (key.startsWith("todo/")) {
                sorts.add(value.path("sort").asInt());
            }
        });
        assertThat(sorts)
                .containsExactlyElementsOf(
                        IntStream.rangeClosed(1, clients * each).boxed().toList());
    }

    private static Client addTodos(Client client, int number, int count) {
        for (int i = 0; i < count; i++) {
            client.push("createTodo", "{'id':'" + number + "-" + i + "','listID':'l','text':'x','completed':false}");
        }
        return client;
    }

    @Test
    void updateTodoChangesWhatItIsGiven() {
        bob.push("createTodo", "{'id':'a','listID':'l','text':'milk','completed':false}");
        bob.push("updateTodo", "{'id':'a','completed':true}");
        assertThat(alice.see("todo/a")).isEqualTo("{'id':'a','listID':'l','text':'milk','completed':true,'sort':1}");
        bob.push("updateTodo", "{'id':'a','text':'oat milk','sort':-3}");
        assertThat(alice.see("todo/a"))
                .isEqualTo("{'id':'a','listID':'l','text':'oat milk','completed':true,'sort':-3}");
        rejected(bob, "updateTodo", "{'id':'missing','completed':true}");
        rejected(bob, "updateTodo", "{'id':'a','sort':'first'}");
    }

    @Test
    void moveTodoAddsToSort() {
        bob.push("createTodo", "{'id':'a','listID':'l','text':'milk','completed':false}")
                .push("moveTodo", "{'id':'a','by':5}")
                .push("moveTodo", "{'id':'a','by':-2}");
        assertThat(alice.see("todo/a")).contains("'sort':4");
        rejected(bob, "moveTodo", "{'id':'missing','by':1}");
        rejected(bob, "moveTodo", "{'id':'a','by':2147483647}");
        rejected(bob, "moveTodo", "{'id':'a'}");
    }

    @Test
    void deleteTodoIsFineWhenItIsGoneAlready() {
        bob.push("createTodo", "{'id':'a','listID':'l','text':'milk','completed':false}")
                .pull();
        bob.push("deleteTodo", "{'id':'a'}").push("deleteTodo", "{'id':'a'}").push("deleteTodo", "{'id':'never'}");
        assertThat(bob.see("todo/a")).isEqualTo("absent");
        assertThat(bob.confirmed()).isEqualTo(4);
    }

    @Test
    void importTodosIsAllOrNothing() {
        bob.push(
                "importTodos",
                "{'listID':'l','todos':[{'id':'a','text':'one','completed':false,'sort':10},"
                        + "{'id':'b','text':'two','completed':true,'sort':20}]}");
        assertThat(alice.see("todo/b")).isEqualTo("{'id':'b','listID':'l','text':'two','completed':true,'sort':20}");
        bob.push("importTodos", "{'listID':'l','todos':[]}");
        // The last one exists already, so the first must not come either.
        rejected(
                bob,
                "importTodos",
                "{'listID':'l','todos':[{'id':'c','text':'three','completed':false,'sort':1},"
                        + "{'id':'a','text':'again','completed':false,'sort':2}]}");
        rejected(bob, "importTodos", "{'listID':'none','todos':[]}");
        rejected(bob, "importTodos", "{'listID':'l'}");
    }

    @Test
    void clearListDeletesItsTodosOnly() {
        bob.push("createTodo", "{'id':'a','listID':'l','text':'milk','completed':false}")
                .push("putNote", "{'id':'n','listID':'l','value':{}}")
                .pull();
        bob.push("clearList", "{'listID':'l'}");
        assertThat(keys(bob)).containsExactly("list/l", "note/n");
        rejected(bob, "clearList", "{'listID':'none'}");
    }

    @Test
    void sharesAreTheOwnersBusiness() {
        alice.push("createShare", "{'id':'s','listID':'l','userID':'bob'}");
        assertThat(bob.see("share/s")).isEqualTo("{'id':'s','listID':'l','userID':'bob'}");
        rejected(bob, "createShare", "{'id':'t','listID':'l','userID':'bob'}");
        rejected(alice, "createShare", "{'id':'s','listID':'l','userID':'carol'}");
        rejected(alice, "createShare", "{'id':'t','listID':'none','userID':'carol'}");
        rejected(bob, "deleteShare", "{'id':'s'}");
        alice.push("deleteShare", "{'id':'s'}").push("deleteShare", "{'id':'s'}");
        assertThat(bob.see("share/s")).isEqualTo("absent");
    }

    @Test
    void putNoteStoresAnyJsonAsSent() {
        List<String> values = List.of(
                "null",
                "1e2",
                "9007199254740993",
                "0.1",
                "''",
                "'\\u0000 \\ud83d\\ude00 \\ud800'",
                "[]",
                "{'b':1,'a':{'z':[1,2,{}]},'b ':null}",
                "{'__proto__':1}");
        for (String value : values) {
            bob.push("putNote", "{'id':'n','listID':'l','value':" + value + "}");
            assertThat(Client.text(other("carol").pulledAs("1"))).contains(Client.json("'value':" + value + "}"));
        }
        rejected(bob, "putNote", "{'id':'m','listID':'none','value':1}");
        bob.push("deleteNote", "{'id':'n'}").push("deleteNote", "{'id':'n'}");
        assertThat(bob.see("note/n")).isEqualTo("absent");
    }

    @Test
    void anUnknownMutatorAndAFailingOneStopNobody() {
        rejected(bob, "noSuchMutator", "{}");
        var response = bob.pushed(
                bob.mutation(2, "createTodo", "{'id':'a','listID':'l','text':'one','completed':false}"),
                bob.mutation(3, "createTodo", "{'id':'b','listID':'none','text':'two','completed':false}"),
                bob.mutation(4, "createTodo", "{'id':'c','listID':'l','text':'three','completed':false}"));
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(keys(bob)).containsExactly("list/l", "todo/a", "todo/c");
        assertThat(bob.confirmed()).isEqualTo(4);
    }

    @Test
    void afterPurgeEverybodyStillAgrees() {
        bob.push("createTodo", "{'id':'a','listID':'l','text':'milk','completed':false}")
                .pull();
        alice.pull();
        bob.push("deleteTodo", "{'id':'a'}");
        assertThat(alice.post("/admin/purge", "").statusCode()).isEqualTo(200);
        // Nobody can tell any more what was deleted since, so it is everything anew.
        assertThat(Client.text(alice.pulledAs("1"))).contains(Client.json("{'op':'clear'}"));
        assertThat(keys(alice)).containsExactly("list/l");
        assertThat(keys(bob)).containsExactly("list/l");
    }

    @Test
    void afterWipeEverybodySeesNothingAndCanStartAgain() {
        alice.pull();
        alice.post("/admin/wipe", "");
        assertThat(keys(alice)).isEmpty();
        other("alice").push("createList", "{'id':'l','name':'New'}");
        assertThat(alice.keys()).containsExactly("list/l");
        assertThat(bob.keys()).containsExactlyElementsOf(everybodySeesEverything ? List.of("list/l") : List.of());
    }
}
