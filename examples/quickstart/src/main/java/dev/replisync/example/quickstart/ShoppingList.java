package dev.replisync.example.quickstart;

import dev.replisync.Mutators;
import dev.replisync.SyncEndpoint;
import dev.replisync.SyncResponse;
import dev.replisync.SyncServer;
import dev.replisync.error.RejectedException;
import dev.replisync.error.RequestException;
import dev.replisync.jdbi.JdbiStorage;
import dev.replisync.jdbi.SyncedTable;
import dev.replisync.protocol.Caller;
import io.javalin.Javalin;
import io.javalin.http.Context;
import java.io.IOException;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/** A shopping list that syncs. */
final class ShoppingList {
    // tag::table[]
    static final SyncedTable ITEMS = SyncedTable.of("item").key("item/", "id").columns("id", "name", "bought");
    // end::table[]

    // tag::mutators[]
    record Item(String id, String name, boolean bought) {}

    record Buy(String id) {}

    static final Mutators<Handle> MUTATORS = new Mutators<Handle>()
            .add("addItem", Item.class, (db, item, ctx) -> ITEMS.insert(db, ctx, item))
            .add("buyItem", Buy.class, (db, buy, ctx) -> {
                if (db.execute("update item set bought = true where id = ?", buy.id()) == 0) {
                    throw new RejectedException("there is no such item"); // and the browser takes it back
                }
                ctx.touch("item/" + buy.id()); // plain SQL: say what it changed
            });
    // end::mutators[]

    static Javalin start(int port) {
        // tag::server[]
        Jdbi jdbi = Jdbi.create("jdbc:h2:mem:shop;DB_CLOSE_DELAY=-1");
        jdbi.useHandle(db -> db.execute("create table item (id varchar primary key, name varchar, bought boolean)"));
        SyncServer<Handle> server = SyncServer.builder(
                        JdbiStorage.builder(jdbi).tables(ITEMS).build().install())
                .mutators(MUTATORS)
                .strategy("global")
                .build();
        // end::server[]
        // tag::endpoints[]
        SyncEndpoint endpoint = server.endpoint(request -> request.bearerToken() // your own login goes here
                .orElseThrow(() -> RequestException.unauthorized("who are you?")));
        return Javalin.create(config -> {
                    config.http.maxRequestSize = Long.MAX_VALUE; // the SDK has a limit of its own
                    config.routes.post("/api/push", ctx -> answer(ctx, endpoint.push(request(ctx))));
                    config.routes.post("/api/pull", ctx -> answer(ctx, endpoint.pull(request(ctx))));
                    config.routes.sse("/api/poke", client -> {
                        String user = String.valueOf(client.ctx().queryParam("user"));
                        client.keepAlive();
                        client.onClose(server.pokes(Caller.of(user), () -> client.sendEvent("poke", "{}"))::close);
                        client.sendEvent("poke", "{}"); // one may have been missed before
                    });
                })
                .start(port);
    }

    private static SyncEndpoint.Request request(Context ctx) {
        return new SyncEndpoint.Request("POST", "default", ctx::header, ctx.bodyInputStream());
    }

    private static void answer(Context ctx, SyncResponse response) throws IOException {
        ctx.status(response.status());
        response.headers().forEach(ctx::header);
        response.body().writeTo(ctx.outputStream());
    }
    // end::endpoints[]

    public static void main(String[] args) {
        start(8080);
    }
}
