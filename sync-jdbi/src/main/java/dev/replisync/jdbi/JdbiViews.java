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
    private final KeptViews kept;
    private final PullGate gate;

    JdbiViews(Node node, String applicationVersion, RecordTable records, Duration recordLife, PullGate gate) {
        this.node = node;
        this.viewVersion = ViewVersions.hash(node, applicationVersion, Declaration::shape);
        this.records = records;
        this.gate = gate;
        KeptReads reads = new KeptReads(node, viewVersion, recordLife);
        this.kept = request -> gate.kept(() -> reads.open(request));
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
        return gate.view(() -> read(request));
    }

    private Pull read(Request request) {
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
