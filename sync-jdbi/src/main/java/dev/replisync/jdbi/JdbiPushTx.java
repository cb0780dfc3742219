package dev.replisync.jdbi;

import dev.replisync.MutationContext;
import dev.replisync.storage.OpenPush;
import dev.replisync.storage.OpenPush.Group;
import dev.replisync.storage.PushTx;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A push's transaction: one flush to open it, one to close it. */
final class JdbiPushTx implements PushTx<Handle> {
    private static final Logger LOG = LoggerFactory.getLogger(JdbiPushTx.class);

    private final Node node;
    private final Session session;
    private final OpenPush what;
    private final String token = UUID.randomUUID().toString();
    private final Tables tables;
    private final Touched touched = new Touched();
    private final Set<String> created = new HashSet<>();
    private final Set<String> lostByEverybody = new HashSet<>();
    private final Map<String, Client> clients = new HashMap<>();
    private final Map<String, Long> versions = new TreeMap<>();
    private final Set<String> existing = new HashSet<>();
    private final Map<String, Group> groups = new TreeMap<>();
    private final List<String> seenLongAgo = new ArrayList<>();
    private State state = new State(Map.of(), Map.of(), Map.of(), Set.of());
    private boolean open = true;

    private JdbiPushTx(Node node, Session session, OpenPush what) {
        this.node = node;
        this.session = session;
        this.what = what;
        this.tables = node.tables();
    }

    /** Opens a transaction on a connection of its own. */
    static JdbiPushTx open(Node node, OpenPush what) {
        for (int attempt = 1; ; attempt++) {
            Session session = Session.begin(node, false);
            try {
                JdbiPushTx tx = new JdbiPushTx(node, session, what);
                Epochs.Stored epoch = tx.lockAndRead();
                if (epoch.isCurrent() || attempt > 3) {
                    tx.enter();
                    return tx;
                }
            } catch (SQLException e) {
                session.close();
                throw new StorageException("a push could not be opened", e);
            } catch (RuntimeException | Error e) {
                session.close();
                throw e;
            }
            session.close();
            node.epochs().adopt();
        }
    }

    /** Joins the application's transaction. */
    static JdbiPushTx join(Node node, Handle handle, OpenPush what) {
        if (!handle.isInTransaction()) {
            throw new IllegalStateException("the handle must be in a transaction");
        }
        JdbiPushTx tx = new JdbiPushTx(node, Session.joined(handle), what);
        try {
            if (!tx.lockAndRead().isCurrent()) {
                node.epochs().adoptWithin(handle.getConnection());
            }
        } catch (SQLException e) {
            throw new StorageException("a write within a transaction could not be opened", e);
        }
        tx.enter();
        return tx;
    }

    private void enter() {
        Set<String> unknown = new HashSet<>();
        if (!what.createSpaces()) {
            unknown.addAll(what.spaces());
            unknown.removeAll(existing);
        }
        state = new State(groups, clients, versions, unknown);
        if (handle().getConfig(SdkTransaction.class).enter(this)) {
            handle().registerArgument(node.strictStrings());
        }
    }

    private Epochs.Stored lockAndRead() throws SQLException {
        Connection connection = session.connection();
        Flush flush = node.dialect().flush();
        node.dialect().mark(flush, token, session.own());
        if (!what.groups().isEmpty()) {
            lockGroups(flush);
        }
        if (what.lockVersions()) {
            queue(flush, what.spaces());
            lockSpaces(flush);
        } else if (!what.createSpaces()) {
            readExisting(flush, sorted(what.spaces()));
        }
        readClients(flush);
        Epochs.Stored epoch = new Epochs.Stored();
        node.epochs().read(flush, epoch);
        flush.run(connection);
        if (what.createSpaces()
                && what.lockVersions()
                && versions.size() < what.spaces().size()) {
            // New spaces: only ever once. What was read before the lock is read again after it.
            Flush again = node.dialect().flush();
            node.dialect().insertSpaces(again, sorted(what.spaces()));
            lockSpaces(again);
            readClients(again);
            again.run(connection);
        }
        if (groups.size() < what.groups().size()) {
            throw new StorageException("a client group was removed while it was being locked");
        }
        return epoch;
    }

