package dev.replisync.redis;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.args.ClientPauseMode;
import redis.embedded.RedisServer;

/** A real Redis server of the test's own, which keeps nothing on disk. */
public final class RedisProcess implements AutoCloseable {
    /** What the client waits for an answer, on a machine that may be busy. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final int port;
    private RedisServer server;

    /** Starts a server on a free port. */
    public RedisProcess() {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            this.port = free.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        this.server = started();
    }

    private RedisServer started() {
        RedisServer fresh = RedisServer.builder()
                .port(port)
                .bind("127.0.0.1")
                .setting("save \"\"")
                .setting("appendonly no")
                .build();
        fresh.start();
        return fresh;
    }

    int port() {
        return port;
    }

    /** A client with a pool of its own; the caller closes it. */
    public RedisClient client() {
        return client(PATIENCE);
    }

    /** A client that waits no longer than this for a connection and for an answer; the caller closes it. */
    RedisClient client(Duration patience) {
        int millis = (int) patience.toMillis();
        return RedisClient.builder()
                .hostAndPort("127.0.0.1", port)
                .clientConfig(DefaultJedisClientConfig.builder()
                        .connectionTimeoutMillis(millis)
                        .socketTimeoutMillis(millis)
                        .build())
                .build();
    }

    /** Lets the server take commands but answer none. */
    void pause(Duration howLong) {
        try (Jedis operator = new Jedis("127.0.0.1", port)) {
            operator.clientPause(howLong.toMillis(), ClientPauseMode.ALL);
        }
    }

    /** Ends the server, which forgets everything. */
    public void stop() {
        server.stop();
    }

    /** Starts it anew at the same port. */
    public void start() {
        server = started();
    }

    @Override
    public void close() {
        server.stop();
    }
}
