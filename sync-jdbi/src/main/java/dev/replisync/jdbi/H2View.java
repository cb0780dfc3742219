package dev.replisync.jdbi;

import dev.replisync.jdbi.Table.RowVersion;
import dev.replisync.storage.OpenPush.Group;
import dev.replisync.storage.ViewReads.Pull;
import dev.replisync.storage.ViewReads.Request;
import dev.replisync.storage.ViewReads.State;
import dev.replisync.storage.ViewReads.ViewSink;
import java.math.BigInteger;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
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
 * A pull of a client's view on H2. Reads in a SNAPSHOT transaction, which sees counter and view as of one moment, and
 * compares in Java. The counter moves only from the value read, so that whoever moved it has read after whoever moved it
 * before (rule R40); that takes no lock, which H2 could not hold while it begins a snapshot (rule R26). A pull that is
 * too late reads once more.
 */
final class H2View implements Pull {
    /** How many changes are kept, so that the counter can move before anything is told. */
    private static final int AHEAD = 2_000;

    private static final int ATTEMPTS = 50;

    private final Node node;
    private final Request request;
    private final Epochs.Stored epoch = new Epochs.Stored();
    private final Map<String, Long> clients = new HashMap<>();
    private final List<Change> ahead = new ArrayList<>();
    private @Nullable Session session;
    private @Nullable Group group;
    private long lastSeen;
    private long counter;
    private boolean counted;

    /** One call of the sink. */
    private interface Change {
        void tell(ViewSink sink);
    }

    private H2View(Node node, Request request) {
        this.node = node;
        this.request = request;
    }

    static H2View open(Node node, Request request) {
        for (int attempt = 1; ; attempt++) {
            H2View view = new H2View(node, request);
            Session session = Session.begin(node, false);
            view.session = session;
            try {
                if (view.read(session)) {
                    return view;
                }
                session.close();
                if (attempt == ATTEMPTS) {
                    throw tooLate();
                }
            } catch (SQLException e) {
                session.close();
                throw new StorageException("a pull could not read", e);
            } catch (RuntimeException | Error e) {
                session.close();
                throw e;
            }
        }
    }

    private static StorageException tooLate() {
        return new StorageException("another pull of the client group has counted since this one read");
    }

    /** Returns false if another pull was faster. */
    private boolean read(Session open) throws SQLException {
        Connection connection = open.connection();
        Flush flush = node.dialect().flush();
        node.dialect()
                .insertGroup(
                        flush, new Group(request.clientGroupID(), request.userID(), request.spaceID()), node.now());
        flush.run(connection);
        connection.commit();
        node.dialect().begin(connection, true);
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
        flush.add(
                "select id, last_mutation_id from " + node.names().client() + " where group_id = ?",
                List.of(request.clientGroupID()),
                row -> clients.put(row.getString(1), row.getLong(2)));
        flush.run(connection);
        if (!scan(connection, new Ahead())) {
            ahead.clear();
            return true;
        }
        open.end();
        if (isOwn() && !ahead.isEmpty()) {
            counted = count(connection, counter + 1);
            if (!counted) {
                return false;
            }
        }
        finish(open);
        return true;
    }

    private boolean isOwn() {
        return group != null
                && group.userID().equals(request.userID())
                && group.spaceID().equals(request.spaceID());
    }

    /** Takes what fits. */
    private final class Ahead implements ViewSink {
        @Override
        public void put(String key, String version, byte[] json) {
            ahead.add(sink -> sink.put(key, version, json));
        }

        @Override
        public void del(String key) {
            ahead.add(sink -> sink.del(key));
        }
    }

