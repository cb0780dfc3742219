package dev.replisync.jdbi;

import dev.replisync.storage.KeptViews;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Pulls by records that are kept as rows, on PostgreSQL. */
final class KeptReads implements KeptViews {
    private static final int EPOCHS_TRIED = 3;

    /** How often in its life it is noted that a position is used (rule R14). */
    private static final int USES_IN_LIFE = 4;

    private final Node node;
    private final String viewVersion;
    private final long usedInterval;

    /** By the conditions, in which alone they differ: for the space that holds all, for others, for one that cannot be. */
    private final Map<List<String>, KeptPull.Query> queries = new ConcurrentHashMap<>();

    private final KeptProofs proofs = new KeptProofs();

    KeptReads(Node node, String viewVersion, Duration life) {
        this.node = node;
        this.usedInterval = life.dividedBy(USES_IN_LIFE).toMillis();
        this.viewVersion = viewVersion;
    }

    @Override
    public Pull open(Request request) {
        String held = request.held().map(Position::view).orElse("");
        for (int attempt = 1; ; attempt++) {
            KeptPull pull = KeptPull.open(node, usedInterval, query(request.spaceID()), request, proofs.of(held));
            if (pull.isCurrent() || attempt > EPOCHS_TRIED) {
                proofs.note(held, pull.proof());
                return pull;
            }
            pull.close();
            node.epochs().adopt();
        }
    }

    private KeptPull.Query query(String spaceID) {
        List<ViewSql> tables = ViewSql.of(node, spaceID);
        return queries.computeIfAbsent(
                tables.stream().map(ViewSql::condition).toList(),
                conditions -> KeptPull.Query.of(node, tables, viewVersion));
    }
}
