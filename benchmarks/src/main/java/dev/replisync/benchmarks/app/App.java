package dev.replisync.benchmarks.app;

import dev.replisync.MutationContext;
import dev.replisync.Mutators;
import dev.replisync.SyncResponse;
import dev.replisync.SyncServer;
import dev.replisync.SyncServerBuilder;
import dev.replisync.benchmarks.lab.Transport;
import dev.replisync.jdbi.JdbiStorage;
import dev.replisync.jdbi.SyncedTable;
import dev.replisync.protocol.Caller;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/** A server for one table of items of about 180 bytes. */
public final class App implements Transport, AutoCloseable {
    /** How long the slow mutator takes. */
    public static final int SLOW_MILLIS = 20;

    private static final SyncedTable ITEMS = SyncedTable.of("item")
            .key("item/", "id")
            .columns("id")
            .column("list_id", "listID")
            .columns("text", "completed", "sort")
            .space("space_id");

    private final SyncServer<Handle> server;

    /** Where the versions of rows are kept. */
    public enum Versions {
        /** In the SDK's ledger. */
        LEDGER,
        /** In a column of the application's table, as the documents do it. */
        COLUMN,
        /** Nowhere; the row-version strategy takes PostgreSQL's {@code xmin}, on H2 a hash. */
        ROW,
        /** In a column that counts the changes of its row. */
        ROW_COLUMN,
        /** Nowhere; the row-version strategy takes a hash of what clients see. */
        ROW_HASH
    }

    /** How a server is set up. */
    @FunctionalInterface
    public interface Options {
        /** {@return the builder, with options} */
        SyncServerBuilder<Handle> of(SyncServerBuilder<Handle> builder, JdbiStorage storage);
    }

    record Change(String id) {}

    private App(SyncServer<Handle> server) {
        this.server = server;
    }

    /**
     * Creates the application's table and the SDK's, and fills them.
     *
     * @param jdbi an empty database
     * @param rows how many items each space has: the first, second and so on space, {@code space-1} and so on
     */
    public static void create(Jdbi jdbi, int... rows) throws SQLException {
        jdbi.useTransaction(db -> {
            db.execute(
                    "create table item (id varchar(80) primary key, space_id varchar(80) not null, list_id varchar(80)"
                            + " not null, text varchar(1000) not null, completed boolean not null, sort int not null,"
                            + " last_modified_version bigint not null default 0)");
            db.execute("create index item_by_space on item (space_id)");
            db.execute("create index item_by_version on item (last_modified_version)");
            String numbers = isPostgres(db) ? "generate_series(1, ?) i" : "system_range(1, ?) r(i)";
            for (int space = 1; space <= rows.length; space++) {
                db.execute(
                        "insert into item (id, space_id, list_id, text, completed, sort) select 'item-" + space
                                + "-' || i,"
                                + " 'space-" + space + "', 'list-' || mod(i, 10), repeat('x', 100), false, 0 from "
                                + numbers,
                        rows[space - 1]);
            }
        });
        storage(jdbi, Versions.LEDGER).install();
        jdbi.useTransaction(App::fillBookkeeping);
        if (jdbi.withHandle(App::isPostgres)) {
            jdbi.useHandle(db -> db.execute("vacuum analyze"));
        }
    }

    /** As on a server that has been running: each item was written once, by clients of long ago. */
    private static void fillBookkeeping(Handle db) {
        for (String space : new String[] {"space_id", "'" + JdbiStorage.GLOBAL_SPACE + "'"}) {
            db.execute("insert into \"replisync_ledger\" (space_id, entity_key, version) select " + space
                    + ", 'item/' || id, 0 from item");
        }
        db.execute("insert into \"replisync_client_group\" (id, user_id, space_id, last_seen)"
                + " select 'old-' || id, 'u', 'old', 0 from item");
        db.execute("insert into \"replisync_client\" (id, group_id, last_mutation_id, last_modified_version)"
                + " select 'old-' || id, 'old-' || id, 1, 0 from item");
    }

    private static boolean isPostgres(Handle db) throws SQLException {
        return db.getConnection().getMetaData().getDatabaseProductName().equals("PostgreSQL");
    }

    private static JdbiStorage storage(Jdbi jdbi, Versions versions) {
        SyncedTable items = switch (versions) {
            case COLUMN -> ITEMS.versionColumn("last_modified_version");
            case ROW_COLUMN -> ITEMS.rowVersionColumn("last_modified_version");
            case ROW_HASH -> ITEMS.rowVersionHash();
            case LEDGER, ROW -> ITEMS;
        };
        return JdbiStorage.builder(jdbi).tables(items).connectionsAlike().build();
    }

    /**
     * Starts a node.
     *
     * @param jdbi the database
     * @param versions where row versions are
     * @param options strategy and options
     * @return the node
     */
    public static App start(Jdbi jdbi, Versions versions, Options options) {
        Mutators<Handle> mutators = new Mutators<Handle>()
                .add("change", Change.class, App::change)
                .add("slow", Change.class, App::slow)
                .add("nothing", Change.class, (db, args, ctx) -> {});
        JdbiStorage storage = storage(jdbi, versions);
        return new App(options.of(SyncServer.builder(storage).mutators(mutators).createSpaces(), storage)
                .build());
    }

    /** Starts a node that needs nothing of its storage. */
    public static App start(Jdbi jdbi, Versions versions, UnaryOperator<SyncServerBuilder<Handle>> options) {
        return start(jdbi, versions, (builder, storage) -> options.apply(builder));
    }

    /** One statement. */
    private static void change(Handle db, Change change, MutationContext ctx) {
        db.execute("update item set sort = sort + 1 where id = ?", change.id);
        ctx.touch("item/" + change.id);
    }

    /** One statement after something that takes its time, as a look into another service does. */
    private static void slow(Handle db, Change change, MutationContext ctx) throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep(SLOW_MILLIS);
        change(db, change, ctx);
    }

    /** {@return the arguments of the mutators} */
    public static String args(String itemID) {
        return "{\"id\":\"" + itemID + "\"}";
    }

    @Override
    public byte[] push(String user, String space, byte[] body) throws IOException {
        return body(server.push(Caller.of(user, space), new ByteArrayInputStream(body)));
    }

    @Override
    public byte[] pull(String user, String space, byte[] body) throws IOException {
        return body(server.pull(Caller.of(user, space), new ByteArrayInputStream(body)));
    }

    private static byte[] body(SyncResponse response) throws IOException {
        if (response.status() != 200) {
            throw new IOException("answered with " + response.status() + " " + response.text());
        }
        ByteArrayOutputStream out =
                new ByteArrayOutputStream((int) response.body().length());
        response.body().writeTo(out);
        return out.toByteArray();
    }

    @Override
    public void close() {
        server.close();
    }
}
