package dev.replisync.jdbi;

import dev.replisync.storage.OpenPush.Group;
import dev.replisync.storage.PatchSink;
import dev.replisync.storage.VersionedReads.ClientVersion;
import dev.replisync.storage.VersionedReads.Request;
import dev.replisync.storage.VersionedReads.Snapshot;
import dev.replisync.storage.VersionedReads.State;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One snapshot for a pull. Where little has changed everything is read in one flush that also ends the transaction; else
 * the transaction stays open and rows are read through a cursor, so that they are never all in memory.
 */
final class JdbiSnapshot implements Snapshot {
    /** Up to how many changes of a table are read ahead. */
    private static final int AHEAD = 2_000;

    private final Node node;
    private final Request request;
    private final Session session;
    private final TableReads tableReads;
    private final Epochs.Stored epoch = new Epochs.Stored();
    private final Map<String, Long> ancestors = new HashMap<>();
    private final Map<String, ClientVersion> clients = new HashMap<>();
    private boolean spaceExists;
    private final long[] space = new long[2];
    private final List<Change> ahead = new ArrayList<>();
    private @Nullable Group group;
    private long lastSeen;
    private boolean complete;
    private State state = new State("", Map.of(), false, 0, 0, "", Optional.empty(), Map.of());

    /** A change as it was read. */
    private static final class Change {
        private final String key;
        private final byte @Nullable [] json;

        Change(String key, byte @Nullable [] json) {
            this.key = key;
            this.json = json;
        }
    }

    private JdbiSnapshot(Node node, Request request, Session session) {
        this.node = node;
        this.request = request;
        this.session = session;
        this.tableReads = new TableReads(node, request);
    }

    static JdbiSnapshot open(Node node, Request request) {
        boolean readAhead = request.since().isPresent() && node.dialect().kind == DatabaseKind.POSTGRESQL;
        if (readAhead) {
            JdbiSnapshot snapshot = open(node, request, true);
            if (snapshot.complete) {
                return snapshot;
            }
            snapshot.close();
        }
        return open(node, request, false);
    }

    private static JdbiSnapshot open(Node node, Request request, boolean readAhead) {
        Session session = Session.begin(node, true);
        try {
            JdbiSnapshot snapshot = new JdbiSnapshot(node, request, session);
            snapshot.read(readAhead);
            return snapshot;
        } catch (SQLException e) {
            session.close();
            throw new StorageException("a pull could not read", e);
        } catch (RuntimeException | Error e) {
            session.close();
            throw e;
        }
    }

    private void read(boolean readAhead) throws SQLException {
        Connection connection = session.connection();
        Flush flush = node.dialect().flush();
        node.dialect().beginSnapshot(flush);
        node.epochs().read(flush, epoch);
        if (request.since().isEmpty()) {
            node.epochs().readAncestors(flush, request.spaceID(), ancestors);
        }
        SpaceTable spaces = node.dialect().spaces.holding(request.spaceID());
        if (spaces.mayHold(request.spaceID())) {
            flush.add(spaces.state(), List.of(request.spaceID()), row -> {
                spaceExists = true;
                for (int i = 0; i < space.length; i++) {
                    space[i] = row.getLong(i + 1);
                }
            });
        }
        flush.add(
                "select user_id, space_id, last_seen from " + node.names().group() + " where id = ?",
                List.of(request.clientGroupID()),
                row -> {
                    group = new Group(request.clientGroupID(), row.getString(1), row.getString(2));
                    lastSeen = row.getLong(3);
                });
        flush.add(
                "select id, last_mutation_id, last_modified_version from "
                        + node.names().client() + " where group_id = ? and last_modified_version > ?",
                List.of(request.clientGroupID(), request.since().orElse(-1)),
                row -> clients.put(row.getString(1), new ClientVersion(row.getLong(2), row.getLong(3))));
        if (readAhead) {
            for (TableReads.Query query : tableReads.changes(AHEAD + 1)) {
                flush.add(query.sql(), query.values(), row -> ahead.add(change(query.table(), row)));
            }
            node.dialect().commit(flush);
        }
        flush.run(connection);
        if (readAhead) {
            session.committed();
            complete = tableReads.fits(AHEAD);
        }
        state = new State(
                epoch.epoch(),
                ancestors,
                spaceExists,
                space[0],
                space[1],
                epoch.secret(),
                Optional.ofNullable(group),
                clients);
    }

    private Change change(Table table, ResultSet row) throws SQLException {
        tableReads.count(table);
        return new Change(row.getString(1), node.dialect().json(table, row, 2));
    }

    Epochs.Stored epoch() {
        return epoch;
    }

    @Override
    public State state() {
        return state;
    }

    @Override
    public void changes(PatchSink sink) {
        PatchSink once = new Once(sink);
        if (complete) {
            ahead.forEach(change -> send(once, change));
        } else {
            stream(tableReads.changes(0), once);
        }
    }

    @Override
    public void everything(PatchSink sink) {
        stream(tableReads.everything(), sink);
    }

    private void stream(List<TableReads.Query> queries, PatchSink sink) {
        Connection connection = session.connection();
        for (TableReads.Query query : queries) {
            try (PreparedStatement statement = connection.prepareStatement(query.sql())) {
                Flush.bind(connection, statement, 1, query.values());
                statement.setFetchSize(node.dialect().fetchSize());
                try (ResultSet rows = statement.executeQuery()) {
                    while (rows.next()) {
                        send(sink, new Change(rows.getString(1), node.dialect().json(query.table(), rows, 2)));
                    }
                }
            } catch (SQLException e) {
                throw new StorageException(
                        "table " + query.table().declaration().table() + " could not be read for a pull", e);
            }
        }
    }

    private static void send(PatchSink sink, Change change) {
        if (change.json == null) {
            sink.del(change.key);
        } else {
            sink.put(change.key, change.json);
        }
    }

    @Override
    public void close() {
        try {
            if (group != null && group.userID().equals(request.userID()) && node.isSeenLongAgo(lastSeen)) {
                session.seen(node, request.clientGroupID());
            }
        } finally {
            session.close();
        }
    }

    /** Lets each key pass once: where rules have versions of their own, two queries may find it (rule R13). */
    private static final class Once implements PatchSink {
        private final PatchSink next;
        private final Set<String> sent = new HashSet<>();

        Once(PatchSink next) {
            this.next = next;
        }

        @Override
        public void put(String key, byte[] json) {
            if (sent.add(key)) {
                next.put(key, json);
            }
        }

        @Override
        public void del(String key) {
            if (sent.add(key)) {
                next.del(key);
            }
        }
    }
}
