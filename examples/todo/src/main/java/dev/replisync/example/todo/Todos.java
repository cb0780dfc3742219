package dev.replisync.example.todo;

import static dev.replisync.example.todo.Schema.LISTS;
import static dev.replisync.example.todo.Schema.NOTES;
import static dev.replisync.example.todo.Schema.SHARES;
import static dev.replisync.example.todo.Schema.TODOS;

import dev.replisync.MutationContext;
import dev.replisync.Mutators;
import dev.replisync.error.RejectedException;
import dev.replisync.example.todo.Args.ImportTodos.Imported;
import dev.replisync.jdbi.SyncedTable;
import dev.replisync.protocol.Json;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jspecify.annotations.Nullable;

/**
 * What users can do: the mutators. Each runs in the SDK's transaction with Jdbi's own handle. Rows written through a
 * {@link SyncedTable} reach the clients by themselves; after plain SQL, {@code touch} says which rows changed.
 */
final class Todos {
    // Rows. Public, because Jdbi fills and reads them by reflection.

    public record ListRow(String id, String name, String ownerID) {}

    public record TodoRow(String id, String listID, String text, boolean completed, int sort) {}

    public record ShareRow(String id, String listID, String userID) {}

    public record NoteRow(String id, String listID, Json content) {}

    private Todos() {}

    static Mutators<Handle> mutators() {
        return new Mutators<Handle>()
                .add("createList", Args.CreateList.class, Todos::createList)
                .add("deleteList", Args.DeleteList.class, Todos::deleteList)
                .add("createTodo", Args.CreateTodo.class, Todos::createTodo)
                .add("updateTodo", Args.UpdateTodo.class, Todos::updateTodo)
                .add("moveTodo", Args.MoveTodo.class, Todos::moveTodo)
                .add("deleteTodo", Args.DeleteTodo.class, Todos::deleteTodo)
                .add("importTodos", Args.ImportTodos.class, Todos::importTodos)
                .add("clearList", Args.ClearList.class, Todos::clearList)
                .add("createShare", Args.CreateShare.class, Todos::createShare)
                .add("deleteShare", Args.DeleteShare.class, Todos::deleteShare)
                .add("putNote", Args.PutNote.class, Todos::putNote)
                .add("deleteNote", Args.DeleteNote.class, Todos::deleteNote);
    }

    private static void createList(Handle db, Args.CreateList args, MutationContext ctx) {
        requireFree(db, LISTS, args.id());
        LISTS.insert(db, ctx, new ListRow(args.id(), args.name(), ctx.userID()));
    }

    private static void deleteList(Handle db, Args.DeleteList args, MutationContext ctx) {
        lockList(ctx, args.id());
        requireOwner(db, ctx, args.id());
        deleteOfList(db, ctx, TODOS, "todo", args.id());
        deleteOfList(db, ctx, NOTES, "note", args.id());
        deleteOfList(db, ctx, SHARES, "share", args.id());
        LISTS.delete(db, ctx, args.id());
    }

    private static void createTodo(Handle db, Args.CreateTodo args, MutationContext ctx) {
        lockList(ctx, args.listID());
        requireVisible(ctx, "list/" + args.listID());
        requireFree(db, TODOS, args.id());
        int last = db.createQuery("select coalesce(max(sort), 0) from todo where list_id = :list")
                .bind("list", args.listID())
                .mapTo(Integer.class)
                .one();
        int sort = Math.addExact(last, 1);
        TODOS.insert(db, ctx, new TodoRow(args.id(), args.listID(), args.text(), args.completed(), sort));
    }

    private static void updateTodo(Handle db, Args.UpdateTodo args, MutationContext ctx) {
        requireVisible(ctx, "todo/" + args.id());
        Map<String, @Nullable Object> changes = new HashMap<>();
        changes.put("text", args.text());
        changes.put("completed", args.completed());
        changes.put("sort", args.sort());
        changes.values().removeIf(Objects::isNull);
        changes.put("id", args.id());
        TODOS.update(db, ctx, changes);
    }

