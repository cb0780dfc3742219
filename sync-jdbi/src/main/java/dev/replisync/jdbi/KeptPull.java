package dev.replisync.jdbi;

import dev.replisync.storage.KeptViews.Position;
import dev.replisync.storage.KeptViews.Pull;
import dev.replisync.storage.KeptViews.Request;
import dev.replisync.storage.KeptViews.State;
import dev.replisync.storage.OpenPush.Group;
import dev.replisync.storage.PatchSink;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One pull by kept records. Where little differs all is done in one flush that also ends the transaction; else nothing is
 * done in it, and in a second transaction the patch is read through a cursor, so that it is never all in memory.
 */
final class KeptPull implements Pull {
    /** How much memory the database may use for the pull of a large view, in bytes. */
    private static final int ROOM = 32 << 20;

    private final Node node;
    private final Request request;
    private final Map<String, @Nullable Object> parameters;
    private final Session session;
    private final List<Change> ahead = new ArrayList<>();
    private boolean isFirst;
    private @Nullable PreparedStatement cursor;
    private @Nullable FetchSize fetching;
    private @Nullable ResultSet rows;
    private @Nullable Answer answer;

    /**
     * The statement.
     *
     * @param sql the one for a view that has a history, whatever differs
     * @param limited the one for a client that continues, where little differs
     * @param first the one for a view that has no history
     * @param viewVersion in which form entities are told
     * @param hash names it, so that what was proven by one release is not by the next, which asks for something else
     */
    record Query(NamedSql sql, NamedSql limited, NamedSql first, String viewVersion, String hash) {
        static Query of(Node node, List<ViewSql> tables, String viewVersion) {
            NamedSql sql = KeptSql.all(node, tables);
            NamedSql limited = KeptSql.limited(node, tables);
            NamedSql first = KeptSql.first(node, tables);
            return new Query(sql, limited, first, viewVersion, Long.toHexString(LockKey.of(sql.sql())));
        }
    }

    /** A change as it was read. */
    private static final class Change {
        private final String key;
        private final byte @Nullable [] json;

        Change(String key, byte @Nullable [] json) {
            this.key = key;
            this.json = json;
        }
    }

    /** What the first row says. */
    private record Answer(
            boolean current,
            boolean fits,
            State state,
            @Nullable String proof) {}

    private KeptPull(Node node, Request request, Map<String, @Nullable Object> parameters) {
        this.node = node;
        this.request = request;
        this.parameters = parameters;
        this.session = Session.begin(node, false);
    }

    static KeptPull open(Node node, long usedInterval, Query query, Request request, String known) {
        Map<String, @Nullable Object> parameters = parameters(node, query, request);
        parameters.put(KeptSql.KNOWN, known);
        parameters.put(KeptSql.USED, node.now() - usedInterval);
        if (request.held().isPresent()) {
            KeptPull pull = new KeptPull(node, request, parameters).open(query, true);
            if (pull.answer().fits) {
                return pull;
            }
            pull.close();
        }
        return new KeptPull(node, request, parameters).open(query, false);
    }

