package dev.replisync.example.todo;

import dev.replisync.SyncServer;
import dev.replisync.jdbi.JdbiStorage;
import java.time.Duration;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/** What an administrator may do. */
final class Admin {
    private static final String DELETE_ALL =
            "delete from note; delete from share; delete from todo; delete from list; delete from todo_window;";

    private static final Duration CLIENT_GROUPS = Duration.ofDays(30);

    private final Jdbi jdbi;
    private final JdbiStorage storage;
    private final SyncServer<Handle> server;

    Admin(Jdbi jdbi, JdbiStorage storage, SyncServer<Handle> server) {
        this.jdbi = jdbi;
        this.storage = storage;
        this.server = server;
    }

    /** Forgets everything: lists, todos, and who had which. Clients are told to start again. */
    void wipe() {
        List<String> spaces = jdbi.withHandle(db -> db.createQuery("select distinct space_id from list")
                .mapTo(String.class)
                .list());
        jdbi.useTransaction(db -> db.createScript(DELETE_ALL).execute());
        storage.forgetEverything();
        server.poke("default");
        spaces.forEach(server::poke);
    }

    /** Forgets what was deleted and what clients were sent. Clients that lack anything of it start again. */
    void purge() {
        storage.collectGarbage(CLIENT_GROUPS, Duration.ZERO, Duration.ZERO);
    }
}
