package dev.replisync.proofs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replisync.proofs.history.Verdict;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Clients that send and read byte by byte, more of them than there are connections to the database. */
class SlowClientsTest extends OnPostgres {
    private static final int SLOW = 12;
    private static final int POOL = 3;

    /** On a busy machine a few others may use all connections for a second; slow clients would for the whole time. */
    private static final String PATIENT = "poolMillis=10000";

    /** What a slow reader is to read: more than fits into the buffers of two sockets. */
    private static final int ROWS = 1_000;

    private static final int ROW_BYTES = 16_000;

    /** In the global strategy everybody would be sent what only the slow ones are to have. */
    static Stream<Setup> setups() {
        return Stream.of(Setup.SPACE_LAST, Setup.ROW_VERSION);
    }

    @ParameterizedTest
    @MethodSource("setups")
    void holdNoConnectionAndStopNobody(Setup setup) throws Exception {
        try (Experiment experiment = Experiment.on(postgres(), "slow clients", setup, "pool=" + POOL, PATIENT)) {
            postgres().jdbi(experiment.database()).useHandle(db -> {
                String noise = Journal.noise(1, ROW_BYTES);
                for (int i = 0; i < ROWS; i++) {
                    db.execute("insert into flag values (?, 'slow', ?)", "slow-" + i, noise);
                }
            });
            List<SlowClient> clients = new ArrayList<>();
            AtomicInteger held = new AtomicInteger();
            try {
                Verdict verdict = experiment.run(random -> {
                    int before = clients.size();
                    while (clients.size() < SLOW) {
                        clients.add(new SlowClient(experiment.port(), clients.size() % 2 == 0));
                    }
                    Experiment.await(
                            "slow clients under way", () -> clients.stream().allMatch(SlowClient::isUnderWay));
                    return clients.size() - before;
                });
                assertThat(verdict.unanswered())
                        .as("requests of others that were not answered")
                        .isZero();
                Experiment.await("no connection in use", () -> {
                    held.set(inUse(experiment.database()));
                    return held.get() == 0;
                });
                assertThat(clients).as("slow clients at the end").allMatch(SlowClient::isUnderWay);
            } finally {
                for (SlowClient client : clients) {
                    client.close();
                }
            }
        }
    }

    private int inUse(String database) {
        return postgres()
                .jdbi("postgres")
                .withHandle(db -> db.createQuery(
                                "select count(*) from pg_stat_activity where datname = ? and state <> 'idle'")
                        .bind(0, database)
                        .mapTo(Integer.class)
                        .one());
    }

    /** Sends a push, or reads the answer to a pull, a byte now and then. */
    private static final class SlowClient implements AutoCloseable {
        private static final long PAUSE_NANOS = 50_000_000;

        private final Socket socket;
        private final Thread thread;
        private final AtomicInteger bytes = new AtomicInteger();

        SlowClient(int port, boolean sends) throws IOException {
            socket = new Socket();
            socket.setReceiveBufferSize(4096);
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            thread = new Thread(() -> work(sends), "slow");
            thread.setDaemon(true);
            thread.start();
        }

        private void work(boolean sends) {
            try {
                if (sends) {
                    byte[] body =
                            ("{\"pushVersion\":1,\"clientGroupID\":\"slow\",\"profileID\":\"p\",\"schemaVersion\":\"\","
                                            + "\"mutations\":[" + " ".repeat(100_000) + "]}")
                                    .getBytes(StandardCharsets.UTF_8);
                    head("push", body.length);
                    for (byte b : body) {
                        socket.getOutputStream().write(b);
                        bytes.incrementAndGet();
                        LockSupport.parkNanos(PAUSE_NANOS);
                    }
                } else {
                    byte[] body = ("{\"pullVersion\":1,\"clientGroupID\":\"slow-" + hashCode()
                                    + "\",\"profileID\":\"p\",\"schemaVersion\":\"\",\"cookie\":null}")
                            .getBytes(StandardCharsets.UTF_8);
                    head("pull", body.length);
                    socket.getOutputStream().write(body);
                    InputStream in = socket.getInputStream();
                    while (in.read() >= 0) {
                        bytes.incrementAndGet();
                        LockSupport.parkNanos(PAUSE_NANOS);
                    }
                }
            } catch (IOException e) {
                // It was closed.
            }
        }

        private void head(String path, int length) throws IOException {
            socket.getOutputStream()
                    .write(("POST /" + path + "?slow HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ann\r\n"
                                    + "Content-Length: " + length + "\r\n\r\n")
                            .getBytes(StandardCharsets.UTF_8));
        }

        /** It has begun, and is not done yet. */
        boolean isUnderWay() {
            return bytes.get() > 3 && thread.isAlive();
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
