package dev.replisync.example.todo;

import dev.replisync.SyncEndpoint;
import dev.replisync.SyncResponse;
import dev.replisync.SyncServer;
import dev.replisync.error.RequestException;
import dev.replisync.protocol.Caller;
import io.javalin.Javalin;
import io.javalin.compression.CompressionStrategy;
import io.javalin.compression.Gzip;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

/** What is served over HTTP. */
final class Http implements AutoCloseable {
    private static final int GZIP_ABOVE_BYTES = 1024;
    private static final int GZIP_LEVEL = 3;
    private static final String NOBODY = "nobody";

    private final SyncServer<?> server;
    private final SyncEndpoint endpoint;
    private final Duration heartbeats;
    private final WebPage page = new WebPage();
    private final Set<PokeStream> streams = ConcurrentHashMap.newKeySet();
    private final Javalin javalin;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "heartbeats");
        thread.setDaemon(true);
        return thread;
    });

    Http(SyncServer<?> server, int port, Optional<Admin> admin, Duration heartbeats) {
        this.server = server;
        this.endpoint = server.endpoint(request -> user(request.bearerToken()));
        this.heartbeats = heartbeats;
        this.javalin = Javalin.create(config -> {
            configure(config);
            route(config);
            admin.ifPresent(a -> routeAdmin(config, a));
        });
        javalin.start("127.0.0.1", port);
    }

    int port() {
        return javalin.port();
    }

    /** How many clients listen for pokes. */
    int listeners() {
        return streams.size();
    }

    @Override
    public void close() {
        streams.forEach(PokeStream::end);
        javalin.stop();
        timer.shutdownNow();
    }

    private static void configure(JavalinConfig config) {
        config.startup.showJavalinBanner = false;
        config.startup.startupWatcherEnabled = false;
        // The SDK limits the body itself, with an answer that the client understands.
        config.http.maxRequestSize = Long.MAX_VALUE;
        config.http.prefer405over404 = true;
        config.http.compressionStrategy = new CompressionStrategy(null, new Gzip(GZIP_LEVEL));
    }

    private void route(JavalinConfig config) {
        config.routes.post("/api/replicache/push", ctx -> send(ctx, endpoint.push(request(ctx))));
        config.routes.post("/api/replicache/pull", ctx -> send(ctx, endpoint.pull(request(ctx))));
        config.routes.get("/api/replicache/poke", this::listen);
        config.routes.get("/healthz", ctx -> ctx.result("ok"));
        config.routes.get("/", ctx -> page.send(ctx, "index.html"));
        config.routes.get("/{file}", ctx -> page.send(ctx, ctx.pathParam("file")));
        config.routes.exception(
                RequestException.class, (e, ctx) -> ctx.status(e.status()).result(e.getMessage()));
    }

    private static void routeAdmin(JavalinConfig config, Admin admin) {
        config.routes.post("/admin/wipe", ctx -> {
            admin.wipe();
            ctx.result("wiped");
        });
        config.routes.post("/admin/purge", ctx -> {
            admin.purge();
            ctx.result("purged");
        });
    }

    private static SyncEndpoint.Request request(Context ctx) {
        return new SyncEndpoint.Request(ctx.req().getMethod(), space(ctx), ctx::header, ctx.bodyInputStream());
    }

    private static void send(Context ctx, SyncResponse response) throws IOException {
        ctx.status(response.status());
        response.headers().forEach(ctx::header);
        if (response.body().length() > GZIP_ABOVE_BYTES) {
            ctx.minSizeForCompression(0);
        } else {
            ctx.disableCompression();
        }
        response.body().writeTo(ctx.outputStream());
    }

    /** A poke says that it is time to pull. EventSource cannot set headers, so the user may be named in the address. */
    private void listen(Context ctx) throws IOException {
        Optional<String> token = request(ctx).bearerToken().or(() -> Optional.ofNullable(ctx.queryParam("user")));
        Caller caller = caller(user(token), space(ctx));
        ctx.contentType("text/event-stream;charset=utf-8").header("Cache-Control", "no-store");
        PokeStream stream = new PokeStream(ctx.res().getOutputStream());
        ctx.future(() -> {
            streams.add(stream);
            return stream.serve(onPoke -> server.pokes(caller, onPoke), timer, heartbeats)
                    .whenComplete((nothing, thrown) -> streams.remove(stream));
        });
    }

    private static Caller caller(String user, String space) {
        try {
            return Caller.of(user, space);
        } catch (IllegalArgumentException e) {
            throw RequestException.malformed("bad user or space");
        }
    }

    /** The demonstration's login: the token is the user's id. */
    private static String user(Optional<String> token) {
        return token.filter(t -> !t.isBlank() && !t.equals(NOBODY))
                .orElseThrow(() -> RequestException.unauthorized("say who you are: Authorization: Bearer <user id>"));
    }

    private static String space(Context ctx) {
        String space = ctx.queryParam("space");
        return space == null || space.isEmpty() ? "default" : space;
    }
}
