package dev.replisync.jdbi;

import static dev.replisync.storage.Storage.Failure.PERMANENT;
import static dev.replisync.storage.Storage.Failure.POISONED;
import static dev.replisync.storage.Storage.Failure.TRANSIENT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.replisync.storage.Storage.Failure;
import dev.replisync.storage.Storage.Where;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Rule R24: whose constraint it was that spoke up at the commit. */
class CommitFaultTest {
    private static final Names NAMES = new Names(null, "replisync_");

    private static Failure classify(Throwable thrown, Where where) {
        return Classifier.classify(thrown, where, NAMES);
    }

    @Test
    void atTheCommitTheSdksOwnStatementsAreNobodysFault() {
        SQLException duplicate = new SQLException("x", "23505");
        assertThat(classify(new StorageException("own", duplicate), Where.COMMIT))
                .isEqualTo(TRANSIENT);
        assertThat(classify(StorageException.onApplicationTable(duplicate), Where.COMMIT))
                .isEqualTo(PERMANENT);
        assertThat(classify(new StorageException("own", new SQLException("x", "25P02")), Where.COMMIT))
                .isEqualTo(POISONED);
        assertThat(classify(new IllegalStateException("a mutator closed the handle"), Where.COMMIT))
                .isEqualTo(PERMANENT);
    }

    /** The same state means two things: the table that the server names tells them apart. */
    @Test
    void atTheCommitPostgresSaysWhoseConstraintItWas() {
        try (TestDatabase db = TestDatabase.create(DatabaseKind.POSTGRESQL)) {
            db.execute(
                    "create table replisync_client (id text primary key)",
                    "create table app (id text primary key)",
                    "insert into replisync_client values ('a')",
                    "insert into app values ('a')");
            for (Map.Entry<String, Failure> table :
                    Map.of("replisync_client", TRANSIENT, "app", PERMANENT).entrySet()) {
                try (var connection = db.pool().getConnection();
                        var statement = connection.createStatement()) {
                    statement.execute("insert into " + table.getKey() + " values ('a')");
                } catch (SQLException e) {
                    assertThat(classify(new StorageException("flush", e), Where.COMMIT))
                            .as(table.getKey())
                            .isEqualTo(table.getValue());
                }
            }
        }
    }
}
