package dev.replisync.jdbi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Statements that go together: each result to its own reader, nothing after a failure. */
class FlushTest {

    @ParameterizedTest
    @EnumSource(DatabaseKind.class)
    void eachResultGoesToItsStatement(DatabaseKind kind) throws SQLException {
        try (TestDatabase db = TestDatabase.create(kind);
                Connection connection = db.pool().getConnection()) {
            db.execute("create table x (id bigint primary key, t varchar)");
            connection.setAutoCommit(false);
            List<String> read = new ArrayList<>();
            Flush flush = new Flush(kind);
            flush.add("insert into x values (?, ?)", List.of(1L, "a"));
            flush.add("select t from x where id = ?", List.of(1L), row -> read.add("first " + row.getString(1)));
            flush.add("update x set t = ? where id = any(?)", List.of("b;?", new Long[] {1L, 2L}));
            flush.add(
                    "select t from x where t = any(?)",
                    List.of((Object) new String[] {"b;?"}),
                    row -> read.add("second " + row.getString(1)));
            flush.add("select t from x where id = 9", List.of(), row -> read.add("third"));
            flush.add("commit", List.of());
            flush.run(connection);
            assertThat(read).containsExactly("first a", "second b;?");
            connection.rollback();
            Flush after = new Flush(kind);
            after.add("select t from x", List.of(), row -> read.add("committed " + row.getString(1)));
            after.run(connection);
            assertThat(read).contains("committed b;?");
            connection.rollback();
        }
    }

    @ParameterizedTest
    @EnumSource(DatabaseKind.class)
    void nothingRunsAfterAFailure(DatabaseKind kind) throws SQLException {
        try (TestDatabase db = TestDatabase.create(kind);
                Connection connection = db.pool().getConnection()) {
            db.execute("create table x (id bigint primary key)");
            connection.setAutoCommit(false);
            Flush flush = new Flush(kind);
            flush.add("insert into x values (1)", List.of());
            flush.add("insert into x values (1)", List.of());
            flush.add("commit", List.of());
            assertThatThrownBy(() -> flush.run(connection))
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("23505"));
            connection.rollback();
            List<Integer> counts = new ArrayList<>();
            new Flush(kind)
                    .add("select count(*) from x", List.of(), row -> counts.add(row.getInt(1)))
                    .run(connection);
            assertThat(counts).containsExactly(0);
            connection.rollback();
        }
    }
}
