package dev.replisync.benchmarks.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Both ways take their time, and all bytes arrive. */
class SlowLinkTest {
    private static final Duration ONE_WAY = Duration.ofMillis(15);

    @Test
    void delaysBothWays() throws Exception {
        try (ServerSocket echo = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                SlowLink link = SlowLink.open(echo.getLocalPort(), ONE_WAY)) {
            Thread server = new Thread(() -> echo(echo));
            server.start();
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), link.port())) {
                byte[] sent = "there and back".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
                long start = System.nanoTime();
                socket.getOutputStream().write(sent);
                byte[] received = socket.getInputStream().readNBytes(sent.length);

                assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(ONE_WAY.multipliedBy(2));
                assertThat(received).isEqualTo(sent);
            }
            server.join(10_000);
            assertThat(server.isAlive()).as("the end is passed on").isFalse();
        }
    }

    private static void echo(ServerSocket listening) {
        try (Socket socket = listening.accept()) {
            socket.getInputStream().transferTo(socket.getOutputStream());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
