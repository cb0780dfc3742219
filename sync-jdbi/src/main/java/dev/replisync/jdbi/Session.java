package dev.replisync.jdbi;

import java.sql.Connection;
import java.sql.SQLException;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A handle with a transaction of the SDK. What is changed about its connection is changed back, so that a pool gets it
 * as it gave it.
 */
final class Session implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Session.class);

    private final Handle handle;
    private final boolean own;
    private boolean autoCommit = true;
    private int isolation = -1;
    private boolean ended;

    private Session(Handle handle, boolean own) {
        this.handle = handle;
        this.own = own;
    }

    /** Begins a transaction on a connection of its own. */
    static Session begin(Node node, boolean snapshot) {
        Session session = new Session(node.jdbi().open(), true);
        try {
            Connection connection = session.connection();
            session.autoCommit = connection.getAutoCommit();
            if (node.dialect().kind == DatabaseKind.H2) {
                session.isolation = connection.getTransactionIsolation();
            }
            node.dialect().begin(connection, snapshot);
            return session;
        } catch (SQLException e) {
            session.close();
            throw new StorageException("a transaction could not be begun", e);
        } catch (RuntimeException | Error e) {
            session.close();
            throw e;
        }
    }

    /** A connection whose statements each commit. */
    static Session autoCommit(Node node) {
        Session session = new Session(node.jdbi().open(), true);
        session.ended = true;
        try {
            session.autoCommit = session.connection().getAutoCommit();
            session.connection().setAutoCommit(true);
            return session;
        } catch (SQLException e) {
            session.close();
            throw new StorageException("a connection could not be set up", e);
        } catch (RuntimeException | Error e) {
            session.close();
            throw e;
        }
    }

    static Session joined(Handle handle) {
        return new Session(handle, false);
    }

    Handle handle() {
        return handle;
    }

    Connection connection() {
        return handle.getConnection();
    }

    boolean own() {
        return own;
    }

    /** Ends the transaction, whatever it read. */
    void end() throws SQLException {
        if (!ended) {
            connection().rollback();
            ended = true;
        }
    }

    /** Notes that another transaction begins with the next statement. */
    void again() {
        ended = false;
    }

    /** Marks a client group as living, in a transaction of its own: not worth failing a pull, as on a read replica. */
    void seen(Node node, String group) {
        try {
            end();
            connection().setAutoCommit(true);
            node.dialect().seen(connection(), group, node.now());
        } catch (SQLException e) {
            LOG.warn("the client group could not be marked as seen", e);
        }
    }

    /** Notes that the flush has committed, which is checked as far as the driver tells. */
    void committed() throws SQLException {
        if (PostgresDriver.inTransaction(connection())) {
            throw new StorageException("the transaction was still open after its commit");
        }
        ended = true;
    }

    /** Rolls back what is not committed and gives the connection back. */
    @Override
    public void close() {
        Connection connection = connection();
        try {
            if (!ended) {
                connection.rollback();
            }
            if (connection.getAutoCommit() != autoCommit) {
                connection.setAutoCommit(autoCommit);
            }
            if (isolation >= 0 && connection.getTransactionIsolation() != isolation) {
                connection.setTransactionIsolation(isolation);
            }
        } catch (SQLException e) {
            // A broken connection; the pool finds out by itself.
            LOG.debug("a transaction could not be rolled back", e);
        } finally {
            try {
                handle.close();
            } catch (RuntimeException e) {
                LOG.debug("a connection could not be given back in order", e);
            }
        }
    }
}
