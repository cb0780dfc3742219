package dev.replisync.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replisync.redis.RedisProcess;
import dev.replisync.redis.RedisRecords;
import dev.replisync.strategy.rowversion.RowVersion;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import redis.clients.jedis.RedisClient;

/** A whole server whose client view records are in a real Redis, which forgets them, stops and comes back. */
@Timeout(120)
class RedisServerTest {
    private static final RedisProcess REDIS = new RedisProcess();
    private static final RedisClient CLIENT = REDIS.client();
    private static final ServerSetup<MemoryTx> SETUP = ServerSetup.of(
            MemoryFixture::new,
            new RowVersion().records(RedisRecords.builder(CLIENT).build()),
            Trait.VIEW_RECORDS,
            Trait.SEPARATE_SPACES);

    @AfterAll
    static void stop() {
        CLIENT.close();
        REDIS.close();
    }

    @Nested
    class Compliance extends ServerCompliance<MemoryTx> {
        Compliance() {
            super(SETUP);
        }
    }

    @Nested
    class Histories extends SimulationContract<MemoryTx> {
        Histories() {
            super(SETUP, 20);
        }
    }

    @Nested
    class Losses extends ServerContract<MemoryTx> {
        Losses() {
            super(SETUP);
        }

        @BeforeEach
        void empty() {
            CLIENT.flushAll();
        }

        @Test
        void recordsAreInRedisAndEachNodeFindsThem() {
            ModelClient client =
                    node().client("ann").set("item/1", 1).set("item/2", 2).sync();
            assertThat(CLIENT.dbSize()).isOne();
            client.via(node().wire());
            assertThat(client.set("item/2", 3).push().pull().patch()).containsExactly("put item/2 3");
            assertThat(CLIENT.keys("*")).hasSize(2).allMatch(key -> key.startsWith("replisync:record:"));
        }

        @Test
        void afterAFlushThereIsEverythingOnce() {
            ModelClient client =
                    node().client("ann").set("item/1", 1).set("item/2", 2).sync();
            ModelClient tab = client.tab();
            tab.set("item/3", 3).sync();
            node().client("bob").delete("item/1").push();
            client.set("item/2", 4).push();
            CLIENT.flushAll();

            PullAnswer answer = client.pull();

            assertThat(answer.patch()).containsExactly("clear", "put item/2 4", "put item/3 3");
            assertThat(answer.ids()).isEqualTo(Map.of(client.clientID(), 3L, tab.clientID(), 1L));
            assertThat(client.pending()).isEmpty();
            PullAnswer next = client.pull();
            assertThat(next.patch()).isEmpty();
            assertThat(next.ids()).isEmpty();
            assertThat(next.cookie()).as("cookie of a pull without news").isEqualTo(answer.cookie());
            client.converges();
            tab.converges();
        }

        @Test
        void whileRedisIsGoneThereIsEverythingEachTime() {
            ModelClient client = node().client("ann").set("item/1", 1).sync();
            REDIS.stop();
            try {
                for (int i = 2; i < 5; i++) {
                    PullAnswer answer = client.set("item/2", i).push().pull();
                    assertThat(answer.patch()).containsExactly("clear", "put item/1 1", "put item/2 " + i);
                    assertThat(answer.ids()).containsEntry(client.clientID(), (long) i);
                    assertThat(client.pending()).isEmpty();
                }
                assertThat(client.delete("item/2").push().pull().patch()).containsExactly("clear", "put item/1 1");
            } finally {
                REDIS.start();
            }

            assertThat(client.pull().patch())
                    .as("the record was never written")
                    .containsExactly("clear", "put item/1 1");
            assertThat(client.pull().patch()).isEmpty();
            PullAnswer answer = client.set("item/3", 3).push().pull();
            assertThat(answer.patch()).containsExactly("put item/3 3");
            assertThat(answer.ids()).isEqualTo(Map.of(client.clientID(), 6L));
            client.converges();
        }
    }
}
