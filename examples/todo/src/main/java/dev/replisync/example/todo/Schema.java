package dev.replisync.example.todo;

import dev.replisync.jdbi.SyncedTable;
import org.jdbi.v3.core.Jdbi;

/** The application's own tables, and what clients see of them. */
record Schema(SyncedTable lists, SyncedTable todos, SyncedTable shares, SyncedTable notes) {

    /** Everybody sees everything in the space, if the strategy knows spaces. */
    static Schema open() {
        return new Schema(
                SyncedTable.of("list")
                        .key("list/", "id")
                        .space("space_id")
                        .columns("id", "name")
                        .column("owner_id", "ownerID"),
                SyncedTable.of("todo")
                        .key("todo/", "id")
                        .space("space_id")
                        .columns("id")
                        .column("list_id", "listID")
                        .columns("text", "completed", "sort"),
                SyncedTable.of("share")
                        .key("share/", "id")
                        .space("space_id")
                        .columns("id")
                        .column("list_id", "listID")
                        .column("user_id", "userID"),
                SyncedTable.of("note")
                        .key("note/", "id")
                        .space("space_id")
                        .columns("id")
                        .column("list_id", "listID")
                        .json("content", "value"));
    }

    SyncedTable[] tables() {
        return new SyncedTable[] {lists, todos, shares, notes};
    }

    /** Any number, the same on all nodes: while one node creates tables the others wait. */
    private static final long CREATING = 7_236_410_552L;

    private static final String DDL = """
            create table if not exists list (
                id varchar not null primary key,
                space_id varchar not null,
                name varchar not null,
                owner_id varchar not null);
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
            create table if not exists note (
                id varchar not null primary key,
                space_id varchar not null,
                list_id varchar not null references list,
                content text not null);
            create index if not exists note_of_list on note (list_id);
            """;

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
