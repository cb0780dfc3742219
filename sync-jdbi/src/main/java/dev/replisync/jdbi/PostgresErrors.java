package dev.replisync.jdbi;

import java.sql.SQLException;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** What PostgreSQL tells of an error beyond its SQLState. Touches the driver's classes only if the driver is there. */
final class PostgresErrors {
    private static final String DRIVER_EXCEPTION = "org.postgresql.util.PSQLException";

    private PostgresErrors() {}

    static boolean isPostgres(SQLException e) {
        return e.getClass().getName().equals(DRIVER_EXCEPTION);
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
