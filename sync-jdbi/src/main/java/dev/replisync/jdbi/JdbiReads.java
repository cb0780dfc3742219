package dev.replisync.jdbi;

import dev.replisync.storage.VersionedReads;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Pulls by version. Those of a space that come at once are read together, where that saves round trips. */
final class JdbiReads implements VersionedReads {
    private static final int EPOCHS_TRIED = 3;

    /** How long a pull waits for others' at most, which as a rule take a millisecond or two. */
    private static final Duration PATIENCE = Duration.ofMillis(50);

    /** How long a pull waits for another that reads for it too, which may hang. */
    private static final Duration LONGEST = Duration.ofSeconds(5);

    private final Node node;
    private final String viewVersion;
    private final boolean perUser;
    private final boolean together;

    /** By what they differ by, which is the same for most spaces. */
    private final Map<List<String>, TableReads> tables = new ConcurrentHashMap<>();

    private final Batches<String, Request, Optional<JdbiRead>> ahead = new Batches<>(
            requests -> ReadAhead.read(node(), tables(requests.get(0)), requests),
            (others, request) -> ReadAhead.joins(tables(request), others, request),
            PATIENCE,
            LONGEST);

    JdbiReads(Node node, String applicationVersion, boolean together) {
        this.node = node;
        this.together = together;
        this.viewVersion = ViewVersions.hash(node, applicationVersion, Declaration::fingerprint);
        this.perUser = node.declared().stream().anyMatch(t -> t.declaration().hasRules());
    }

    private Node node() {
        return node;
    }

    private TableReads tables(Request request) {
        return tables.computeIfAbsent(
                TableReads.conditions(node, request.spaceID()), c -> new TableReads(node, request.spaceID()));
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
            JdbiRead read = read(request);
            if (read.epoch().isCurrent() || attempt > EPOCHS_TRIED) {
                return read;
            }
            read.close();
            node.epochs().adopt();
        }
    }

    /** Where little has changed, ahead; else through a cursor. */
    private JdbiRead read(Request request) {
        if (request.since().isPresent() && node.dialect().kind == DatabaseKind.POSTGRESQL) {
            Optional<JdbiRead> read = together
                    ? ahead.ask(request.spaceID(), request)
                    : ReadAhead.read(node, tables(request), List.of(request)).get(0);
            if (read.isPresent()) {
                return read.get();
            }
        }
        return JdbiSnapshot.open(node, tables(request), request);
    }
}
