package dev.replisync.proofs;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.replisync.SyncEndpoint;
import dev.replisync.SyncResponse;
import dev.replisync.SyncServer;
import dev.replisync.SyncServerBuilder;
import dev.replisync.jdbi.JdbiStorage;
import dev.replisync.strategy.rowversion.MemoryRecords;
import dev.replisync.strategy.rowversion.RowVersion;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server under test, a process of its own: {@link Journal} over HTTP, as any application would serve it, with a pool
 * of connections, the time-outs that the operations guide asks for, and garbage collection all the time.
 */
final class ProofServer {
    private static final Logger LOG = LoggerFactory.getLogger(ProofServer.class);

    private ProofServer() {}

    /** Takes arguments of the form {@code name=value}. */
    public static void main(String[] args) throws IOException {
        Map<String, String> arguments = new HashMap<>();
        for (String arg : args) {
            arguments.put(arg.substring(0, arg.indexOf('=')), arg.substring(arg.indexOf('=') + 1));
        }
        Jdbi jdbi = Jdbi.create(pool(arguments));
        JdbiStorage storage = Journal.storage(jdbi).install();
        SyncEndpoint endpoint = server(storage, arguments)
                .endpoint(request -> request.bearerToken().orElseThrow());
        HttpServer http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 500);
        http.createContext("/push", exchange -> serve(exchange, endpoint::push));
        http.createContext("/pull", exchange -> serve(exchange, endpoint::pull));
        http.setExecutor(Executors.newCachedThreadPool());
        http.start();
        collectGarbage(storage, Duration.ofMillis(Long.parseLong(arguments.get("garbageMillis"))));
        System.out.println("listening on " + http.getAddress().getPort());
    }

    private static SyncServer<Handle> server(JdbiStorage storage, Map<String, String> arguments) {
        SyncServerBuilder<Handle> builder = SyncServer.builder(storage)
                .mutators(Journal.mutators())
                .createSpaces()
                .batch(3)
                .timeLimit(Duration.ofSeconds(5));
        switch (arguments.get("records")) {
            case "table" -> builder.strategy(new RowVersion().records(storage.recordTable()));
            case "memory" -> builder.strategy(new RowVersion().records(new MemoryRecords()));
            default -> builder.strategy(arguments.get("strategy"));
        }
        if (Boolean.parseBoolean(arguments.get("last"))) {
            builder.versionLast();
        }
        return builder.build();
    }

    private static HikariDataSource pool(Map<String, String> arguments) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(arguments.get("url"));
        config.setUsername(arguments.get("user"));
        config.setMaximumPoolSize(Integer.parseInt(arguments.get("pool")));
        config.setConnectionTimeout(Long.parseLong(arguments.get("poolMillis")));
        config.setValidationTimeout(500);
        return new HikariDataSource(config);
    }

    /** Tombstones and records that nobody asked for since the last time: clients have to start again now and then. */
    private static void collectGarbage(JdbiStorage storage, Duration every) {
        Thread thread = new Thread(
                () -> {
                    while (true) {
                        LockSupport.parkNanos(every.toNanos());
                        try {
                            storage.collectGarbage(Duration.ofDays(1), every, every);
                        } catch (RuntimeException e) {
                            LOG.info("no garbage was collected this time", e);
                        }
                    }
                },
                "garbage");
        thread.setDaemon(true);
        thread.start();
    }

    private static void serve(HttpExchange exchange, Function<SyncEndpoint.Request, SyncResponse> handler)
            throws IOException {
        try (exchange) {
            String space = exchange.getRequestURI().getQuery();
            SyncResponse response = handler.apply(new SyncEndpoint.Request(
                    exchange.getRequestMethod(),
                    space,
                    exchange.getRequestHeaders()::getFirst,
                    exchange.getRequestBody()));
            response.headers()
                    .forEach((name, value) -> exchange.getResponseHeaders().set(name, value));
            long length = response.body().length();
            exchange.sendResponseHeaders(response.status(), length == 0 ? -1 : length);
            if (length > 0) {
                response.body().writeTo(exchange.getResponseBody());
            }
        }
    }
}
