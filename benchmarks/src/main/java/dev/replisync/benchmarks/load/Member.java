package dev.replisync.benchmarks.load;

import dev.replisync.benchmarks.lab.Client;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/**
 * One client of many: listens for pokes, and pulls when one came. As with the real client one pull is under way at a
 * time, and pokes that come meanwhile lead to one more. For one thread; two connections, which never block it.
 */
final class Member {
    private final Client client;
    private final SocketChannel pokes;
    private final SocketChannel pulls;
    private final String head;
    private final Events events = new Events();
    private final HttpAnswer answer = new HttpAnswer();
    private boolean pulling;
    private boolean again;
    private long received;

    /** Connects a client that has pulled. */
    Member(Client client, URI server, String user, String space) throws IOException {
        this.client = client;
        this.head = "?space=" + space + " HTTP/1.1\r\nHost: " + server.getAuthority() + "\r\nAuthorization: Bearer "
                + user + "\r\n";
        this.pokes = connect(server);
        this.pulls = connect(server);
        pokes.configureBlocking(true);
        send(pokes, utf8("GET /api/replicache/poke" + head + "\r\n"));
        ByteBuffer first = ByteBuffer.allocate(1024);
        while (!events.connected) {
            pokes.read(first.clear());
            events.take(first.flip());
        }
        pokes.configureBlocking(false);
        pulls.configureBlocking(false);
    }

    private static SocketChannel connect(URI server) throws IOException {
        SocketChannel channel = SocketChannel.open(new InetSocketAddress(server.getHost(), server.getPort()));
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        return channel;
    }

    SocketChannel pokes() {
        return pokes;
    }

    SocketChannel pulls() {
        return pulls;
    }

    Client client() {
        return client;
    }

    /** What the client had received of the writer when it last pulled. */
    long received() {
        return received;
    }

    void received(long now) {
        received = now;
    }

    /** Takes what came on the connection for pokes. Returns how many came. */
    int poked(ByteBuffer bytes) throws IOException {
        int count = events.take(bytes);
        if (count > 0) {
            if (pulling) {
                again = true;
            } else {
                pull();
            }
        }
        return count;
    }

    private void pull() throws IOException {
        pulling = true;
        byte[] body = client.pullBody();
        ByteArrayOutputStream request = new ByteArrayOutputStream(body.length + 300);
        request.writeBytes(utf8("POST /api/replicache/pull" + head
                + "Content-Type: application/json\r\nContent-Length: " + body.length + "\r\n\r\n"));
        request.writeBytes(body);
        send(pulls, request.toByteArray());
    }

    /** Takes what came on the connection for pulls. Returns whether an answer is complete, and applied. */
    boolean pulled(ByteBuffer bytes) throws IOException {
        byte[] body = answer.take(bytes);
        if (body == null) {
            return false;
        }
        client.apply(body);
        pulling = false;
        if (again) {
            again = false;
            pull();
        }
        return true;
    }

    /** A request is smaller than any socket's buffer. */
    private static void send(SocketChannel channel, byte[] bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Server-sent events, of which only the pokes matter. */
    private static final class Events {
        private static final String POKE = "event: poke";
        private final StringBuilder line = new StringBuilder();
        private boolean ok;
        private boolean connected;

        int take(ByteBuffer bytes) throws IOException {
            int count = 0;
            while (bytes.hasRemaining()) {
                char c = (char) bytes.get();
                if (c != '\n') {
                    line.append(c);
                    continue;
                }
                String text = line.toString().trim();
                line.setLength(0);
                if (!ok && !text.startsWith("HTTP/1.1 200")) {
                    throw new IOException("listening for pokes was answered with " + text);
                }
                ok = true;
                connected |= text.equals(":");
                count += text.equals(POKE) ? 1 : 0;
            }
            return count;
        }
    }
}
