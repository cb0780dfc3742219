package dev.replisync.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.replisync.error.ConfigurationException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;

/** The record store against a real Redis server. */
@Timeout(60)
class RedisRecordsTest {
    private static final String ID = "Az09-_record";

    private static RedisProcess server;

    private RedisClient client;
    private RedisRecords records;

    @BeforeAll
    static void startServer() {
        server = new RedisProcess();
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @BeforeEach
    void open() {
        client = server.client();
        client.flushAll();
        records = RedisRecords.builder(client).build();
    }

    @AfterEach
    void close() {
        client.close();
    }

    @Test
    void keepsEveryByte() {
        byte[] all = new byte[3_000_000];
        new Random(3).nextBytes(all);

        records.write(ID, all);
        records.write("empty", new byte[0]);

        assertThat(records.read(ID)).hasValueSatisfying(read -> assertThat(read).isEqualTo(all));
        assertThat(records.read("empty"))
                .hasValueSatisfying(read -> assertThat(read).isEmpty());
    }

    @Test
    void knowsNothingOfARecordThatWasNeverWritten() {
        assertThat(records.read("a")).isEmpty();
        assertThat(client.dbSize()).isZero();
    }

    @Test
    void keepsTheRecordsBefore() {
        records.write("one", text("1"));
        records.write("two", text("2"));
        records.write("two", text("2"));

        assertThat(records.read("one")).contains(text("1"));
        assertThat(records.read("two")).contains(text("2"));
    }

    @Test
    void namesItsKeysByThePrefix() {
        RedisRecords other = RedisRecords.builder(client).keyPrefix("app/ü:").build();
        records.write(ID, text("ours"));
        other.write(ID, text("theirs"));

        assertThat(client.keys("*")).containsExactlyInAnyOrder("replisync:record:" + ID, "app/ü:" + ID);
        assertThat(records.read(ID)).contains(text("ours"));
        assertThat(other.read(ID)).contains(text("theirs"));
    }

    @Test
    void forgetsAWeekAfterTheLastUseUnlessToldOtherwise() {
        long week = Duration.ofDays(7).toMillis();
        records.write(ID, text("x"));
        assertThat(client.pttl("replisync:record:" + ID)).isBetween(week - 30_000, week);
    }

    @Test
    void aReadBeginsTheTimeAnew() {
        RedisRecords hours =
                RedisRecords.builder(client).ttl(Duration.ofHours(5)).build();
        long all = Duration.ofHours(5).toMillis();
        hours.write(ID, text("x"));
        client.pexpire("replisync:record:" + ID, 60_000);

        assertThat(hours.read(ID)).contains(text("x"));

        assertThat(client.pttl("replisync:record:" + ID)).isBetween(all - 30_000, all);
    }

    @Test
    void whatIsNotUsedGoes() {
        RedisRecords shortly =
                RedisRecords.builder(client).ttl(Duration.ofSeconds(1)).build();
        shortly.write(ID, text("x"));

        assertThat(client.pttl("replisync:record:" + ID)).isBetween(1L, 1_000L);
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (client.exists("replisync:record:" + ID) && System.nanoTime() < deadline) {
            Thread.onSpinWait();
        }
        assertThat(shortly.read(ID)).isEmpty();
    }

    @Test
    void aRecordThatIsTooLargeIsNotKept() {
        RedisRecords small = RedisRecords.builder(client).maxRecordBytes(10).build();
        small.write("fits", new byte[10]);

        assertThatThrownBy(() -> small.write(ID, new byte[11]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a client view record has 11 bytes but maxRecordBytes allows 10; raise it, or make the view"
                        + " smaller, or the client is sent everything with each pull");

        assertThat(small.read("fits")).isPresent();
        assertThat(small.read(ID)).isEmpty();
    }

    @Test
    void saysAllThatIsConfiguredWrongly() {
        assertThatThrownBy(() -> RedisRecords.builder(client)
                        .keyPrefix("")
                        .ttl(Duration.ZERO)
                        .maxRecordBytes(0)
                        .build())
                .isInstanceOfSatisfying(
                        ConfigurationException.class,
                        e -> assertThat(e.problems())
                                .containsExactly(
                                        "keyPrefix was '' but it must not be empty, so that records are told from other keys",
                                        "ttl was PT0S but it must be at least a millisecond and at most 36500 days",
                                        "maxRecordBytes was 0 but it must be at least 1 and at most 536870912"));
    }

    @Test
    void saysWhatIsConfigured() {
        assertThat(records)
                .hasToString("RedisRecords[keyPrefix=replisync:record:, ttl=PT168H, maxRecordBytes=67108864]");
    }

    @Test
    void threadsShareThePool() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(16);
        try {
            List<Future<?>> done = new ArrayList<>();
            for (int t = 0; t < 16; t++) {
                String mine = "thread-" + t;
                done.add(threads.submit(() -> {
                    for (int i = 0; i < 200; i++) {
                        records.write(mine + "-" + i, text(mine + i));
                        assertThat(records.read(mine + "-" + i)).contains(text(mine + i));
                    }
                }));
            }
            for (Future<?> one : done) {
                one.get();
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(client.dbSize()).isEqualTo(16 * 200);
    }

    @Test
    void aServerThatIsGoneIsAnExceptionAndOneThatIsBackHasForgotten() {
        records.write(ID, text("before"));
        server.stop();
        try {
            assertThatThrownBy(() -> records.read(ID)).isInstanceOf(JedisConnectionException.class);
            assertThatThrownBy(() -> records.write(ID, text("gone"))).isInstanceOf(JedisConnectionException.class);
        } finally {
            server.start();
        }
        // No connection of the pool is broken for ever: the failed ones were thrown away.
        assertThat(records.read(ID)).isEmpty();
        records.write(ID, text("after"));
        assertThat(records.read(ID)).contains(text("after"));
    }

    @Test
    void aServerThatDoesNotAnswerHoldsNobodyUp() {
        Duration timeout = Duration.ofSeconds(1);
        Duration soon = Duration.ofSeconds(20);
        try (RedisClient impatient = server.client(timeout)) {
            RedisRecords hasty = RedisRecords.builder(impatient).build();
            hasty.write(ID, text("x"));
            server.pause(Duration.ofMinutes(5));
            try {
                assertThat(took(() -> hasty.read(ID))).isBetween(timeout, soon);
                assertThat(took(() -> hasty.write(ID, text("y")))).isBetween(timeout, soon);
            } finally {
                server.stop();
                server.start();
            }
            assertThat(hasty.read(ID)).isEmpty();
        }
    }

    private static Duration took(ThrowingCallable call) {
        long start = System.nanoTime();
        assertThatThrownBy(call).isInstanceOf(JedisConnectionException.class).hasMessageContaining("timed out");
        return Duration.ofNanos(System.nanoTime() - start);
    }

    @Test
    void aServerThatRefusesIsAnException() {
        client.configSet("maxmemory", "1");
        try {
            assertThatThrownBy(() -> records.write(ID, new byte[100_000]))
                    .isInstanceOf(JedisDataException.class)
                    .isInstanceOf(JedisException.class);
        } finally {
            client.configSet("maxmemory", "0");
        }
        assertThatCode(() -> records.write(ID, text("x"))).doesNotThrowAnyException();
        client.hset("replisync:record:hash", "not", "a text");
        assertThatThrownBy(() -> records.read("hash")).isInstanceOf(JedisDataException.class);
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
