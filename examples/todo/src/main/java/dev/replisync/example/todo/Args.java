package dev.replisync.example.todo;

import dev.replisync.error.RejectedException;
import dev.replisync.protocol.Json;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The arguments of the mutators. What a client sends may be anything: each record checks its own. */
final class Args {
    private static final int LONGEST_TEXT = 10_000;

    private Args() {}

    record CreateList(String id, String name) {
        CreateList {
            required("id", id);
            required("name", name);
        }
    }

    record DeleteList(String id) {
        DeleteList {
            required("id", id);
        }
    }

    record CreateTodo(String id, String listID, String text, boolean completed) {
        CreateTodo {
            required("id", id);
            required("listID", listID);
            checkText(text);
        }
    }

    /** What is null stays as it is. */
    record UpdateTodo(
            String id,
            @Nullable String text,
            @Nullable Boolean completed,
            @Nullable Integer sort) {
        UpdateTodo {
            required("id", id);
            if (text != null) {
                checkText(text);
            }
        }
    }

    record MoveTodo(String id, int by) {
        MoveTodo {
            required("id", id);
        }
    }

    record DeleteTodo(String id) {
        DeleteTodo {
            required("id", id);
        }
    }

    record ImportTodos(String listID, List<Imported> todos) {
        ImportTodos {
            required("listID", listID);
            todos = List.copyOf(todos);
        }

        record Imported(String id, String text, boolean completed, int sort) {
            Imported {
                required("id", id);
                checkText(text);
            }
        }
    }

    record ClearList(String listID) {
        ClearList {
            required("listID", listID);
        }
    }

    record CreateShare(String id, String listID, String userID) {
        CreateShare {
            required("id", id);
            required("listID", listID);
            required("userID", userID);
        }
    }

    record DeleteShare(String id) {
        DeleteShare {
            required("id", id);
        }
    }

    /** A value of {@link Json} is kept as it was sent, byte for byte. */
    record PutNote(String id, String listID, Json value) {
        PutNote {
            required("id", id);
            required("listID", listID);
            Objects.requireNonNull(value, "value");
        }
    }

    record DeleteNote(String id) {
        DeleteNote {
            required("id", id);
        }
    }

    /** A limit of null is none. */
    record SetWindow(
            String profileID,
            boolean showCompleted,
            @Nullable Integer limit) {
        SetWindow {
            required("profileID", profileID);
            if (limit != null && limit < 0) {
                throw new RejectedException("limit must be null or at least 0");
            }
        }
    }

    private static void required(String name, @Nullable String value) {
        if (value == null || value.isEmpty()) {
            throw new RejectedException(name + " is missing");
        }
    }

    private static void checkText(@Nullable String text) {
        if (text == null || text.isBlank() || text.length() > LONGEST_TEXT) {
            throw new RejectedException("a todo's text must have 1 to " + LONGEST_TEXT + " characters, not all blank");
        }
    }
}
