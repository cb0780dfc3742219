package dev.replisync.benchmarks.pulls;

import dev.replisync.redis.RedisRecords;
import dev.replisync.storage.RecordStore;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import redis.clients.jedis.RedisClient;
import redis.embedded.RedisServer;

/** A Redis server of our own, on this machine, that keeps nothing on disk. */
final class Redis implements AutoCloseable {
    private final RedisServer server;
    private final RedisClient client;

    private Redis(RedisServer server, RedisClient client) {
        this.server = server;
        this.client = client;
    }

    static Redis start() throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        RedisServer server = RedisServer.builder()
                .port(port)
                .bind("127.0.0.1")
                .setting("save \"\"")
                .setting("appendonly no")
                .build();
        server.start();
        return new Redis(
                server, RedisClient.builder().hostAndPort("127.0.0.1", port).build());
    }

    RecordStore records() {
        return RedisRecords.builder(client).build();
    }

    @Override
    public void close() throws IOException {
        client.close();
        server.stop();
    }
}
