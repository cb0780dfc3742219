package dev.replisync.example.todo;

import io.javalin.Javalin;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ForkJoinPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads classes on other threads while the database starts: to load four thousand of them one after the other takes
 * most of the time until the first request is answered. Changes nothing but the time that it takes.
 */
final class Preload {
    private static final Logger LOG = LoggerFactory.getLogger(Preload.class);
    private static final byte[] REQUEST = "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
            .getBytes(StandardCharsets.US_ASCII);

    private Preload() {}

    static void start(Schema schema) {
        ForkJoinPool.commonPool().execute(() -> new Todos(schema).mutators());
        ForkJoinPool.commonPool().execute(Preload::serveOnce);
    }

    /** What a web server loads it loads when it starts and when it gets its first request. */
    private static void serveOnce() {
        Javalin server = Javalin.create(config -> {
            Http.configure(config);
            config.routes.post(
                    "/", ctx -> ctx.outputStream().write(ctx.bodyInputStream().read()));
        });
        try {
            server.start(InetAddress.getLoopbackAddress().getHostAddress(), 0);
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
                socket.getOutputStream().write(REQUEST);
                socket.getInputStream().transferTo(OutputStream.nullOutputStream());
            }
        } catch (IOException | RuntimeException e) {
            LOG.debug("classes are loaded later", e);
        } finally {
            server.stop();
        }
    }
}
