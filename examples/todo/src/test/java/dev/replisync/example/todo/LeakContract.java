package dev.replisync.example.todo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Users who make, share, hide, move and delete at random, also what they do not see; clients that are offline for a while,
 * come back with old cookies, or with cookies of others. Every answer is searched: for ids that its user neither sees nor
 * was ever sent, and for what was written to places that its user does not see. What a pull leaves a client with is what
 * the contract says, to the letter.
 */
@Timeout(180)
abstract class LeakContract {
    private static final int STEPS = 800;
    private static final List<String> USERS = List.of("alice", "bob", "carol", "dave");
    private static final Pattern IDS = Pattern.compile("\\b[ltsn]\\d+x\\b");
    private static final Pattern SECRETS = Pattern.compile("\\bsecret-\\d+\\b");

    private final String[] arguments;
    private final long seed = new Random().nextLong();
    private final Random random = new Random(seed);
    private final Truth truth = new Truth();
    private final List<Tab> tabs = new ArrayList<>();
    /** Who was sent which id at any time. */
    private final Map<String, Set<String>> sent = new HashMap<>();
    /** Where each secret was written to, so who may read it is who may read that. */
    private final Map<String, String> ids = new TreeMap<>();

    private TodoServer server;
    private int made;
    private int stolen;
    private int replayed;
    private int gone;

    LeakContract(String... arguments) {
        this.arguments = Stream.concat(
                        Stream.of("--port", "0", "--admin", "--strategy", "row-version"), Stream.of(arguments))
                .toArray(String[]::new);
    }

    /** A client, what it held with each cookie that it got, and what it has done offline. */
    private static final class Tab {
        final String user;
        final String profile;
        final Client client;
        final List<Map.Entry<JsonNode, Map<String, JsonNode>>> cookies = new ArrayList<>();

        Tab(int port, String user, String profile) {
            this.user = user;
            this.profile = profile;
            this.client = new Client(port, user).inProfile(profile);
        }
    }

    @Test
    void nobodyIsToldOfWhatTheyNeitherSeeNorWereSent() throws Arguments.Wrong {
        try (TodoServer started = TodoServer.start(Arguments.parse(arguments))) {
            server = started;
            for (String user : USERS) {
                sent.put(user, new HashSet<>());
                tabs.add(new Tab(server.port(), user, "p"));
                tabs.add(new Tab(server.port(), user, "p"));
                tabs.add(new Tab(server.port(), user, "q"));
            }
            for (int step = 0; step < STEPS; step++) {
                step(pick(tabs));
            }
            tabs.forEach(tab -> pull(tab));
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError("with the seed " + seed, e);
        }
        // That the run has seen what it is made for.
        assertThat(stolen).isGreaterThan(10);
        assertThat(replayed).isGreaterThan(10);
        assertThat(gone).isGreaterThan(10);
        assertThat(truth.lists).isNotEmpty();
    }

    private void step(Tab tab) {
        int dice = random.nextInt(100);
        if (dice < 55) {
            mutate(tab);
        } else if (dice < 85) {
            pull(tab);
        } else if (dice < 91) {
            goBack(tab);
        } else if (dice < 97) {
            steal(tab, pick(tabs));
        } else if (dice < 99) {
            intrude(tab, pick(tabs));
        } else {
            assertThat(tab.client.post("/admin/purge", "").statusCode()).isEqualTo(200);
        }
    }

    /** Pulls, and looks at the answer and at what the client then holds. */
    private void pull(Tab tab) {
        HttpResponse<byte[]> answer = tab.client.pulledAs("1");
        assertThat(answer.statusCode()).isEqualTo(200);
        search(tab, answer, sent.get(tab.user));
        tab.client.apply(answer);
        Map<String, String> held = new TreeMap<>();
        tab.client.view.forEach((key, value) -> held.put(key, value.toString().replace('"', '\'')));
        assertThat(held).isEqualTo(truth.view(tab.user, tab.profile));
        tab.cookies.add(Map.entry(tab.client.cookie(), Map.copyOf(tab.client.view)));
    }

    /** Nothing in an answer is of what its user does not see, except keys that are taken away and that the user was sent. */
    private void search(Tab tab, HttpResponse<byte[]> answer, Set<String> sentBefore) {
        Set<String> readable = truth.readable(tab.user);
        for (JsonNode operation : Client.tree(answer).path("patch")) {
            String text = operation.toString();
            Set<String> named = found(IDS, text);
            boolean taken = operation.path("op").asText().equals("del");
            gone += taken ? 1 : 0;
            assertThat(taken ? sentBefore : readable).as(text).containsAll(named);
            sent.get(tab.user).addAll(named);
        }
        for (String secret : found(SECRETS, Client.text(answer))) {
            assertThat(readable).as(secret).contains(ids.get(secret));
        }
    }

    private static Set<String> found(Pattern pattern, String text) {
        return pattern.matcher(text).results().map(match -> match.group()).collect(Collectors.toSet());
    }

    /** As a client whose answers were lost, or another tab that was asleep. */
    private void goBack(Tab tab) {
        if (!tab.cookies.isEmpty()) {
            var from = pick(tab.cookies);
            tab.client.resume(from.getKey(), from.getValue());
            replayed++;
            pull(tab);
        }
    }

    /** With the cookie of another user, once with one's own group and once with a new one. */
    private void steal(Tab tab, Tab victim) {
        if (victim.cookies.isEmpty() || victim.user.equals(tab.user)) {
            return;
        }
        stolen++;
        JsonNode cookie = pick(victim.cookies).getKey();
        Tab fresh = new Tab(server.port(), tab.user, tab.profile);
        for (Tab thief : List.of(tab, fresh)) {
            thief.client.resume(cookie, Map.of());
            HttpResponse<byte[]> answer = thief.client.pulledAs("1");
            search(thief, answer, Set.of());
            JsonNode patch = Client.tree(answer).path("patch");
            assertThat(patch.path(0).path("op").asText()).isEqualTo("clear");
            pull(thief);
        }
    }

