package dev.replisync.example.todo;

import dev.replisync.SyncServer;
import dev.replisync.SyncServerBuilder;
import dev.replisync.jdbi.JdbiStorage;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/** The running application: database, sync server and HTTP. */
final class TodoServer implements AutoCloseable {
    private static final Duration HEARTBEATS = Duration.ofSeconds(15);

    private final Database database;
    private final SyncServer<Handle> sync;
    private final Http http;

    private TodoServer(Database database, SyncServer<Handle> sync, Http http) {
        this.database = database;
        this.sync = sync;
        this.http = http;
    }

    static TodoServer start(Arguments arguments) {
        return start(arguments, HEARTBEATS);
    }

    static TodoServer start(Arguments arguments, Duration heartbeats) {
        Schema schema = Schema.of(arguments.strategy());
        Preload.start(schema);
        Database database = Database.open(arguments);
        try {
            Jdbi jdbi = Jdbi.create(database.pool());
            Schema.create(jdbi, database.isPostgres());
            JdbiStorage storage = JdbiStorage.builder(jdbi)
                    .tables(schema.tables())
                    .connectionsAlike()
                    .build()
                    .install();
            SyncServer<Handle> sync = server(storage, new Todos(schema), arguments);
            Optional<Admin> admin = arguments.admin() ? Optional.of(new Admin(jdbi, storage, sync)) : Optional.empty();
            WebPage page = new WebPage(schema.window().isPresent());
            return new TodoServer(database, sync, new Http(sync, arguments.port(), page, admin, heartbeats));
        } catch (RuntimeException e) {
            database.close();
            throw e;
        }
    }

    private static SyncServer<Handle> server(JdbiStorage storage, Todos todos, Arguments arguments) {
        SyncServerBuilder<Handle> builder = SyncServer.builder(storage)
                .mutators(todos.mutators())
                .strategy(arguments.strategy())
                .createSpaces()
                // Clients of schema version 0 may still send what they did offline, but must be reloaded to pull.
                .schemaVersions(Set.of("", "1"), Set.of("0"));
        arguments.batch().ifPresent(builder::batch);
        if (arguments.versionLast()) {
            builder.versionLast();
        }
        return builder.build();
    }

    int port() {
        return http.port();
    }

    int listeners() {
        return http.listeners();
    }

    String database() {
        return database.name();
    }

    @Override
    public void close() {
        http.close();
        sync.close();
        database.close();
    }
}