    private static void moveTodo(Handle db, Args.MoveTodo args, MutationContext ctx) {
        requireVisible(ctx, "todo/" + args.id());
        db.execute("update todo set sort = sort + ? where id = ?", args.by(), args.id());
        ctx.touch("todo/" + args.id());
    }

    private static void deleteTodo(Handle db, Args.DeleteTodo args, MutationContext ctx) {
        if (ctx.canSee("todo/" + args.id())) {
            TODOS.delete(db, ctx, args.id());
        }
    }

    private static void importTodos(Handle db, Args.ImportTodos args, MutationContext ctx) {
        lockList(ctx, args.listID());
        requireVisible(ctx, "list/" + args.listID());
        PreparedBatch rows = db.prepareBatch("insert into todo (id, list_id, text, completed, sort)"
                + " values (:id, :listID, :text, :completed, :sort)");
        for (Imported todo : args.todos()) {
            rows.bindMethods(new TodoRow(todo.id(), args.listID(), todo.text(), todo.completed(), todo.sort()))
                    .add();
            ctx.touch("todo/" + todo.id());
        }
        rows.execute();
    }

    private static void clearList(Handle db, Args.ClearList args, MutationContext ctx) {
        lockList(ctx, args.listID());
        requireVisible(ctx, "list/" + args.listID());
        deleteOfList(db, ctx, TODOS, "todo", args.listID());
    }

    private static void createShare(Handle db, Args.CreateShare args, MutationContext ctx) {
        lockList(ctx, args.listID());
        requireOwner(db, ctx, args.listID());
        requireFree(db, SHARES, args.id());
        SHARES.insert(db, ctx, new ShareRow(args.id(), args.listID(), args.userID()));
    }

    private static void deleteShare(Handle db, Args.DeleteShare args, MutationContext ctx) {
        Optional<ShareRow> share = SHARES.find(db, args.id(), ShareRow.class);
        if (share.isPresent()) {
            requireOwner(db, ctx, share.get().listID());
            SHARES.delete(db, ctx, args.id());
        }
    }

    private static void putNote(Handle db, Args.PutNote args, MutationContext ctx) {
        lockList(ctx, args.listID());
        requireVisible(ctx, "list/" + args.listID());
        if (NOTES.find(db, args.id()).isPresent()) {
            requireVisible(ctx, "note/" + args.id());
        }
        NOTES.put(db, ctx, new NoteRow(args.id(), args.listID(), args.value()));
    }

    private static void deleteNote(Handle db, Args.DeleteNote args, MutationContext ctx) {
        if (ctx.canSee("note/" + args.id())) {
            NOTES.delete(db, ctx, args.id());
        }
    }

    /**
     * Whoever adds to a list, empties or deletes it does so one after the other: two must not take the same highest sort,
     * and nothing must be added to a list that is being deleted.
     */
    private static void lockList(MutationContext ctx, String listID) {
        ctx.lock("list/" + listID);
    }

    private static void requireVisible(MutationContext ctx, String key) {
        if (!ctx.canSee(key)) {
            throw new RejectedException(key + " does not exist");
        }
    }

    private static void requireFree(Handle db, SyncedTable table, String id) {
        if (table.find(db, id).isPresent()) {
            throw new RejectedException("the id " + id + " is taken");
        }
    }

    private static void requireOwner(Handle db, MutationContext ctx, String listID) {
        boolean owner = LISTS.find(db, listID, ListRow.class)
                .filter(list -> list.ownerID().equals(ctx.userID()))
                .isPresent();
        if (!owner) {
            throw new RejectedException("list/" + listID + " does not exist or is somebody else's");
        }
    }

    private static void deleteOfList(Handle db, MutationContext ctx, SyncedTable table, String name, String listID) {
        table.touchWhere(db, ctx, Set.of(), "t.list_id = ?", listID);
        db.execute("delete from " + name + " where list_id = ?", listID);
    }
}
