package dev.replisync.jdbi;

import java.sql.Connection;
import java.sql.SQLException;

/** The databases that {@link JdbiStorage} knows. */
public enum DatabaseKind {
    /** PostgreSQL 14 and later. */
    POSTGRESQL,
    /** H2 2.x, in memory or in a file. */
    H2;

    static DatabaseKind of(Connection connection) throws SQLException {
        String product = connection.getMetaData().getDatabaseProductName();
        return switch (product) {
            case "PostgreSQL" -> POSTGRESQL;
            case "H2" -> H2;
            default ->
                throw new IllegalArgumentException(
                        "the database was '" + product + "' but it must be PostgreSQL or H2");
        };
    }
}
