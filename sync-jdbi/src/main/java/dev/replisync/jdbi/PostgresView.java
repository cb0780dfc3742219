package dev.replisync.jdbi;

import dev.replisync.storage.OpenPush.Group;
import dev.replisync.storage.ViewReads.Pull;
import dev.replisync.storage.ViewReads.Request;
import dev.replisync.storage.ViewReads.State;
import dev.replisync.storage.ViewReads.ViewSink;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A pull of a client's view. The record is handed over as two arrays, and the view is compared with it by the database.
 *
 * <ol>
 *   <li>If the record is long and has a proof, one flush asks whether the proof still stands: then that is all.
 *   <li>Else one flush locks the group's pulls, reads and compares and, where the view differs, counts and commits: the
 *       counter moves under the lock that the reading statement was under (rule R40).
 *   <li>Where more differs than is read ahead, nothing was counted. The lock is taken again, and one statement reads
 *       everything through a cursor.
 * </ol>
 *
 * <p>No statement but the counting one is given a transaction id (rule R14).
 */
final class PostgresView implements Pull {
    /** How many changes are read ahead, and how long a record is sent before its proof was looked at. */
    private static final int AHEAD = 2_000;

    private final Node node;
    private final Request request;
    private final ViewStatements statements;
    private final Epochs.Stored epoch = new Epochs.Stored();
    private final Map<String, Long> clients = new HashMap<>();
    private final List<Change> ahead = new ArrayList<>();
    private @Nullable Session session;
    private @Nullable PreparedStatement streaming;
    private @Nullable FetchSize fetching;
    private @Nullable ResultSet rows;
    private @Nullable Group group;
    private long lastSeen;
    private long counter;
    private @Nullable String proof;
    private @Nullable String countedBy;

    /** A row of the reading statement that is a change: a call of the sink. */
    private interface Change {
        void tell(ViewSink sink);

        /** A row without version and value is a key that is gone. */
        static Change of(String key, @Nullable String version, byte @Nullable [] json) {
            return version == null || json == null ? sink -> sink.del(key) : sink -> sink.put(key, version, json);
        }
    }

    private PostgresView(Node node, Request request, String viewVersion) {
        this.node = node;
        this.request = request;
        this.statements = new ViewStatements(node, request, viewVersion);
    }

    static PostgresView open(Node node, Request request, String viewVersion) {
        PostgresView view = new PostgresView(node, request, viewVersion);
        Session session = Session.begin(node, false);
        view.session = session;
        try {
            view.read(session);
            return view;
        } catch (SQLException e) {
            session.close();
            throw new StorageException("a pull could not read", e);
        } catch (RuntimeException | Error e) {
            session.close();
            throw e;
        }
    }

    private void read(Session open) throws SQLException {
        boolean isLong = request.since().isPresent() && request.since().get().size() > AHEAD;
        if (request.proof() != null && isLong) {
            flush(open, false, statements.bookkeeping());
            if (request.proof().equals(proof)) {
                finish(open);
                return;
            }
            open.again();
        }
        clients.clear();
        flush(open, true, statements.ahead(AHEAD));
        if (ahead.size() <= AHEAD) {
            finish(open);
            return;
        }
        open.again();
        stream(open);
    }

    private void flush(Session open, boolean locked, NamedSql statement) throws SQLException {
        Flush flush = begin(locked);
        flush.add(statement.sql(), statements.values(statement), this::take);
        node.dialect().commit(flush);
        flush.run(open.connection());
        open.committed();
    }

    /** Group, lock, and what does not change under the lock. */
    private Flush begin(boolean locked) {
        Flush flush = node.dialect().flush();
        flush.add("set transaction isolation level read committed", List.of());
        node.dialect()
                .insertGroup(
                        flush, new Group(request.clientGroupID(), request.userID(), request.spaceID()), node.now());
        if (locked) {
            lock(flush);
        }
        node.epochs().read(flush, epoch);
        flush.add(
                "select g.user_id, g.space_id, g.last_seen, coalesce((select p.counter from "
                        + node.names().pull() + " p where p.group_id = g.id), 0) from "
                        + node.names().group() + " g where g.id = ?",
                List.of(request.clientGroupID()),
                row -> {
                    group = new Group(request.clientGroupID(), row.getString(1), row.getString(2));
                    lastSeen = row.getLong(3);
                    counter = row.getLong(4);
                });
        return flush;
    }

