package dev.replisync.jdbi;

import java.sql.Connection;
import java.sql.SQLException;
import org.postgresql.core.TransactionState;
import org.postgresql.jdbc.PgConnection;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** What PostgreSQL's driver tells beyond JDBC. Touches the driver's classes only if the driver is there. */
final class PostgresDriver {
    private static final String DRIVER_EXCEPTION = "org.postgresql.util.PSQLException";

    private static final boolean IS_THERE = isThere();

    private PostgresDriver() {}

    private static boolean isThere() {
        try {
            return Class.forName("org.postgresql.jdbc.PgConnection") != null;
        } catch (ClassNotFoundException | LinkageError e) {
            return false;
        }
    }

    static boolean isPostgres(SQLException e) {
        return e.getClass().getName().equals(DRIVER_EXCEPTION);
    }

    /** Whether the driver says that a transaction is open; false also if the driver is another one. */
    static boolean inTransaction(Connection connection) throws SQLException {
        return IS_THERE
                && connection.isWrapperFor(PgConnection.class)
                && connection.unwrap(PgConnection.class).getTransactionState() != TransactionState.IDLE;
    }

    /** Whether the error names one of the SDK's tables; only for those that {@link #isPostgres} accepts. */
    static boolean isOwnTable(SQLException e, Names names) {
        ServerErrorMessage message = ((PSQLException) e).getServerErrorMessage();
        if (message == null || message.getTable() == null) {
            return false;
        }
        return message.getTable().startsWith(names.prefix())
                && (names.schema() == null || names.schema().equals(message.getSchema()));
    }
}