    /** Compares; stops, and returns false, when more was kept than there is room for. */
    private boolean scan(Connection connection, ViewSink sink) throws SQLException {
        Map<String, String> held = new HashMap<>();
        request.since().ifPresent(record -> {
            for (int i = 0; i < record.size(); i++) {
                held.put(record.keys().get(i), record.versions().get(i));
            }
        });
        for (ViewSql sql : ViewSql.of(node, request.spaceID())) {
            Optional<Set<String>> queried = queried(connection, sql);
            try (PreparedStatement statement = prepare(connection, sql.everything());
                    ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    String key = rows.getString(1);
                    if (queried.isEmpty() || queried.get().contains(key)) {
                        compare(sql.table(), key, rows, held.remove(key), sink);
                    }
                    if (ahead.size() > AHEAD) {
                        return false;
                    }
                }
            }
        }
        held.keySet().forEach(sink::del);
        return ahead.size() <= AHEAD;
    }

    /** The keys that the view query yields; empty if the table has none. */
    private Optional<Set<String>> queried(Connection connection, ViewSql sql) throws SQLException {
        Optional<String> query = sql.queried();
        if (query.isEmpty()) {
            return Optional.empty();
        }
        Set<String> keys = new HashSet<>();
        try (PreparedStatement statement = prepare(connection, query.get());
                ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                keys.add(rows.getString(1));
            }
        }
        return Optional.of(keys);
    }

    private PreparedStatement prepare(Connection connection, String sql) throws SQLException {
        NamedSql query = NamedSql.parse(sql);
        PreparedStatement statement = connection.prepareStatement(query.sql());
        Flush.bind(connection, statement, 1, query.values(ViewSql.parameters(request)));
        return statement;
    }

    private void compare(Table table, String key, ResultSet row, @Nullable String before, ViewSink sink)
            throws SQLException {
        byte[] json = null;
        String version = row.getString(2);
        if (table.rowVersion() == RowVersion.HASH) {
            json = RowJson.write(table, row, 4);
            version = hash(json);
        }
        if (!version.equals(before)) {
            sink.put(key, version, json == null ? RowJson.write(table, row, 4) : json);
        }
    }

    /** As PostgreSQL's md5(). */
    private static String hash(byte[] json) {
        try {
            return String.format(
                    "%032x", new BigInteger(1, MessageDigest.getInstance("MD5").digest(json)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has MD5", e);
        }
    }

    private boolean countLate(long next) throws SQLException {
        try (Session late = Session.begin(node, false)) {
            return count(late.connection(), next);
        }
    }

    private boolean countHere(Session open, long next) throws SQLException {
        open.end();
        return count(open.connection(), next);
    }

    private boolean count(Connection connection, long next) throws SQLException {
        node.dialect().begin(connection, false);
        try (PreparedStatement move = connection.prepareStatement(
                next == 1
                        ? "insert into " + node.names().pull() + " (counter, group_id) values (?, ?)"
                        : "update " + node.names().pull()
                                + " set counter = ? where group_id = ? and counter = ? - 1")) {
            move.setLong(1, next);
            move.setString(2, request.clientGroupID());
            if (next > 1) {
                move.setLong(3, next);
            }
            boolean moved = move.executeUpdate() == 1;
            connection.commit();
            return moved;
        } catch (SQLException e) {
            connection.rollback();
            if (Flush.isUniqueViolation(e)) {
                return false;
            }
            throw e;
        }
    }

    private void finish(Session open) {
        session = null;
        if (group != null && group.userID().equals(request.userID()) && node.isSeenLongAgo(lastSeen)) {
            open.seen(node, request.clientGroupID());
        }
        open.close();
    }

    @Override
    public State state() {
        if (group == null) {
            throw new StorageException("the client group was removed while it was read");
        }
        return new State(epoch.epoch(), epoch.secret(), group, counter, clients, null);
    }

    @Override
    public void changes(ViewSink sink) {
        Session open = session;
        if (open == null) {
            ahead.forEach(change -> change.tell(sink));
            return;
        }
        try {
            scan(open.connection(), sink);
        } catch (SQLException e) {
            throw new StorageException("a client's view could not be read", e);
        }
    }

    @Override
    public @Nullable String commit(long next) {
        if (counted) {
            return null;
        }
        try {
            if (!(session == null ? countLate(next) : countHere(session, next))) {
                throw tooLate();
            }
        } catch (SQLException e) {
            throw new StorageException("a pull could not be committed", e);
        }
        return null;
    }

    @Override
    public void close() {
        if (session != null) {
            finish(session);
        }
    }
}
