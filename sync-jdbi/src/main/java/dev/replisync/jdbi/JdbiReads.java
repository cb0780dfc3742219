package dev.replisync.jdbi;

import dev.replisync.storage.VersionedReads;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;

/** Pulls by version. */
final class JdbiReads implements VersionedReads {
    /** Changes when this class serialises something in another way. */
    private static final String FORMAT = "1";

    private final Node node;
    private final String viewVersion;
    private final boolean perUser;

    JdbiReads(Node node, String applicationVersion) {
        this.node = node;
        this.viewVersion = hash(node, applicationVersion);
        this.perUser = node.declared().stream().anyMatch(t -> t.declaration().hasRules());
    }

    private static String hash(Node node, String applicationVersion) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update((FORMAT + '\0' + applicationVersion).getBytes(StandardCharsets.UTF_8));
            for (SyncedTable table : node.declared()) {
                digest.update((byte) 0);
                digest.update(table.declaration().fingerprint());
            }
            return Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString(digest.digest())
                    .substring(0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    @Override
    public String viewVersion() {
        return viewVersion;
    }

    @Override
    public boolean perUser() {
        return perUser;
    }

    @Override
    public List<String> problems() {
        return node.declared().stream()
                .map(SyncedTable::declaration)
                .filter(Declaration::isQuery)
                .map(d ->
                        d.named() + " computes entities, of which no version says when they change; choose the strategy"
                                + " 'row-version', or sync a table")
                .toList();
    }

    @Override
    public Snapshot open(Request request) {
        for (int attempt = 1; ; attempt++) {
            JdbiSnapshot snapshot = JdbiSnapshot.open(node, request);
            if (snapshot.epoch().isCurrent() || attempt > 3) {
                return snapshot;
            }
            snapshot.close();
            node.epochs().adopt();
        }
    }
}
