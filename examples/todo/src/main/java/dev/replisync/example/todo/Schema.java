package dev.replisync.example.todo;

import dev.replisync.jdbi.SyncedQuery;
import dev.replisync.jdbi.SyncedTable;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jdbi.v3.core.Jdbi;

/**
 * The application's own tables, and what clients see of them.
 *
 * @param window what each browser wants to hold of the todos, if the strategy can tell users apart
 */
record Schema(
        SyncedTable lists, SyncedTable todos, SyncedTable shares, SyncedTable notes, Optional<SyncedQuery> window) {

    /** What a browser wants to hold of the todos. */
    private static final SyncedQuery WINDOW = SyncedQuery.of("todo_window", "window")
            .column("show_completed", "showCompleted")
            .column("item_limit", "limit");

    /** With or without completed todos, and the first of all lists by their places; all of them without a window. */
    private static final String IN_WINDOW = """
            select t.id from todo t where not exists (%1$s)
            union all (
                select t.id from todo t where :visible and (not t.completed or (%2$s))
                order by t.sort, t.id
                limit coalesce((%3$s), 0))
            """.formatted(
            WINDOW.select("1"), WINDOW.select("show_completed"), WINDOW.select("coalesce(item_limit, 2147483647)"));

    private static final SyncedTable LISTS = SyncedTable.of("list")
            .key("list/", "id")
            .space("space_id")
            .columns("id", "name")
            .column("owner_id", "ownerID");

    private static final SyncedTable ITEMS = SyncedTable.of("todo")
            .key("todo/", "id")
            .space("space_id")
            .columns("id")
            .column("list_id", "listID")
            .columns("text", "completed", "sort");

    private static final SyncedTable SHARES = SyncedTable.of("share")
            .key("share/", "id")
            .space("space_id")
            .columns("id")
            .column("list_id", "listID")
            .column("user_id", "userID");

    private static final SyncedTable NOTES = SyncedTable.of("note")
            .key("note/", "id")
            .space("space_id")
            .columns("id")
            .column("list_id", "listID")
            .json("content", "value");

    /** Any number, the same on all nodes: while one node creates tables the others wait. */
    private static final long CREATING = 7_236_410_552L;

    private static final String DDL = """
            create table if not exists list (
                id varchar not null primary key,
                space_id varchar not null,
                name varchar not null,
                owner_id varchar not null);
            create index if not exists list_of_owner on list (owner_id);
            create table if not exists todo (
                id varchar not null primary key,
                space_id varchar not null,
                list_id varchar not null references list,
                text varchar not null,
                completed boolean not null,
                sort integer not null);
            create index if not exists todo_of_list on todo (list_id, sort);
            create table if not exists share (
                id varchar not null primary key,
                space_id varchar not null,
                list_id varchar not null references list,
                user_id varchar not null);
            create index if not exists share_of_list on share (list_id);
            create index if not exists share_of_user on share (user_id);
            create table if not exists note (
                id varchar not null primary key,
                space_id varchar not null,
                list_id varchar not null references list,
                content text not null);
            create index if not exists note_of_list on note (list_id);
            create table if not exists todo_window (
                user_id varchar not null,
                space_id varchar not null,
                profile_id varchar not null,
                show_completed boolean not null,
                item_limit integer,
                primary key (user_id, space_id, profile_id));
            """;

    /** What clients see with a strategy: with row versions each user has a view, with the others all of a space share one. */
    static Schema of(String strategy) {
        if (!strategy.equals("row-version")) {
            return new Schema(LISTS, ITEMS, SHARES, NOTES, Optional.empty());
        }
        return new Schema(
                ofReaders(LISTS, "t.id"),
                ofReaders(ITEMS, "t.list_id").viewQuery(IN_WINDOW),
                ofReaders(SHARES, "t.list_id"),
                ofReaders(NOTES, "t.list_id"),
                Optional.of(WINDOW));
    }

    /**
     * What is in a list is seen by its owner, and by those whom it is shared with: asked of a row, who they are, and of a
     * user, by pulls, which lists.
     */
    private static SyncedTable ofReaders(SyncedTable table, String listID) {
        return table.readableBy("""
                select l.owner_id from list l where l.id = %1$s
                union all select s.user_id from share s where s.list_id = %1$s""".formatted(listID), """
                %1$s in (select l.id from list l where l.owner_id = :user)
                or %1$s in (select s.list_id from share s where s.user_id = :user)""".formatted(listID));
    }

    SyncedTable[] tables() {
        return Stream.concat(List.of(lists, todos, shares, notes).stream(), window.map(SyncedQuery::entity).stream())
                .toArray(SyncedTable[]::new);
    }

    /** Creates what is missing. Several nodes may do so at once. */
    static void create(Jdbi jdbi, boolean isPostgres) {
        jdbi.useTransaction(db -> {
            if (isPostgres) {
                db.execute("select pg_advisory_xact_lock(?)", CREATING);
            }
            db.createScript(DDL).execute();
        });
    }
}
