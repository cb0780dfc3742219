package dev.replisync.jdbi;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** Keys of PostgreSQL's advisory locks, which are numbers and belong to the whole database. */
final class LockKey {
    private LockKey() {}

    /** The key of what a text names. */
    static long of(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return ByteBuffer.wrap(digest).getLong();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** Where connections bring a schema of their own, the locks of one are not those of another. */
    static String sql(String key, Names names) {
        return names.schema() == null ? key + " # hashtextextended(current_schema(), 0)" : key;
    }
}
