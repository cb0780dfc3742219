package dev.replisync.jdbi;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The epoch: a random id of this history of the database, with what names the very database that it was made for. Where
 * the two do not go together, this is a copy, a restore or a promoted standby, and a new epoch begins (rule R36).
 */
final class Epochs {
    /** There is a row with this space for each epoch, be there spaces or not. No other space can have its name. */
    private static final String EVERY_SPACE = Names.literal(JdbiStorage.GLOBAL_SPACE);

    private static final Logger LOG = LoggerFactory.getLogger(Epochs.class);

    private final Node node;
    private final Dialect dialect;
    private final String identity;

    /** The epoch as it was read. */
    static final class Stored {
        private String epoch = "";
        private String secret = "";
        private @Nullable String recorded;
        private @Nullable String actual;

        String epoch() {
            return epoch;
        }

        String secret() {
            return secret;
        }

        /** Whether this is still the database that the epoch was made for, as far as can be known. */
        boolean isCurrent() {
            return actual == null || recorded == null || actual.equals(recorded);
        }
    }

    private Epochs(Node node, Dialect dialect, String identity) {
        this.node = node;
        this.dialect = dialect;
        this.identity = identity;
    }

    static Epochs of(Node node, Dialect dialect, Connection connection) {
        return new Epochs(node, dialect, readableIdentity(dialect, connection));
    }

    /** What names the database, or nothing if this role may not ask for it. */
    static String readableIdentity(Dialect dialect, Connection connection) {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("select " + dialect.identity())) {
            rows.next();
            return dialect.identity();
        } catch (SQLException e) {
            LOG.warn(
                    "restores and promotions of this database will not be noticed, because its system identifier cannot be"
                            + " read; call newEpoch() after each",
                    e);
            return "cast(null as varchar)";
        }
    }

    /** Reads the epoch; fails if the database has another strategy by now than this node was started with. */
    void read(Flush flush, Stored into) {
        flush.add(
                "select epoch, secret, identity, " + identity + ", strategy from "
                        + node.names().meta(),
                List.of(),
                row -> {
                    into.epoch = row.getString(1);
                    into.secret = row.getString(2);
                    into.recorded = row.getString(3);
                    into.actual = row.getString(4);
                    node.checkStrategy(row.getString(5));
                });
    }

    /**
     * A condition over the meta table: this is still the database that the epoch was made for, as far as can be known,
     * and has the strategy that this node was started with.
     */
    String isCurrent() {
        String strategy = node.strategyID();
        return "coalesce(identity = " + identity + ", true)"
                + (strategy == null ? "" : " and coalesce(strategy = " + Names.literal(strategy) + ", true)");
    }

    /** Reads the epochs before this one, with the version of the space at which each was left: 0 if it was not there. */
    void readAncestors(Flush flush, String spaceID, Map<String, Long> into) {
        flush.add(
                "select e.id, coalesce(s.left_at, 0) from " + node.names().epoch() + " e left join "
                        + node.names().epoch() + " s on s.id = e.id and s.space_id = ? where e.space_id = "
                        + EVERY_SPACE,
                List.of(spaceID),
                row -> into.put(row.getString(1), row.getLong(2)));
    }

    /** Begins a new epoch if the one on record is of another database. */
    void adopt() {
        inTransaction(false);
    }

    /** Begins a new epoch. */
    void renew() {
        inTransaction(true);
    }

    private void inTransaction(boolean always) {
        try (Session session = Session.begin(node, false)) {
            try {
                change(session.connection(), always);
                session.connection().commit();
                session.committed();
            } catch (SQLException e) {
                throw new StorageException("a new epoch could not be begun", e);
            }
        }
    }

    void adoptWithin(Connection connection) throws SQLException {
        change(connection, false);
    }

    void renewWithin(Connection connection) throws SQLException {
        change(connection, true);
    }

    private void change(Connection connection, boolean always) throws SQLException {
        Flush lock = dialect.flush();
        lock.add("select 1 from " + node.names().meta() + " for update", List.of());
        Stored stored = new Stored();
        read(lock, stored);
        lock.run(connection);
        if (!always && stored.isCurrent()) {
            return;
        }
        Flush write = dialect.flush();
        String epoch = UUID.randomUUID().toString();
        write.add("update " + node.names().meta() + " set epoch = ?, identity = " + identity, List.of(epoch));
        write.add(
                "insert into " + node.names().epoch() + " (id, space_id, left_at) select ?, s.id, s.version from "
                        + dialect.spaces.all() + " s",
                List.of(stored.epoch()));
        write.add(
                "insert into " + node.names().epoch() + " (id, space_id, left_at) select ?, " + EVERY_SPACE
                        + ", 0 where not exists (select 1 from " + node.names().epoch()
                        + " where id = ? and space_id = "
                        + EVERY_SPACE + ")",
                List.of(stored.epoch(), stored.epoch()));
        write.run(connection);
        LOG.warn("a new epoch {} begins; clients will be sent everything anew", epoch);
    }
}
