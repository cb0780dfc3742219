package dev.replisync.jdbi;

import dev.replisync.storage.OpenPush.Group;
import dev.replisync.storage.PatchSink;
import dev.replisync.storage.VersionedReads.ClientVersion;
import dev.replisync.storage.VersionedReads.Request;
import dev.replisync.storage.VersionedReads.State;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One snapshot for a pull of much: rows are read through a cursor, so that they are never all in memory. */
final class JdbiSnapshot implements JdbiRead {
    private final Node node;
    private final Request request;
    private final Session session;
    private final TableReads tables;
    private final Epochs.Stored epoch = new Epochs.Stored();
    private final SpaceTable.Stored space = new SpaceTable.Stored();
    private final Map<String, Long> ancestors = new HashMap<>();
    private final Map<String, ClientVersion> clients = new HashMap<>();
    private @Nullable Group group;
    private long lastSeen;
    private State state = new State("", Map.of(), false, 0, 0, "", Optional.empty(), Map.of());

    private JdbiSnapshot(Node node, TableReads tables, Request request, Session session) {
        this.node = node;
        this.tables = tables;
        this.request = request;
        this.session = session;
    }

    static JdbiSnapshot open(Node node, TableReads tables, Request request) {
        Session session = Session.begin(node, true);
        try {
            JdbiSnapshot snapshot = new JdbiSnapshot(node, tables, request, session);
            snapshot.read();
            return snapshot;
        } catch (SQLException e) {
            session.close();
            throw new StorageException("a pull could not read", e);
        } catch (RuntimeException | Error e) {
            session.close();
            throw e;
        }
    }

    private void read() throws SQLException {
        Connection connection = session.connection();
        Flush flush = node.dialect().flush();
        node.dialect().beginSnapshot(flush);
        node.epochs().read(flush, epoch);
        if (request.since().isEmpty()) {
            node.epochs().readAncestors(flush, request.spaceID(), ancestors);
        }
        node.dialect().spaces.read(flush, request.spaceID(), space);
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
        flush.run(connection);
        state = new State(
                epoch.epoch(),
                ancestors,
                space.exists(),
                space.version(),
                space.floor(),
                epoch.secret(),
                Optional.ofNullable(group),
                clients);
    }

    @Override
    public Epochs.Stored epoch() {
        return epoch;
    }

    @Override
    public State state() {
        return state;
    }

    @Override
    public void changes(PatchSink sink) {
        stream(tables.changes(), new Once(sink));
    }

    @Override
    public void everything(PatchSink sink) {
        stream(tables.everything(), sink);
    }

    private void stream(List<TableReads.Query> queries, PatchSink sink) {
        Connection connection = session.connection();
        Map<String, @Nullable Object> parameters = Dialect.parameters(
                request.userID(),
                request.spaceID(),
                request.since().isPresent() ? request.since().getAsLong() : null);
        for (TableReads.Query query : queries) {
            try (PreparedStatement statement =
                    connection.prepareStatement(query.sql().sql())) {
                Flush.bind(connection, statement, 1, query.sql().values(parameters));
                FetchSize fetching = FetchSize.first(statement, node.dialect().fetchSize());
                try (ResultSet rows = statement.executeQuery()) {
                    while (rows.next()) {
                        Change change = Change.of(node.dialect(), query.table(), rows);
                        fetching.read(rows, change.length());
                        change.send(sink);
                    }
                }
            } catch (SQLException e) {
                throw new StorageException(
                        "table " + query.table().declaration().table() + " could not be read for a pull", e);
            }
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
}
