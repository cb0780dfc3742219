package dev.replisync.benchmarks.load;

import dev.replisync.benchmarks.lab.Transport;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ConcurrentLinkedDeque;
import org.jspecify.annotations.Nullable;

/**
 * The way over HTTP, on connections that are kept. Plain sockets, because the load generator shares its processors with
 * the server that is measured.
 */
public final class HttpTransport implements Transport {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** Sooner than the server ends a connection on which nothing comes. */
    private static final Duration IDLE = Duration.ofSeconds(5);

    private static final int BUFFER = 1 << 16;

    private final URI server;
    private final ConcurrentLinkedDeque<Connection> free = new ConcurrentLinkedDeque<>();

    /** The way to a server. */
    public HttpTransport(URI server) {
        this.server = server;
    }

    @Override
    public byte[] push(String user, String space, byte[] body) throws IOException {
        return post("push", user, space, body);
    }

    @Override
    public byte[] pull(String user, String space, byte[] body) throws IOException {
        return post("pull", user, space, body);
    }

    private byte[] post(String endpoint, String user, String space, byte[] body) throws IOException {
        Connection connection = connection();
        try {
            byte[] answer = connection.post(endpoint, user, space, body);
            free.push(connection);
            return answer;
        } catch (IOException e) {
            connection.socket.close();
            throw e;
        }
    }

    private Connection connection() throws IOException {
        for (Connection kept = free.poll(); kept != null; kept = free.poll()) {
            if (System.nanoTime() - kept.usedAt < IDLE.toNanos()) {
                return kept;
            }
            kept.socket.close();
        }
        return new Connection(server);
    }

    /** Used by one thread at a time. */
    private static final class Connection {
        private final Socket socket = new Socket();
        private final String host;
        private final HttpAnswer answers = new HttpAnswer();
        private final byte[] buffer = new byte[BUFFER];
        private long usedAt;

        Connection(URI server) throws IOException {
            host = server.getAuthority();
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(Math.toIntExact(PATIENCE.toMillis()));
            socket.connect(new InetSocketAddress(server.getHost(), server.getPort()));
        }

        byte[] post(String endpoint, String user, String space, byte[] body) throws IOException {
            ByteArrayOutputStream request = new ByteArrayOutputStream(body.length + 300);
            request.writeBytes(("POST /api/replicache/" + endpoint + "?space=" + space + " HTTP/1.1\r\nHost: " + host
                            + "\r\nAuthorization: Bearer " + user
                            + "\r\nContent-Type: application/json\r\nContent-Length: " + body.length + "\r\n\r\n")
                    .getBytes(StandardCharsets.UTF_8));
            request.writeBytes(body);
            request.writeTo(socket.getOutputStream());
            InputStream in = socket.getInputStream();
            byte @Nullable [] answer = null;
            while (answer == null) {
                int n = in.read(buffer);
                if (n < 0) {
                    throw new IOException("the server ended a connection instead of answering a " + endpoint);
                }
                answer = answers.take(ByteBuffer.wrap(buffer, 0, n));
            }
            usedAt = System.nanoTime();
            return answer;
        }
    }
}
