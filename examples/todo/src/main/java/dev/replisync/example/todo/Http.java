package dev.replisync.example.todo;

import dev.replisync.SyncEndpoint;
import dev.replisync.SyncResponse;
import dev.replisync.SyncServer;
import dev.replisync.error.RequestException;
import io.javalin.Javalin;
import io.javalin.compression.CompressionStrategy;
import io.javalin.compression.Gzip;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What is served over HTTP. */
final class Http implements AutoCloseable {
    private static final int GZIP_ABOVE_BYTES = 1024;
    private static final int GZIP_LEVEL = 3;
    private static final String NOBODY = "nobody";

    private final SyncEndpoint endpoint;
    private final Duration heartbeats;
    private final WebPage page;
    private final Set<PokeStream> streams = ConcurrentHashMap.newKeySet();
    private final Javalin javalin;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "heartbeats");
        thread.setDaemon(true);
        return thread;
    });

    Http(SyncServer<?> server, int port, WebPage page, Optional<Admin> admin, Duration heartbeats) {
        this.page = page;
        this.endpoint = server.endpoint(Http::user);
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

    static void configure(JavalinConfig config) {
        config.startup.showJavalinBanner = false;
        config.startup.startupWatcherEnabled = false;
        config.http.prefer405over404 = true;
        config.http.compressionStrategy = new CompressionStrategy(null, new Gzip(GZIP_LEVEL));
    }

    private void route(JavalinConfig config) {
        config.routes.post("/api/replicache/push", ctx -> send(ctx, endpoint.push(request(ctx, ctx::header))));
        config.routes.post("/api/replicache/pull", ctx -> send(ctx, endpoint.pull(request(ctx, ctx::header))));
        config.routes.get("/api/replicache/poke", this::listen);
        config.routes.get("/healthz", ctx -> ctx.result("ok"));
        config.routes.get("/", ctx -> page.send(ctx, "index.html"));
        config.routes.get("/{file}", ctx -> page.send(ctx, ctx.pathParam("file")));
        config.routes.exception(
                RequestException.class,
                (e, ctx) -> ctx.status(e.status()).contentType("text/plain").result(e.getMessage()));
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

    private static SyncEndpoint.Request request(Context ctx, Function<String, @Nullable String> headers) {
        return new SyncEndpoint.Request(ctx.req().getMethod(), space(ctx), headers, ctx.bodyInputStream());
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

    /** A poke says that it is time to pull. */
    private void listen(Context ctx) throws IOException {
        SyncEndpoint.Request request = request(ctx, tokenInAddress(ctx));
        ctx.contentType("text/event-stream;charset=utf-8").header("Cache-Control", "no-store");
        PokeStream stream = new PokeStream(ctx.res().getOutputStream());
        ctx.future(() -> {
            CompletableFuture<Void> ended = stream.serve(onPoke -> endpoint.pokes(request, onPoke), timer, heartbeats);
            streams.add(stream);
            return ended.whenComplete((nothing, thrown) -> streams.remove(stream));
        });
    }

    /** EventSource cannot set headers, so who listens for pokes may say in the address who they are. */
    private static Function<String, @Nullable String> tokenInAddress(Context ctx) {
        String user = ctx.queryParam("user");
        return name -> {
            String value = ctx.header(name);
            return value == null && user != null && name.equals("Authorization") ? "Bearer " + user : value;
        };
    }

    /** The demonstration's login: the token is the user's id. */
    private static String user(SyncEndpoint.Request request) {
        return request.bearerToken()
                .filter(token -> !token.equals(NOBODY))
                .orElseThrow(() -> RequestException.unauthorized("say who you are: Authorization: Bearer <user id>"));
    }

    private static String space(Context ctx) {
        String space = ctx.queryParam("space");
        return space == null || space.isEmpty() ? "default" : space;
    }
}
