package dev.replisync.jdbi;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Statements that are sent together. On PostgreSQL they are one network flush: pgjdbc sends all statements of a
 * multi-statement prepared statement, the BEGIN before them included, before it reads the first answer. Each is a
 * statement of its own all the same: at READ COMMITTED it sees what was committed before it began, also while the one
 * before it waited for a lock (rule R17). On H2, which has no network in between, they run one after the other.
 *
 * <p>If one fails, none after it runs.
 */
final class Flush {
    private static final String UNIQUE_VIOLATION = "23505";

    private final boolean together;
    private final List<Step> steps = new ArrayList<>();

    Flush(DatabaseKind kind) {
        this.together = kind == DatabaseKind.POSTGRESQL;
    }

    /** Takes one row of a result. */
    @FunctionalInterface
    interface Row {
        void read(ResultSet row) throws SQLException;
    }

    private record Step(
            String sql,
            List<? extends @Nullable Object> values,
            @Nullable Row row,
            boolean lenient) {}

    /** Adds a statement whose result, if any, is not looked at. */
    Flush add(String sql, List<? extends @Nullable Object> values) {
        steps.add(new Step(sql, values, null, false));
        return this;
    }

    /** Adds a query. */
    Flush add(String sql, List<? extends @Nullable Object> values, Row row) {
        steps.add(new Step(sql, values, row, false));
        return this;
    }

    /**
     * Adds an insert that does nothing if the row is there. Only for H2, which has no such insert that also holds
     * against another transaction: there the violation of the key is swallowed, which does not spoil the transaction.
     */
    Flush addIfAbsent(String sql, List<? extends @Nullable Object> values) {
        steps.add(new Step(sql, values, null, true));
        return this;
    }

    /** Runs what was added, and forgets it. */
    void run(Connection connection) throws SQLException {
        List<Step> all = List.copyOf(steps);
        steps.clear();
        if (together && all.size() > 1) {
            runTogether(connection, all);
        } else {
            for (Step step : all) {
                try (PreparedStatement statement = connection.prepareStatement(step.sql)) {
                    bind(connection, statement, 1, step.values);
                    read(statement, statement.execute(), step);
                } catch (SQLException e) {
                    if (!step.lenient || !isUniqueViolation(e)) {
                        throw e;
                    }
                }
            }
        }
    }

    static boolean isUniqueViolation(SQLException e) {
        return UNIQUE_VIOLATION.equals(e.getSQLState());
    }

    private static void runTogether(Connection connection, List<Step> steps) throws SQLException {
        StringBuilder sql = new StringBuilder();
        for (Step step : steps) {
            sql.append(sql.isEmpty() ? "" : ";\n").append(step.sql);
        }
        try (PreparedStatement statement = connection.prepareStatement(sql.toString())) {
            int index = 1;
            for (Step step : steps) {
                index = bind(connection, statement, index, step.values);
            }
            boolean rows = statement.execute();
            for (Step step : steps) {
                read(statement, rows, step);
                rows = statement.getMoreResults();
            }
            if (rows || statement.getUpdateCount() != -1) {
                throw new StorageException("a flush of " + steps.size() + " statements gave more results");
            }
        }
    }

    private static void read(PreparedStatement statement, boolean rows, Step step) throws SQLException {
        if (step.row == null) {
            return;
        }
        if (!rows) {
            throw new StorageException("a statement gave no rows where some were expected: " + step.sql);
        }
        try (ResultSet result = statement.getResultSet()) {
            while (result.next()) {
                step.row.read(result);
            }
        }
    }

    static int bind(
            Connection connection, PreparedStatement statement, int first, List<? extends @Nullable Object> values)
            throws SQLException {
        int index = first;
        for (Object value : values) {
            if (value == null) {
                statement.setNull(index, Types.VARCHAR);
            } else if (value instanceof String s) {
                statement.setString(index, s);
            } else if (value instanceof Long l) {
                statement.setLong(index, l);
            } else if (value instanceof byte[] bytes) {
                statement.setBytes(index, bytes);
            } else if (value instanceof String[] texts) {
                statement.setArray(index, connection.createArrayOf("text", texts));
            } else if (value instanceof Long[] numbers) {
                statement.setArray(index, connection.createArrayOf("bigint", numbers));
            } else {
                statement.setObject(index, value);
            }
            index++;
        }
        return index;
    }
}
