package dev.replisync.example.todo;

import dev.replisync.jdbi.SyncedTable;
import org.jdbi.v3.core.Jdbi;

/** The application's own tables, and what clients see of them. */
final class Schema {
    static final SyncedTable LISTS =
            SyncedTable.of("list").key("list/", "id").columns("id", "name").column("owner_id", "ownerID");

    static final SyncedTable TODOS = SyncedTable.of("todo")
            .key("todo/", "id")
            .columns("id")
            .column("list_id", "listID")
            .columns("text", "completed", "sort");

    static final SyncedTable SHARES = SyncedTable.of("share")
            .key("share/", "id")
            .columns("id")
            .column("list_id", "listID")
            .column("user_id", "userID");

    static final SyncedTable NOTES = SyncedTable.of("note")
            .key("note/", "id")
            .columns("id")
            .column("list_id", "listID")
            .json("content", "value");

    /** Any number, the same on all nodes: while one node creates tables the others wait. */
    private static final long CREATING = 7_236_410_552L;

    private static final String DDL = """
            create table if not exists list (
                id varchar not null primary key,
                name varchar not null,
                owner_id varchar not null);
            create table if not exists todo (
                id varchar not null primary key,
                list_id varchar not null references list,
                text varchar not null,
                completed boolean not null,
                sort integer not null);
            create index if not exists todo_of_list on todo (list_id, sort);
            create table if not exists share (
                id varchar not null primary key,
                list_id varchar not null references list,
                user_id varchar not null);
            create index if not exists share_of_list on share (list_id);
            create table if not exists note (
                id varchar not null primary key,
                list_id varchar not null references list,
                content text not null);
            create index if not exists note_of_list on note (list_id);
            """;

    private Schema() {}

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
