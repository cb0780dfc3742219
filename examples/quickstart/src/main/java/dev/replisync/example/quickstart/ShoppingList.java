package dev.replisync.example.quickstart;

import dev.replisync.Mutators;
import dev.replisync.SyncEndpoint;
import dev.replisync.SyncResponse;
import dev.replisync.SyncServer;
import dev.replisync.error.RequestException;
import dev.replisync.jdbi.JdbiStorage;
import dev.replisync.jdbi.SyncedTable;
import io.javalin.Javalin;
import io.javalin.http.Context;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

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
                db.execute("update item set bought = true where id = ?", buy.id());
                ctx.touch("item/" + buy.id()); // after plain SQL: say what it changed
            });
    // end::mutators[]

    static Javalin start(int port) {
        // tag::server[]
        Jdbi jdbi = Jdbi.create("jdbc:h2:mem:shop;DB_CLOSE_DELAY=-1");
        jdbi.useHandle(db -> db.execute("create table item (id varchar primary key, name varchar, bought boolean)"));
        JdbiStorage storage = JdbiStorage.builder(jdbi).tables(ITEMS).build().install();
        SyncServer<Handle> server = SyncServer.builder(storage)
                .mutators(MUTATORS)
                .strategy("global")
                .build();
        // end::server[]
        // tag::endpoints[]
        SyncEndpoint endpoint = server.endpoint(request -> request.bearerToken() // your own login goes here
                .orElseThrow(() -> RequestException.unauthorized("who are you?")));
        return Javalin.start(config -> {
            config.jetty.port = port;
            config.routes.post("/api/push", ctx -> answer(ctx, endpoint.push(request(ctx))));
            config.routes.post("/api/pull", ctx -> answer(ctx, endpoint.pull(request(ctx))));
            config.routes.sse("/api/poke", client -> {
                client.keepAlive();
                client.onClose(endpoint.pokes(request(client.ctx()), () -> client.sendEvent("poke", "{}"))::close);
                client.sendEvent("poke", "{}"); // one may have been missed before
            });
        });
        // end::endpoints[]
    }

    // tag::adapter[]
    private static SyncEndpoint.Request request(Context ctx) {
        String user = ctx.queryParam("user"); // for EventSource, which cannot send headers
        Function<String, @Nullable String> headers = user == null ? ctx::header : name -> "Bearer " + user;
        return new SyncEndpoint.Request(ctx.req().getMethod(), "default", headers, ctx.bodyInputStream());
    }

    private static void answer(Context ctx, SyncResponse response) throws Exception {
        ctx.status(response.status());
        response.headers().forEach(ctx::header);
        response.body().writeTo(ctx.outputStream());
    }
    // end::adapter[]

    public static void main(String[] args) {
        start(args.length == 0 ? 8080 : Integer.parseInt(args[0]));
    }
}