    private void lock(Flush flush) {
        node.dialect().lock(flush, "", "pull\0" + request.clientGroupID());
    }

    private void stream(Session open) throws SQLException {
        clients.clear();
        ahead.clear();
        Flush flush = begin(true);
        // So that the parts of the statement come in their order, the bookkeeping first.
        flush.add("set local max_parallel_workers_per_gather = 0", List.of());
        flush.run(open.connection());
        NamedSql statement = statements.everything();
        streaming = open.connection().prepareStatement(statement.sql());
        Flush.bind(open.connection(), streaming, 1, statements.values(statement));
        fetching = FetchSize.first(streaming, node.dialect().fetchSize());
        rows = streaming.executeQuery();
        while (ahead.isEmpty() && rows.next()) {
            take(rows);
        }
    }

    private void take(ResultSet row) throws SQLException {
        switch (row.getInt(1)) {
            case ViewStatements.PROOF -> {
                proof = row.getString(2);
                countedBy = row.getString(3);
            }
            case ViewStatements.CLIENT -> clients.put(row.getString(2), Long.valueOf(row.getString(3)));
            default -> ahead.add(Change.of(row.getString(2), row.getString(3), row.getBytes(4)));
        }
    }

    /** Gives the connection back. */
    private void finish(Session open) {
        session = null;
        if (group != null && group.userID().equals(request.userID()) && node.isSeenLongAgo(lastSeen)) {
            open.seen(node, request.clientGroupID());
        }
        open.close();
    }

    Epochs.Stored epoch() {
        return epoch;
    }

    @Override
    public State state() {
        if (group == null) {
            throw new StorageException("the client group was removed while it was read");
        }
        return new State(epoch.epoch(), epoch.secret(), group, counter, clients, proof);
    }

    @Override
    public void changes(ViewSink sink) {
        if (request.proof() == null || !request.proof().equals(proof)) {
            statements.orphans().forEach(sink::del);
        }
        ahead.forEach(change -> change.tell(sink));
        if (rows == null) {
            return;
        }
        try {
            while (rows.next()) {
                byte[] json = rows.getBytes(4);
                if (fetching != null) {
                    fetching.read(rows, json == null ? 0 : json.length);
                }
                Change.of(rows.getString(2), rows.getString(3), json).tell(sink);
            }
        } catch (SQLException e) {
            throw new StorageException("a client's view could not be read", e);
        }
    }

    @Override
    public @Nullable String commit(long next) {
        String xid = countedBy;
        if (xid == null) {
            try {
                xid = session == null
                        ? countLate(next)
                        : count(session, next, node.dialect().flush());
            } catch (SQLException e) {
                throw new StorageException("a pull could not be committed", e);
            }
        }
        return proof == null ? null : Proof.after(proof, xid);
    }

    /** Something is to be told, but not of the view, so that nothing was counted yet. */
    private String countLate(long next) throws SQLException {
        try (Session late = Session.begin(node, false)) {
            Flush flush = node.dialect().flush();
            flush.add("set transaction isolation level read committed", List.of());
            lock(flush);
            return count(late, next, flush);
        }
    }

    private String count(Session open, long next, Flush flush) throws SQLException {
        List<String> xid = new ArrayList<>();
        flush.add(
                "insert into " + node.names().pull()
                        + " as p (group_id, counter) select ?, ? where coalesce((select o.counter from "
                        + node.names().pull()
                        + " o where o.group_id = ?), 0) = ? on conflict (group_id) do update set counter = excluded.counter"
                        + " returning pg_current_xact_id()::text",
                List.of(request.clientGroupID(), next, request.clientGroupID(), next - 1),
                row -> xid.add(row.getString(1)));
        node.dialect().commit(flush);
        flush.run(open.connection());
        open.committed();
        if (xid.isEmpty()) {
            throw new StorageException("another pull of the client group has counted since this one read");
        }
        return xid.get(0);
    }

    @Override
    public void close() {
        Session open = session;
        if (open == null) {
            return;
        }
        try {
            if (streaming != null) {
                streaming.close();
            }
        } catch (SQLException e) {
            // The connection is broken, which the next line finds out too.
            streaming = null;
        } finally {
            finish(open);
        }
    }
}
