package dev.replisync.example.todo;

import dev.replisync.SyncServer;
import dev.replisync.jdbi.JdbiStorage;
import java.time.Duration;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/** What an administrator may do. */
final class Admin {
    /** What the SDK knows of clients, in the order in which pushes lock it, and the application's tables. */
    private static final String DELETE_ALL = """
            delete from "replisync_client_group"; delete from "replisync_client";
            delete from note; delete from share; delete from todo; delete from list;
            delete from "replisync_ledger";
            """;

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
        jdbi.useTransaction(db -> db.createScript(DELETE_ALL).execute());
        storage.newEpoch();
        server.poke("default");
    }

    /** Forgets what was deleted. Clients that did not pull since then start again. */
    void purge() {
        storage.collectGarbage(CLIENT_GROUPS, Duration.ZERO);
    }
}
