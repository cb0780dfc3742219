package dev.replisync.jdbi;

import dev.replisync.storage.VersionedReads;
import java.util.List;

/** Pulls by version. */
final class JdbiReads implements VersionedReads {
    private final Node node;
    private final String viewVersion;
    private final boolean perUser;

    JdbiReads(Node node, String applicationVersion) {
        this.node = node;
        this.viewVersion = ViewVersions.hash(node, applicationVersion, Declaration::fingerprint);
        this.perUser = node.declared().stream().anyMatch(t -> t.declaration().hasRules());
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
