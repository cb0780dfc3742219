package dev.replisync.jdbi;

import dev.replisync.storage.RecordStore;
import dev.replisync.storage.ViewReads;
import java.util.Optional;

/** Pulls by client views. */
final class JdbiViews implements ViewReads {
    private final Node node;
    private final String viewVersion;
    private final RecordTable records;

    JdbiViews(Node node, String applicationVersion, RecordTable records) {
        this.node = node;
        this.viewVersion = ViewVersions.hash(node, applicationVersion, Declaration::shape);
        this.records = records;
    }

    @Override
    public String viewVersion() {
        return viewVersion;
    }

    RecordStore recordTable() {
        return records;
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