    private KeptPull open(Query query, boolean limited) {
        try {
            read(query, limited);
            return this;
        } catch (SQLException e) {
            close();
            throw new StorageException("a pull could not read", e);
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    private void read(Query query, boolean limited) throws SQLException {
        Connection connection = session.connection();
        long lock =
                historyLock(node.names(), request.userID(), request.spaceID(), request.profileID(), query.viewVersion);
        Flush flush = node.dialect().flush();
        flush.add("set transaction isolation level read committed", List.of());
        // The group first, then the history: two histories of one group are numbered one after the other. With a plan
        // for all values, because to make one takes longer than a pull that finds nothing; to compile it, longer still.
        node.dialect().lock(flush, "", "pull\0" + request.clientGroupID());
        flush.add(
                "select set_config('plan_cache_mode', 'force_generic_plan', true), set_config('jit', 'off', true),"
                        + " pg_advisory_xact_lock(" + LockKey.sql("?", node.names()) + ")",
                List.of(lock));
        node.dialect()
                .insertGroup(
                        flush, new Group(request.clientGroupID(), request.userID(), request.spaceID()), node.now());
        if (limited) {
            flush.add(query.limited.sql(), query.limited.values(parameters), this::take);
            node.dialect().commit(flush);
            flush.run(connection);
            session.committed();
        } else {
            // Without the room, what makes the record and what it answers go through files.
            flush.add(
                    "select set_config('work_mem', greatest(pg_size_bytes(current_setting('work_mem')), " + ROOM
                            + ") / 1024 || 'kB', true), not exists (select 1 from "
                            + node.names().view() + " v join " + node.names().meta() + " m on m.epoch = v.epoch where"
                            + " v.user_id = ? and v.space_id = ? and v.profile_id = ? and v.view_version = ?)",
                    List.of(request.userID(), request.spaceID(), request.profileID(), query.viewVersion),
                    row -> isFirst = row.getBoolean(2));
            flush.run(connection);
            NamedSql sql = isFirst ? query.first : query.sql;
            cursor = connection.prepareStatement(sql.sql());
            Flush.bind(connection, cursor, 1, sql.values(parameters));
            fetching = FetchSize.first(cursor, node.dialect().fetchSize());
            rows = cursor.executeQuery();
            if (rows.next()) {
                take(rows);
            }
        }
    }

    /** The key of the lock that who writes to a history holds. */
    static long historyLock(Names names, String user, String space, String profile, String viewVersion) {
        return LockKey.of(String.join("\0", names.view(), user, space, profile, viewVersion));
    }

    /** All but how many differences are read at once. */
    static Map<String, @Nullable Object> parameters(Node node, Query query, Request request) {
        Map<String, @Nullable Object> parameters = Dialect.parameters(request.userID(), request.spaceID(), null);
        parameters.put("profile", request.profileID());
        parameters.put(KeptSql.VIEW_VERSION, query.viewVersion);
        parameters.put(KeptSql.GROUP, request.clientGroupID());
        parameters.put(KeptSql.HELD_VIEW, request.held().map(Position::view).orElse(""));
        parameters.put(KeptSql.HELD_NUMBER, request.held().map(Position::number).orElse(-1L));
        parameters.put(KeptSql.NOW, node.now());
        parameters.put(KeptSql.SEEN, node.now() - Node.SEEN_INTERVAL.toMillis());
        parameters.put(KeptSql.QUERY, query.hash);
        parameters.put(KeptSql.KNOWN, "");
        return parameters;
    }

    private void take(ResultSet row) throws SQLException {
        if (answer == null) {
            answer = answer((@Nullable String[]) row.getArray(3).getArray());
        } else {
            ahead.add(change(row));
        }
    }

    private static Change change(ResultSet row) throws SQLException {
        return new Change(row.getString(1), row.getBytes(2));
    }

    private Answer answer(@Nullable String[] info) {
        Group group = new Group(request.clientGroupID(), text(info, 2), text(info, 3));
        boolean mine = Boolean.parseBoolean(info[4]);
        int clients = info[9] == null ? 0 : Integer.parseInt(info[9]);
        Position position = info[7] == null
                ? request.held().orElse(new Position("", 0))
                : new Position(text(info, 7), Long.parseLong(text(info, 8)));
        State state = new State(
                text(info, 0),
                group,
                Boolean.parseBoolean(info[6]),
                position,
                ids(info, 12, clients),
                mine && info[10] != null
                        ? Optional.of(ids(info, 12 + 2 * clients, Integer.parseInt(info[10])))
                        : Optional.empty());
        return new Answer(Boolean.parseBoolean(info[1]), !mine || Boolean.parseBoolean(info[5]), state, info[11]);
    }

    private static String text(@Nullable String[] info, int index) {
        String text = info[index];
        if (text == null) {
            throw new StorageException("the bookkeeping of a pull lacks its column " + index);
        }
        return text;
    }

    private static Map<String, Long> ids(@Nullable String[] info, int first, int count) {
        Map<String, Long> ids = new HashMap<>();
        for (int i = first; i < first + count; i++) {
            ids.put(text(info, i), Long.parseLong(text(info, i + count)));
        }
        return ids;
    }

    private Answer answer() {
        Answer read = answer;
        if (read == null) {
            throw new StorageException("the client group was removed while it was being read");
        }
        return read;
    }

    /** {@return a proof that the view is what the latest record says, for the node to remember; null if it is stored, or is not so} */
    @Nullable
    String proof() {
        return answer().proof;
    }

    boolean isCurrent() {
        return answer().current;
    }

    @Override
    public State state() {
        return answer().state;
    }

    @Override
    public void changes(PatchSink sink) {
        ahead.forEach(change -> send(sink, change));
        ResultSet left = rows;
        if (left == null) {
            return;
        }
        try {
            while (left.next()) {
                Change change = change(left);
                if (fetching != null) {
                    fetching.read(left, change.json == null ? 0 : change.json.length);
                }
                send(sink, change);
            }
            commit();
        } catch (SQLException e) {
            throw new StorageException("a pull could not read its patch", e);
        }
    }

    private static void send(PatchSink sink, Change change) {
        if (change.json == null) {
            sink.del(change.key);
        } else {
            sink.put(change.key, change.json);
        }
    }

    /** Only what was committed may be told. */
    private void commit() throws SQLException {
        closeCursor();
        session.connection().commit();
        session.committed();
    }

    private void closeCursor() throws SQLException {
        rows = null;
        PreparedStatement open = cursor;
        cursor = null;
        if (open != null) {
            open.close();
        }
    }

    @Override
    public void close() {
        try {
            closeCursor();
        } catch (SQLException e) {
            // A broken connection; the pool finds out by itself.
            session.close();
            return;
        }
        session.close();
    }
}
