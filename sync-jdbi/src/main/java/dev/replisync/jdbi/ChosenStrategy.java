package dev.replisync.jdbi;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/**
 * The strategy that all servers of a database run: that of the first one that started, until it is changed. What one
 * strategy notes for pulls another does not, so two at once would not see each other's writes.
 */
final class ChosenStrategy {
    private static final String READ_ONLY = "25006";

    private ChosenStrategy() {}

    /** Makes a strategy the database's if it has none yet; returns what is wrong if it has another. */
    static Optional<String> claim(Jdbi jdbi, Names names, String strategyID) {
        try (Handle handle = jdbi.open()) {
            Connection connection = handle.getConnection();
            boolean autoCommit = connection.getAutoCommit();
            connection.setAutoCommit(true);
            try {
                return claim(connection, names, strategyID);
            } finally {
                connection.setAutoCommit(autoCommit);
            }
        } catch (SQLException e) {
            return Optional.of("the strategy of the database cannot be read or set: " + e.getMessage());
        }
    }

    private static Optional<String> claim(Connection connection, Names names, String strategyID) throws SQLException {
        String found = read(connection, names);
        if (found == null) {
            // Of two nodes that start at once one waits for the other, and changes nothing.
            try (PreparedStatement statement = connection.prepareStatement(
                    "update " + names.meta() + " set strategy = ? where strategy is null")) {
                statement.setString(1, strategyID);
                statement.executeUpdate();
            } catch (SQLException e) {
                if (READ_ONLY.equals(e.getSQLState())) {
                    return Optional.empty();
                }
                throw e;
            }
            found = read(connection, names);
        }
        return found == null || found.equals(strategyID)
                ? Optional.empty()
                : Optional.of("strategy was '" + strategyID + "' but the servers of this database run '" + found
                        + "'; start with that one, or stop all of them and call JdbiStorage.changeStrategy(\""
                        + strategyID + "\", …)");
    }

    static @Nullable String read(Connection connection, Names names) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("select strategy from " + names.meta())) {
            return rows.next() ? rows.getString(1) : null;
        }
    }
}