    private void lockGroups(Flush flush) {
        what.groups().forEach(group -> node.dialect().insertGroup(flush, group, node.now()));
        node.dialect().lockGroups(flush, what.groups().stream().map(Group::id).toArray(String[]::new), row -> {
            groups.put(row.getString(1), new Group(row.getString(1), row.getString(2), row.getString(3)));
            if (node.isSeenLongAgo(row.getLong(4))) {
                seenLongAgo.add(row.getString(1));
            }
        });
    }

    /**
     * Only in a transaction that has no lock yet but those of its groups: one of the application may have locked a space,
     * for which who is next in line would wait.
     */
    private void queue(Flush flush, SortedSet<String> spaces) {
        if (session.own() && !spaces.isEmpty()) {
            node.dialect().queue(flush, sorted(spaces));
        }
    }

    private void lockSpaces(Flush flush) {
        node.dialect().lockSpaces(flush, sorted(what.spaces()), row -> {
            versions.put(row.getString(1), row.getLong(2));
            existing.add(row.getString(1));
        });
    }

    private void readClients(Flush flush) {
        clients.clear();
        if (!what.clientIDs().isEmpty()) {
            String[] ids = what.clientIDs().toArray(String[]::new);
            flush.add(
                    "select id, group_id, last_mutation_id from " + node.names().client() + " where id = "
                            + (ids.length == 1 ? "?" : "any(?)"),
                    List.of(ids.length == 1 ? ids[0] : ids),
                    row -> clients.put(row.getString(1), new Client(row.getString(2), row.getLong(3))));
        }
    }

    private static String[] sorted(SortedSet<String> spaces) {
        return spaces.toArray(String[]::new);
    }

    @Override
    public State state() {
        return state;
    }

    @Override
    public boolean exists(String spaceID) {
        if (state.unknownSpaces().contains(spaceID) && !existing.contains(spaceID)) {
            Flush flush = node.dialect().flush();
            readExisting(flush, new String[] {spaceID});
            try {
                flush.run(session.connection());
            } catch (SQLException e) {
                throw new StorageException("it could not be read whether space '" + spaceID + "' exists", e);
            }
        }
        return !state.unknownSpaces().contains(spaceID) || existing.contains(spaceID);
    }

    private void readExisting(Flush flush, String[] ids) {
        node.dialect().readSpaces(flush, ids, row -> existing.add(row.getString(1)));
    }

    @Override
    public Handle handle() {
        return session.handle();
    }

    @Override
    public void touch(String spaceID, String key, Set<String> lostBy) {
        tables.of(key);
        touched.add(spaceID, key, lostBy);
        if (lostByEverybody.remove(key)) {
            touched.add(spaceID, key, Set.of(SyncedTable.EVERYBODY));
        }
    }

