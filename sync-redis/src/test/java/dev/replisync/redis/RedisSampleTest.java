package dev.replisync.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.RedisClient;

/** What the documentation shows. */
class RedisSampleTest {

    @Test
    void recordsOnAClientWithShortTimeOuts() {
        try (RedisProcess server = new RedisProcess()) {
            String host = "127.0.0.1";
            int port = server.port();
            // tag::records[]
            RedisClient redis = RedisClient.builder()
                    .hostAndPort(host, port)
                    .clientConfig(DefaultJedisClientConfig.builder()
                            .connectionTimeoutMillis(200)
                            .socketTimeoutMillis(200)
                            .build())
                    .build();
            RedisRecords records =
                    RedisRecords.builder(redis).ttl(Duration.ofDays(7)).build();
            // end::records[]
            try (redis) {
                records.write("id", new byte[] {1, 2, 3});
                assertThat(records.read("id")).contains(new byte[] {1, 2, 3});
            }
        }
    }
}
