package dev.replisync.redis;

import dev.replisync.error.ConfigurationException;
import dev.replisync.storage.RecordStore;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.params.GetExParams;
import redis.clients.jedis.params.SetParams;

/**
 * Client view records in Redis 6.2 or later, or in what speaks its protocol. Each record is one key, which Redis forgets
 * when it was neither read nor written for the {@linkplain Builder#ttl time to live}; reading and writing are one command
 * each.
 *
 * <p>Records are a cache: Redis may lose or evict any of them, at the cost of a full pull each. So give it a {@code
 * maxmemory} with a policy that evicts what was not used for long ({@code volatile-lru}, or {@code allkeys-lru} if
 * nothing else lives there), and leave persistence off.
 *
 * <p>An exception of the client (no connection, a time-out, a server that refuses) is passed on as it is: the record is
 * taken for lost. How long a pull can be held up by a Redis that does not answer is decided by the client's own time-outs,
 * which should therefore be short.
 *
 * <p>Immutable and safe for use by several threads, as far as the given client is; those with a pool are.
 */
public final class RedisRecords implements RecordStore {
    private final UnifiedJedis redis;
    private final String keyPrefix;
    private final long ttlMillis;
    private final int maxRecordBytes;

    private RedisRecords(Builder builder) {
        this.redis = builder.redis;
        this.keyPrefix = builder.keyPrefix;
        this.ttlMillis = builder.ttl.toMillis();
        this.maxRecordBytes = builder.maxRecordBytes;
    }

    /**
     * Starts to describe a store.
     *
     * @param redis the application's client with its pool, to one server, a cluster or sentinels; the application closes
     *     it
     * @return a builder with every option at its default
     */
    public static Builder builder(UnifiedJedis redis) {
        return new Builder(redis);
    }

    /**
     * Reads a record and begins its time to live anew.
     *
     * @param id its id
     * @return its bytes as they were written, empty if Redis does not have them any more
     * @throws redis.clients.jedis.exceptions.JedisException if Redis does not answer, or refuses
     */
    @Override
    public Optional<byte[]> read(String id) {
        return Optional.ofNullable(
                redis.getEx(key(id), GetExParams.getExParams().px(ttlMillis)));
    }

    /**
     * Keeps a record for its time to live.
     *
     * @param id its id
     * @param record its bytes
     * @throws IllegalArgumentException if the record is larger than {@link Builder#maxRecordBytes} allows; it is not
     *     kept, so the next pull that needs it is a full one
     * @throws redis.clients.jedis.exceptions.JedisException if Redis does not answer, or refuses
     */
    @Override
    public void write(String id, byte[] record) {
        if (record.length > maxRecordBytes) {
            throw new IllegalArgumentException("a client view record has " + record.length
                    + " bytes but maxRecordBytes allows " + maxRecordBytes
                    + "; raise it, or make the view smaller, or the client is sent everything with each pull");
        }
        redis.set(key(id), record, SetParams.setParams().px(ttlMillis));
    }

    private byte[] key(String id) {
        return (keyPrefix + id).getBytes(StandardCharsets.UTF_8);
    }

    /** {@return the configuration as text, for the log} */
    @Override
    public String toString() {
        return "RedisRecords[keyPrefix=" + keyPrefix + ", ttl=" + Duration.ofMillis(ttlMillis) + ", maxRecordBytes="
                + maxRecordBytes + "]";
    }

    /** Describes a {@link RedisRecords}. Used by one thread. */
    public static final class Builder {
        private final UnifiedJedis redis;
        private String keyPrefix = "replisync:record:";
        private Duration ttl = Duration.ofDays(7);
        private int maxRecordBytes = 64 << 20;

        private Builder(UnifiedJedis redis) {
            this.redis = Objects.requireNonNull(redis, "redis");
        }

        /**
         * Sets what the keys in Redis begin with; servers that answer the same clients use the same.
         *
         * @param prefix {@code "replisync:record:"} by default; not empty
         * @return this
         */
        public Builder keyPrefix(String prefix) {
            this.keyPrefix = Objects.requireNonNull(prefix, "prefix");
            return this;
        }

        /**
         * Sets for how long a record is kept after it was last read or written. A client that comes back later is sent
         * everything, once. Every pull that has something to tell writes a record and leaves the one before to this time,
         * so it decides how much Redis holds.
         *
         * @param ttl 7 days by default; at least a millisecond
         * @return this
         */
        public Builder ttl(Duration ttl) {
            this.ttl = Objects.requireNonNull(ttl, "ttl");
            return this;
        }

        /**
         * Sets the size of the largest record that is kept.
         *
         * @param bytes in bytes, 64 MiB by default; at least 1 and, as Redis keeps no more in a value, at most 512 MiB
         * @return this
         */
        public Builder maxRecordBytes(int bytes) {
            this.maxRecordBytes = bytes;
            return this;
        }

        /**
         * Checks the options. Does not speak to Redis.
         *
         * @return the store
         * @throws ConfigurationException with all problems at once
         */
        public RedisRecords build() {
            List<String> problems = new ArrayList<>();
            if (keyPrefix.isEmpty()) {
                problems.add("keyPrefix was '' but it must not be empty, so that records are told from other keys");
            }
            if (ttl.compareTo(Duration.ofMillis(1)) < 0 || ttl.compareTo(Duration.ofDays(36_500)) > 0) {
                problems.add("ttl was " + ttl + " but it must be at least a millisecond and at most 36500 days");
            }
            if (maxRecordBytes < 1 || maxRecordBytes > 512 << 20) {
                problems.add("maxRecordBytes was " + maxRecordBytes + " but it must be at least 1 and at most "
                        + (512 << 20));
            }
            if (!problems.isEmpty()) {
                throw new ConfigurationException(problems);
            }
            return new RedisRecords(this);
        }
    }
}
