package dev.replisync.jdbi;

import dev.replisync.storage.KeptViews;
import dev.replisync.storage.RecordStore;
import dev.replisync.storage.ViewReads;
import java.time.Duration;
import java.util.Optional;

/** Pulls by client views. */
final class JdbiViews implements ViewReads {
    private final Node node;
    private final String viewVersion;
    private final RecordTable records;
    private final KeptReads kept;

    JdbiViews(Node node, String applicationVersion, RecordTable records, Duration recordLife) {
        this.node = node;
        this.viewVersion = ViewVersions.hash(node, applicationVersion, Declaration::shape);
        this.records = records;
        this.kept = new KeptReads(node, viewVersion, recordLife);
    }

    @Override
    public String viewVersion() {
        return viewVersion;
    }

    RecordStore recordTable() {
        return records;
    }

    @Override
    public Optional<KeptViews> kept() {
        return node.dialect().kind == DatabaseKind.POSTGRESQL ? Optional.of(kept) : Optional.empty();
    }

    @Override
    public Optional<RecordStore> records() {
        return node.dialect().kind == DatabaseKind.H2 ? Optional.of(records) : Optional.empty();
    }

    @Override
    public Pull open(Request request) {
        if (node.dialect().kind == DatabaseKind.H2) {
            return H2View.open(node, request);
        }
        for (int attempt = 1; ; attempt++) {
            PostgresView view = PostgresView.open(node, request, viewVersion);
            if (view.epoch().isCurrent() || attempt > 3) {
                return view;
            }
            view.close();
            node.epochs().adopt();
        }
    }
}