    /** With the group of another user. */
    private void intrude(Tab tab, Tab victim) {
        if (victim.user.equals(tab.user) || victim.client.confirmed.isEmpty()) {
            return; // or a group of which the server knows nothing
        }
        Client intruder = new Client(server.port(), tab.user).withGroupOf(victim.client);
        intruder.resume(pick(victim.cookies).getKey(), Map.of());
        String push = intruder.mutation(1, "createList", "{'id':'lz','name':'x'}");
        for (HttpResponse<byte[]> answer : List.of(intruder.pushed(push), intruder.pulledAs("1"))) {
            assertThat(answer.statusCode()).isEqualTo(403);
            assertThat(Client.text(answer)).doesNotContainPattern(IDS).doesNotContainPattern(SECRETS);
        }
    }

    private void mutate(Tab tab) {
        String user = tab.user;
        Client client = tab.client;
        String list = any("l");
        String todo = any("t");
        String share = any("s");
        String note = any("n");
        switch (random.nextInt(14)) {
            case 0 -> {
                String id = fresh("l");
                String name = secret(id);
                client.push("createList", "{'id':'" + id + "','name':'" + name + "'}");
                truth.createList(user, id, name);
            }
            case 1 -> {
                if (random.nextInt(3) == 0) {
                    client.push("deleteList", "{'id':'" + list + "'}");
                    truth.deleteList(user, list);
                }
            }
            case 2, 3 -> {
                String id = random.nextInt(8) == 0 ? todo : fresh("t");
                String text = truth.todos.containsKey(id) ? "taken" : secret(id);
                client.push(
                        "createTodo",
                        "{'id':'" + id + "','listID':'" + list + "','text':'" + text + "','completed':false}");
                truth.createTodo(user, id, list, text);
            }
            case 4, 5 -> {
                String text = secret(todo);
                boolean completed = random.nextBoolean();
                client.push("updateTodo", "{'id':'" + todo + "','text':'" + text + "','completed':" + completed + "}");
                truth.updateTodo(user, todo, text, completed);
            }
            case 6 -> {
                int by = random.nextInt(5) - 2;
                client.push("moveTodo", "{'id':'" + todo + "','by':" + by + "}");
                truth.moveTodo(user, todo, by);
            }
            case 7 -> {
                client.push("deleteTodo", "{'id':'" + todo + "'}");
                truth.deleteTodo(user, todo);
            }
            case 8 -> importTodos(tab, list);
            case 9, 10 -> {
                String id = fresh("s");
                String with = pick(USERS);
                client.push("createShare", "{'id':'" + id + "','listID':'" + list + "','userID':'" + with + "'}");
                truth.createShare(user, id, list, with);
            }
            case 11 -> {
                client.push("deleteShare", "{'id':'" + share + "'}");
                truth.deleteShare(user, share);
            }
            case 12 -> {
                String id = random.nextBoolean() ? note : fresh("n");
                String value = secret(id);
                client.push("putNote", "{'id':'" + id + "','listID':'" + list + "','value':'" + value + "'}");
                truth.putNote(user, id, list, value);
            }
            default -> rarer(tab, list, note);
        }
    }

    private void rarer(Tab tab, String list, String note) {
        switch (random.nextInt(4)) {
            case 0 -> {
                tab.client.push("deleteNote", "{'id':'" + note + "'}");
                truth.deleteNote(tab.user, note);
            }
            case 1 -> {
                tab.client.push("clearList", "{'listID':'" + list + "'}");
                truth.clearList(tab.user, list);
            }
            default -> {
                boolean completed = random.nextBoolean();
                Integer limit = random.nextBoolean() ? null : random.nextInt(12);
                tab.client.push(
                        "setWindow",
                        "{'profileID':'" + tab.profile + "','showCompleted':" + completed + ",'limit':" + limit + "}");
                truth.setWindow(tab.user, tab.profile, completed, limit);
            }
        }
    }

    private void importTodos(Tab tab, String list) {
        List<Truth.Todo> todos = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            String id = i == 1 && random.nextInt(4) == 0 ? any("t") : fresh("t");
            todos.add(new Truth.Todo(id, list, "imported", random.nextBoolean(), random.nextInt(9)));
        }
        tab.client.push(
                "importTodos",
                todos.stream()
                        .map(todo -> "{'id':'" + todo.id() + "','text':'imported','completed':" + todo.completed()
                                + ",'sort':" + todo.sort() + "}")
                        .collect(Collectors.joining(",", "{'listID':'" + list + "','todos':[", "]}")));
        truth.importTodos(tab.user, list, todos);
    }

    private String fresh(String kind) {
        String id = kind + made++ + "x";
        ids.put(id, kind);
        return id;
    }

    /** One of the ids that are or were there, seen by whoever asks or not. */
    private String any(String kind) {
        List<String> known = new ArrayList<>(
                switch (kind) {
                    case "l" -> truth.lists.keySet();
                    case "t" -> truth.todos.keySet();
                    case "s" -> truth.shares.keySet();
                    default -> truth.notes.keySet();
                });
        return known.isEmpty() || random.nextInt(20) == 0 ? kind + random.nextInt(made + 1) + "x" : pick(known);
    }

    /** A text that only those may read who may read an entity. */
    private String secret(String id) {
        String secret = "secret-" + made++;
        ids.put(secret, id);
        return secret;
    }

    private <E> E pick(List<E> from) {
        return from.get(random.nextInt(from.size()));
    }
}
