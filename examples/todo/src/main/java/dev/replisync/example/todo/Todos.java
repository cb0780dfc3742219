package dev.replisync.example.todo;

import dev.replisync.MutationContext;
import dev.replisync.Mutators;
import dev.replisync.error.RejectedException;
import dev.replisync.example.todo.Args.ImportTodos.Imported;
import dev.replisync.jdbi.SyncedQuery;
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

    private final Schema schema;

    Todos(Schema schema) {
        this.schema = schema;
    }

    Mutators<Handle> mutators() {
        Mutators<Handle> mutators = new Mutators<Handle>()
                .add("createList", Args.CreateList.class, this::createList)
                .add("deleteList", Args.DeleteList.class, this::deleteList)
                .add("createTodo", Args.CreateTodo.class, this::createTodo)
                .add("updateTodo", Args.UpdateTodo.class, this::updateTodo)
                .add("moveTodo", Args.MoveTodo.class, this::moveTodo)
                .add("deleteTodo", Args.DeleteTodo.class, this::deleteTodo)
                .add("importTodos", Args.ImportTodos.class, this::importTodos)
                .add("clearList", Args.ClearList.class, this::clearList)
                .add("createShare", Args.CreateShare.class, this::createShare)
                .add("deleteShare", Args.DeleteShare.class, this::deleteShare)
                .add("putNote", Args.PutNote.class, this::putNote)
                .add("deleteNote", Args.DeleteNote.class, this::deleteNote);
        schema.window()
                .ifPresent(window -> mutators.add(
                        "setWindow", Args.SetWindow.class, (db, args, ctx) -> setWindow(window, db, args, ctx)));
        return mutators;
    }

    private void createList(Handle db, Args.CreateList args, MutationContext ctx) {
        requireFree(db, schema.lists(), args.id());
        schema.lists().insert(db, ctx, new ListRow(args.id(), args.name(), ctx.userID()));
    }

    private void deleteList(Handle db, Args.DeleteList args, MutationContext ctx) {
        lockList(ctx, args.id());
        requireOwner(db, ctx, args.id());
        deleteOfList(db, ctx, schema.todos(), "todo", args.id());
        deleteOfList(db, ctx, schema.notes(), "note", args.id());
        deleteOfList(db, ctx, schema.shares(), "share", args.id());
        schema.lists().delete(db, ctx, args.id());
    }

    private void createTodo(Handle db, Args.CreateTodo args, MutationContext ctx) {
        lockList(ctx, args.listID());
        requireVisible(ctx, "list/" + args.listID());
        requireFree(db, schema.todos(), args.id());
        int last = db.createQuery("select coalesce(max(sort), 0) from todo where list_id = :list")
                .bind("list", args.listID())
                .mapTo(Integer.class)
                .one();
        int sort = Math.addExact(last, 1);
        schema.todos().insert(db, ctx, new TodoRow(args.id(), args.listID(), args.text(), args.completed(), sort));
    }

    private void updateTodo(Handle db, Args.UpdateTodo args, MutationContext ctx) {
        requireVisible(ctx, "todo/" + args.id());
        Map<String, @Nullable Object> changes = new HashMap<>();
        changes.put("text", args.text());
        changes.put("completed", args.completed());
        changes.put("sort", args.sort());
        changes.values().removeIf(Objects::isNull);
        changes.put("id", args.id());
        schema.todos().update(db, ctx, changes);
    }

    private void moveTodo(Handle db, Args.MoveTodo args, MutationContext ctx) {
        int moved = schema.todos()
                .execute(
                        db,
                        ctx,
                        "update todo t set sort = sort + :by where t.id = :id and :visible",
                        Map.of("by", args.by(), "id", args.id()));
        if (moved == 0) {
            throw new RejectedException("todo/" + args.id() + " does not exist");
        }
        ctx.touch("todo/" + args.id());
    }

    private void deleteTodo(Handle db, Args.DeleteTodo args, MutationContext ctx) {
        if (ctx.canSee("todo/" + args.id())) {
            schema.todos().delete(db, ctx, args.id());
        }
    }

    private void importTodos(Handle db, Args.ImportTodos args, MutationContext ctx) {
        lockList(ctx, args.listID());
        requireVisible(ctx, "list/" + args.listID());
        PreparedBatch rows = db.prepareBatch("insert into todo (id, space_id, list_id, text, completed, sort)"
                + " values (:id, :space, :listID, :text, :completed, :sort)");
        for (Imported todo : args.todos()) {
            rows.bindMethods(new TodoRow(todo.id(), args.listID(), todo.text(), todo.completed(), todo.sort()))
                    .bind("space", ctx.space())
                    .add();
            ctx.touch("todo/" + todo.id());
        }
        rows.execute();
    }

    private void clearList(Handle db, Args.ClearList args, MutationContext ctx) {
        lockList(ctx, args.listID());
        requireVisible(ctx, "list/" + args.listID());
        deleteOfList(db, ctx, schema.todos(), "todo", args.listID());
    }

    private void createShare(Handle db, Args.CreateShare args, MutationContext ctx) {
        lockList(ctx, args.listID());
        requireOwner(db, ctx, args.listID());
        requireFree(db, schema.shares(), args.id());
        schema.shares().insert(db, ctx, new ShareRow(args.id(), args.listID(), args.userID()));
    }

    private void deleteShare(Handle db, Args.DeleteShare args, MutationContext ctx) {
        Optional<ShareRow> share = schema.shares().find(db, args.id(), ShareRow.class);
        if (share.isPresent()) {
            requireOwner(db, ctx, share.get().listID());
            schema.shares().delete(db, ctx, args.id());
        }
    }

    private void putNote(Handle db, Args.PutNote args, MutationContext ctx) {
        lockList(ctx, args.listID());
        requireVisible(ctx, "list/" + args.listID());
        if (schema.notes().find(db, args.id()).isPresent()) {
            requireVisible(ctx, "note/" + args.id());
        }
        schema.notes().put(db, ctx, new NoteRow(args.id(), args.listID(), args.value()));
    }

    private void deleteNote(Handle db, Args.DeleteNote args, MutationContext ctx) {
        if (ctx.canSee("note/" + args.id())) {
            schema.notes().delete(db, ctx, args.id());
        }
    }

    private static void setWindow(SyncedQuery window, Handle db, Args.SetWindow args, MutationContext ctx) {
        Map<String, @Nullable Object> wanted = new HashMap<>();
        wanted.put("show_completed", args.showCompleted());
        wanted.put("item_limit", args.limit());
        window.set(db, ctx, args.profileID(), wanted);
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

    private void requireOwner(Handle db, MutationContext ctx, String listID) {
        boolean owner = schema.lists()
                .find(db, listID, ListRow.class)
                .filter(list -> list.ownerID().equals(ctx.userID()))
                .isPresent();
        if (!owner || !ctx.canSee("list/" + listID)) {
            throw new RejectedException("list/" + listID + " does not exist or is somebody else's");
        }
    }

    private static void deleteOfList(Handle db, MutationContext ctx, SyncedTable table, String name, String listID) {
        table.touchWhere(db, ctx, Set.of(), "t.list_id = ?", listID);
        db.execute("delete from " + name + " where list_id = ?", listID);
    }
}
