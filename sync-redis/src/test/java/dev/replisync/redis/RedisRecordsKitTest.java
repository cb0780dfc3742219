package dev.replisync.redis;

import dev.replisync.storage.RecordStore;
import dev.replisync.tck.RecordStoreContract;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import redis.clients.jedis.RedisClient;

/** The kit's contract of record stores, on a real Redis server. */
class RedisRecordsKitTest extends RecordStoreContract {
    private static RedisProcess server;

    private RedisClient client;

    @BeforeAll
    static void startServer() {
        server = new RedisProcess();
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @BeforeEach
    void connect() {
        client = server.client();
        client.flushAll();
    }

    @AfterEach
    void disconnect() {
        client.close();
    }

    @Override
    protected RecordStore open() {
        return RedisRecords.builder(client).build();
    }
}
