package dev.replisync.jdbi;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * How many rows a cursor fetches at once: as many as make about a megabyte, going by those that came last, so that many
 * small rows take few round trips and large ones little memory. For one result.
 */
final class FetchSize {
    static final int MOST = 4_000;
    private static final long BYTES = 1 << 20;

    private int size;
    private int rows;
    private long bytes;

    private FetchSize(int size) {
        this.size = size;
    }

    /** Sets a statement's; 0 if results are in memory anyway. */
    static FetchSize first(Statement statement, int size) throws SQLException {
        statement.setFetchSize(size);
        return new FetchSize(size);
    }

    /** Notes that a row was read. */
    void read(ResultSet result, long length) throws SQLException {
        bytes += length;
        if (++rows == size) {
            // Grows slowly, because what comes may be larger than what came.
            long fits = Math.min(2L * size, BYTES / Math.max(1, bytes / rows));
            size = (int) Math.max(1, Math.min(MOST, fits));
            result.setFetchSize(size);
            rows = 0;
            bytes = 0;
        }
    }
}
