/** Client view records in Redis. */
module dev.replisync.redis {
    requires transitive dev.replisync.api;
    requires transitive redis.clients.jedis;
    requires static org.jspecify;

    exports dev.replisync.redis;
}