    @Override
    public boolean visible(String userID, String spaceID, String key) {
        Table table;
        try {
            table = tables.of(key);
        } catch (IllegalArgumentException e) {
            return false;
        }
        NamedSql sql = NamedSql.parse("select 1 from " + table.from() + " t where t."
                + table.id().quoted() + " = :id and " + table.visibleRow(spaceID));
        Map<String, @Nullable Object> values = Dialect.parameters(userID, spaceID, null);
        values.put("id", table.idOf(key));
        Connection connection = session.connection();
        try (PreparedStatement statement = connection.prepareStatement(sql.sql())) {
            Flush.bind(connection, statement, 1, sql.values(values));
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next();
            }
        } catch (SQLException e) {
            throw new StorageException("it could not be read who may see " + key, e);
        }
    }

    /** Runs a mutator's SQL over rows that its user may see. */
    int execute(
            SyncedTable of, MutationContext context, String sql, Map<String, ? extends @Nullable Object> arguments) {
        boolean global = what.spaces().contains(JdbiStorage.GLOBAL_SPACE);
        return new VisibleSql(writable(of), global ? JdbiStorage.GLOBAL_SPACE : context.space())
                .execute(handle(), context, sql, arguments);
    }

    @Override
    public void lock(String spaceID, String name) {
        Flush flush = node.dialect().flush();
        node.dialect().lock(flush, spaceID, name);
        try {
            flush.run(session.connection());
        } catch (SQLException e) {
            throw new StorageException("lock '" + name + "' could not be taken", e);
        }
    }

    @Override
    public void commit(Closing closing) {
        if (!open) {
            throw new IllegalStateException("the transaction is closed");
        }
        if (handle().isClosed()) {
            throw new IllegalStateException("a mutator must not close the handle, which is the SDK's");
        }
        for (String space : touched.spaces()) {
            if (!closing.spaces().isEmpty() && !closing.spaces().contains(space)) {
                throw new IllegalStateException("space '" + space + "' was touched but its version does not move");
            }
        }
        // From here on a commit by the handle is the SDK's.
        open = false;
        try {
            Flush flush = node.dialect().flush();
            node.dialect().checkMark(flush, token);
            write(flush, closing);
            if (session.own()) {
                node.dialect().commit(flush);
            } else {
                node.dialect().unmark(flush);
            }
            flush.run(session.connection());
            if (session.own()) {
                session.committed();
            }
        } catch (SQLException e) {
            throw new StorageException("a push could not be committed", e);
        }
    }

    private void write(Flush flush, Closing closing) throws SQLException {
        Dialect dialect = node.dialect();
        if (!closing.spaces().isEmpty()) {
            if (!what.lockVersions()) {
                queue(flush, closing.spaces());
            }
            dialect.moveVersions(flush, sorted(closing.spaces()));
        }
        for (String space :
                new TreeSet<>(groups.values().stream().map(Group::spaceID).toList())) {
            TreeMap<String, Client> known = new TreeMap<>(closing.clients());
            known.values().removeIf(client -> !isOf(client, space));
            TreeMap<String, Client> fresh = new TreeMap<>(known);
            known.keySet().retainAll(clients.keySet());
            fresh.keySet().removeAll(clients.keySet());
            if (!known.isEmpty()) {
                dialect.updateClients(flush, space, known);
            }
            if (!fresh.isEmpty()) {
                dialect.insertClients(flush, space, fresh);
            }
        }
        for (String group : seenLongAgo) {
            flush.add("update " + node.names().group() + " set last_seen = ? where id = ?", List.of(node.now(), group));
        }
        if (!touched.isEmpty() && !closing.spaces().isEmpty()) {
            dialect.stamp(flush, session.connection(), touched, tables);
        }
        if (!touched.isEmpty()) {
            dialect.moveRowVersions(flush, session.connection(), touched, tables);
        }
        if (tables.haveTriggers()) {
            dialect.stampNoted(flush, closing.spaces());
        }
    }

    private boolean isOf(Client client, String space) {
        Group group = groups.get(client.groupID());
        return group != null && group.spaceID().equals(space);
    }

    /** Whether this transaction may move a version; row versions have none to move. */
    boolean movesVersions() {
        return !what.spaces().isEmpty();
    }

    /** Notes that a row did not exist before this transaction, as far as clients can tell. */
    void created(String key) {
        created.add(key);
    }

    /** Notes, for the next touch of an entity, that everybody could see it. */
    void lostByEverybody(String key) {
        lostByEverybody.add(key);
    }

    boolean isCreated(String key) {
        return created.contains(key);
    }

    boolean isOpen() {
        return open;
    }

    TableWriter writer(SyncedTable table) {
        return new TableWriter(this, node, writable(table));
    }

    private Table writable(SyncedTable table) {
        if (table.declaration().isQuery()) {
            throw new UnsupportedOperationException(table.declaration().named()
                    + " cannot be written or found in; write the tables that it reads, and read it by its SQL");
        }
        return tables.of(table);
    }

    @Override
    public void close() {
        open = false;
        if (session.own()) {
            try {
                session.close();
            } catch (RuntimeException e) {
                LOG.debug("a connection could not be given back in order", e);
            }
        }
    }
}
