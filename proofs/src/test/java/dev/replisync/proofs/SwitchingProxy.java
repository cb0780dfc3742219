package dev.replisync.proofs;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** Stands between clients and several nodes: any request goes to any node, some to two, and some answers are lost. */
final class SwitchingProxy implements AutoCloseable {
    private final HttpServer http;
    private final List<Way> nodes;
    private final Random random;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final AtomicInteger faults = new AtomicInteger();

    SwitchingProxy(List<Way> nodes, long seed) throws IOException {
        this.nodes = nodes;
        this.random = new Random(seed);
        http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 500);
        http.createContext("/", this::pass);
        http.setExecutor(threads);
        http.start();
    }

    int port() {
        return http.getAddress().getPort();
    }

    /** How many requests were doubled, and answers lost. */
    int faults() {
        return faults.get();
    }

    private void pass(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            String space = exchange.getRequestURI().getQuery();
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            Way node = any();
            if (random.nextInt(8) == 0) {
                faults.incrementAndGet();
                Way other = any();
                threads.execute(() -> other.post(path, space, body));
            }
            Way.Answer answer = node.post(path, space, body);
            if (random.nextInt(8) == 0) {
                faults.incrementAndGet();
                return;
            }
            if (answer.status() != 0) {
                byte[] bytes = answer.body().getBytes(StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(answer.status(), bytes.length == 0 ? -1 : bytes.length);
                if (bytes.length > 0) {
                    exchange.getResponseBody().write(bytes);
                }
            }
        }
    }

    private Way any() {
        return nodes.get(random.nextInt(nodes.size()));
    }

    @Override
    public void close() {
        http.stop(0);
        threads.shutdownNow();
    }
}
