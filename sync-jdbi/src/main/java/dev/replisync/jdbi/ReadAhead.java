package dev.replisync.jdbi;

import dev.replisync.storage.OpenPush.Group;
import dev.replisync.storage.PatchSink;
import dev.replisync.storage.VersionedReads.ClientVersion;
import dev.replisync.storage.VersionedReads.Request;
import dev.replisync.storage.VersionedReads.State;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads for pulls of one space all that they need, in one flush that also ends the transaction: one snapshot for all of
 * them. What changed is read once for all that hold the same version and may be told the same.
 */
final class ReadAhead {
    private static final Logger LOG = LoggerFactory.getLogger(ReadAhead.class);

    /** Up to how many changes are read ahead, by each query. */
    private static final int MOST_CHANGES = 2_000;

    /** How many sets of changes are read at once. */
    private static final int MOST_SETS = 4;

    private static final int MOST_PULLS = 100;

    private final Node node;
    private final TableReads tables;
    private final List<Request> requests;
    private final Map<Since, List<JdbiRead.Change>> changes = new LinkedHashMap<>();
    private final Epochs.Stored epoch = new Epochs.Stored();
    private final SpaceTable.Stored space = new SpaceTable.Stored();
    private final Map<Integer, Group> groups = new HashMap<>();
    private final Map<Integer, Long> lastSeen = new HashMap<>();
    private final Map<Integer, Map<String, ClientVersion>> clients = new HashMap<>();

    /** What changes depend on: the version held, and the user where users may be told different ones. */
    private record Since(long version, Optional<String> user) {
        static Since of(Request request, TableReads tables) {
            return new Since(
                    request.since().orElseThrow(),
                    tables.changesByUser() ? Optional.of(request.userID()) : Optional.empty());
        }
    }

    private ReadAhead(Node node, TableReads tables, List<Request> requests) {
        this.node = node;
        this.tables = tables;
        this.requests = requests;
    }

    /** Whether a pull may be read together with others of its space. */
    static boolean joins(TableReads tables, List<Request> others, Request request) {
        return others.size() < MOST_PULLS
                && (others.stream().anyMatch(other -> Since.of(other, tables).equals(Since.of(request, tables)))
                        || others.stream()
                                        .map(other -> Since.of(other, tables))
                                        .distinct()
                                        .count()
                                < MOST_SETS);
    }

    /**
     * Reads.
     *
     * @param requests pulls of one space, each with a version that it holds
     * @return what each of them needs; nothing for those that more has changed for than is read ahead
     */
    static List<Optional<JdbiRead>> read(Node node, TableReads tables, List<Request> requests) {
        ReadAhead read = new ReadAhead(node, tables, requests);
        try (Session session = Session.begin(node, true)) {
            read.run(session);
        } catch (SQLException e) {
            throw new StorageException("a pull could not read", e);
        }
        List<Optional<JdbiRead>> answers = new ArrayList<>();
        for (int i = 0; i < requests.size(); i++) {
            answers.add(read.answer(i));
        }
        return answers;
    }

    private void run(Session session) throws SQLException {
        Flush flush = node.dialect().flush();
        node.dialect().beginSnapshot(flush);
        node.epochs().read(flush, epoch);
        node.dialect().spaces.read(flush, requests.get(0).spaceID(), space);
        readGroups(flush);
        for (Request request : requests) {
            changes.computeIfAbsent(Since.of(request, tables), since -> readChanges(flush, request));
        }
        node.dialect().commit(flush);
        flush.run(session.connection());
        session.committed();
    }

    /** One look into an index for each group, whatever the planner believes. */
    private void readGroups(Flush flush) {
        String[] ids = requests.stream().map(Request::clientGroupID).toArray(String[]::new);
        Long[] since = requests.stream().map(r -> r.since().orElseThrow()).toArray(Long[]::new);
        flush.add(
                "select w.n, g.user_id, g.space_id, g.last_seen from unnest(?::text[]) with ordinality w (id, n)"
                        + " cross join lateral (select * from " + node.names().group()
                        + " o where o.id = w.id offset 0) g",
                List.of((Object) ids),
                row -> {
                    int i = row.getInt(1) - 1;
                    groups.put(i, new Group(ids[i], row.getString(2), row.getString(3)));
                    lastSeen.put(i, row.getLong(4));
                });
        flush.add(
                "select w.n, c.id, c.last_mutation_id, c.last_modified_version from unnest(?::text[], ?::bigint[])"
                        + " with ordinality w (id, since, n) cross join lateral (select * from "
                        + node.names().client()
                        + " o where o.group_id = w.id and o.last_modified_version > w.since offset 0) c",
                List.of(ids, since),
                row -> clients.computeIfAbsent(row.getInt(1) - 1, i -> new HashMap<>())
                        .put(row.getString(2), new ClientVersion(row.getLong(3), row.getLong(4))));
    }

    private List<JdbiRead.Change> readChanges(Flush flush, Request request) {
        List<JdbiRead.Change> read = new ArrayList<>();
        Map<String, @Nullable Object> parameters = Dialect.parameters(
                request.userID(), request.spaceID(), request.since().orElseThrow());
        for (TableReads.Query query : tables.changes()) {
            NamedSql sql = query.limited(MOST_CHANGES + 1).sql();
            flush.add(sql.sql(), sql.values(parameters), row -> take(read, query, row));
        }
        return read;
    }

    private void take(List<JdbiRead.Change> read, TableReads.Query query, ResultSet row) throws SQLException {
        read.add(JdbiRead.Change.of(node.dialect(), query.table(), row));
    }

    private Optional<JdbiRead> answer(int i) {
        Request request = requests.get(i);
        List<JdbiRead.Change> changed = changes.getOrDefault(Since.of(request, tables), List.of());
        // If one query was cut off there are more than these.
        if (changed.size() > MOST_CHANGES) {
            return Optional.empty();
        }
        State state = new State(
                epoch.epoch(),
                Map.of(),
                space.exists(),
                space.version(),
                space.floor(),
                epoch.secret(),
                Optional.ofNullable(groups.get(i)),
                clients.getOrDefault(i, Map.of()));
        return Optional.of(new Answer(node, request, state, epoch, changed, lastSeen.getOrDefault(i, Long.MAX_VALUE)));
    }

    /** What was read for one pull; what it shares with others is not written any more. */
    private record Answer(
            Node node, Request request, State state, Epochs.Stored epoch, List<JdbiRead.Change> changed, long lastSeen)
            implements JdbiRead {

        @Override
        public void changes(PatchSink sink) {
            PatchSink once = new Once(sink);
            changed.forEach(change -> change.send(once));
        }

        @Override
        public void everything(PatchSink sink) {
            throw new IllegalStateException("everything is only to be read for who holds no version");
        }

        @Override
        public void close() {
            boolean own = state.group()
                    .filter(group -> group.userID().equals(request.userID()))
                    .isPresent();
            if (own && node.isSeenLongAgo(lastSeen)) {
                try (Session session = Session.autoCommit(node)) {
                    session.seen(node, request.clientGroupID());
                } catch (RuntimeException e) {
                    LOG.warn("the client group could not be marked as seen", e);
                }
            }
        }
    }
}
