package dev.replisync.jdbi;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;

class FetchSizeTest {
    private static final int FIRST = 10;

    /** What is fetched next after so many rows of a length. */
    private static int after(int rows, long length) throws SQLException {
        try (TestDatabase db = TestDatabase.postgres("");
                Connection connection = db.pool().getConnection();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            FetchSize fetching = FetchSize.first(statement, FIRST);
            try (ResultSet result = statement.executeQuery("select generate_series(1, 20000)")) {
                for (int i = 0; i < rows; i++) {
                    assertThat(result.next()).isTrue();
                    fetching.read(result, length);
                }
                int next = result.getFetchSize();
                connection.rollback();
                return next;
            }
        }
    }

    @Test
    void smallRowsAreFetchedInGrowingNumbers() throws SQLException {
        assertThat(after(FIRST - 1, 100)).isEqualTo(FIRST);
        assertThat(after(FIRST, 100)).isEqualTo(2 * FIRST);
        assertThat(after(FIRST + 2 * FIRST, 100)).isEqualTo(4 * FIRST);
        assertThat(after(15_000, 0)).isEqualTo(FetchSize.MOST);
    }

    @Test
    void whatIsFetchedAtOnceIsAboutAMegabyte() throws SQLException {
        assertThat(after(15_000, 1_024)).isEqualTo(1_024);
        assertThat(after(FIRST, 1 << 18)).isEqualTo(4);
        assertThat(after(FIRST + 4, 1 << 30)).as("one row at least").isEqualTo(1);
    }
}
