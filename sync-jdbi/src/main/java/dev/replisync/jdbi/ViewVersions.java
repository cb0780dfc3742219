package dev.replisync.jdbi;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.function.Function;

/** View versions: what differs whenever clients must be sent everything anew (rule R43). */
final class ViewVersions {
    /** Changes when this module serialises something in another way. */
    private static final String FORMAT = "1";

    private ViewVersions() {}

    static String hash(Node node, String applicationVersion, Function<Declaration, byte[]> of) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update((FORMAT + '\0' + applicationVersion).getBytes(StandardCharsets.UTF_8));
            for (SyncedTable table : node.declared()) {
                digest.update((byte) 0);
                digest.update(of.apply(table.declaration()));
            }
            return Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString(digest.digest())
                    .substring(0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
