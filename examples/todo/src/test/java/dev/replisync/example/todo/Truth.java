package dev.replisync.example.todo;

import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The example's contract under row versions as a model, which knows what each user sees. Each of its mutations says what is
 * to be sent; whether it is accepted it decides by the contract alone.
 */
final class Truth {
    record Listing(String id, String name, String owner) {}

    record Todo(String id, String list, String text, boolean completed, int sort) {}

    record Share(String id, String list, String user) {}

    record Note(String id, String list, String value) {}

    record Window(boolean showCompleted, Integer limit) {}

    final Map<String, Listing> lists = new TreeMap<>();
    final Map<String, Todo> todos = new TreeMap<>();
    final Map<String, Share> shares = new TreeMap<>();
    final Map<String, Note> notes = new TreeMap<>();
    final Map<String, Window> windows = new HashMap<>();

    boolean mayRead(String user, String list) {
        return owns(user, list)
                || shares.values().stream()
                        .anyMatch(share ->
                                share.list().equals(list) && share.user().equals(user) && lists.containsKey(list));
    }

    private boolean owns(String user, String list) {
        return lists.containsKey(list) && lists.get(list).owner().equals(user);
    }

    /** What a user's browser holds once it is up to date: keys and values, as JSON with ' for ". */
    Map<String, String> view(String user, String profile) {
        Map<String, String> view = new TreeMap<>();
        lists.values().stream()
                .filter(list -> mayRead(user, list.id()))
                .forEach(list -> view.put(
                        "list/" + list.id(),
                        "{'id':'%s','name':'%s','ownerID':'%s'}".formatted(list.id(), list.name(), list.owner())));
        shares.values().stream()
                .filter(share -> mayRead(user, share.list()))
                .forEach(share -> view.put(
                        "share/" + share.id(),
                        "{'id':'%s','listID':'%s','userID':'%s'}".formatted(share.id(), share.list(), share.user())));
        notes.values().stream()
                .filter(note -> mayRead(user, note.list()))
                .forEach(note -> view.put(
                        "note/" + note.id(),
                        "{'id':'%s','listID':'%s','value':'%s'}".formatted(note.id(), note.list(), note.value())));
        Window window = windows.get(user + " " + profile);
        if (window != null) {
            view.put(
                    "control/" + profile + "/window",
                    "{'showCompleted':" + window.showCompleted() + ",'limit':" + window.limit() + "}");
        }
        inWindow(user, window)
                .forEach(todo -> view.put(
                        "todo/" + todo.id(),
                        "{'id':'" + todo.id() + "','listID':'" + todo.list() + "','text':'" + todo.text()
                                + "','completed':" + todo.completed() + ",'sort':" + todo.sort() + "}"));
        return view;
    }

    private Stream<Todo> inWindow(String user, Window window) {
        Stream<Todo> readable = todos.values().stream().filter(todo -> mayRead(user, todo.list()));
        if (window == null) {
            return readable;
        }
        return readable.filter(todo -> window.showCompleted() || !todo.completed())
                .sorted(Comparator.comparingInt(Todo::sort).thenComparing(Todo::id))
                .limit(window.limit() == null ? Long.MAX_VALUE : window.limit());
    }

    /** Everything that a user may read, in a window or not, as it would be written in an answer. */
    Set<String> readable(String user) {
        Set<String> ids = new HashSet<>();
        lists.values().stream().filter(list -> mayRead(user, list.id())).forEach(list -> ids.add(list.id()));
        todos.values().stream().filter(todo -> mayRead(user, todo.list())).forEach(todo -> ids.add(todo.id()));
        shares.values().stream().filter(share -> mayRead(user, share.list())).forEach(share -> ids.add(share.id()));
        notes.values().stream().filter(note -> mayRead(user, note.list())).forEach(note -> ids.add(note.id()));
        return ids;
    }

    void createList(String user, String id, String name) {
        lists.putIfAbsent(id, new Listing(id, name, user));
    }

    void deleteList(String user, String id) {
        if (owns(user, id)) {
            lists.remove(id);
            todos.values().removeIf(todo -> todo.list().equals(id));
            shares.values().removeIf(share -> share.list().equals(id));
            notes.values().removeIf(note -> note.list().equals(id));
        }
    }

    void createTodo(String user, String id, String list, String text) {
        if (mayRead(user, list) && !todos.containsKey(id)) {
            int last = todos.values().stream()
                    .filter(todo -> todo.list().equals(list))
                    .mapToInt(Todo::sort)
                    .max()
                    .orElse(0);
            todos.put(id, new Todo(id, list, text, false, last + 1));
        }
    }

    void updateTodo(String user, String id, String text, boolean completed) {
        todos.computeIfPresent(
                id,
                (key, todo) ->
                        mayRead(user, todo.list()) ? new Todo(id, todo.list(), text, completed, todo.sort()) : todo);
    }

    void moveTodo(String user, String id, int by) {
        todos.computeIfPresent(
                id,
                (key, todo) -> mayRead(user, todo.list())
                        ? new Todo(id, todo.list(), todo.text(), todo.completed(), todo.sort() + by)
                        : todo);
    }

    void deleteTodo(String user, String id) {
        todos.values().removeIf(todo -> todo.id().equals(id) && mayRead(user, todo.list()));
    }

    void importTodos(String user, String list, List<Todo> imported) {
        if (mayRead(user, list) && imported.stream().noneMatch(todo -> todos.containsKey(todo.id()))) {
            imported.forEach(todo -> todos.put(todo.id(), todo));
        }
    }

    void clearList(String user, String list) {
        if (mayRead(user, list)) {
            todos.values().removeIf(todo -> todo.list().equals(list));
        }
    }

    void createShare(String user, String id, String list, String with) {
        if (owns(user, list)) {
            shares.putIfAbsent(id, new Share(id, list, with));
        }
    }

    void deleteShare(String user, String id) {
        shares.values().removeIf(share -> share.id().equals(id) && owns(user, share.list()));
    }

    void putNote(String user, String id, String list, String value) {
        Note before = notes.get(id);
        if (mayRead(user, list) && (before == null || mayRead(user, before.list()))) {
            notes.put(id, new Note(id, list, value));
        }
    }

    void deleteNote(String user, String id) {
        notes.values().removeIf(note -> note.id().equals(id) && mayRead(user, note.list()));
    }

    void setWindow(String user, String profile, boolean showCompleted, Integer limit) {
        windows.put(user + " " + profile, new Window(showCompleted, limit));
    }
}
