package dev.replisync.jdbi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replisync.storage.Storage.Failure;
import dev.replisync.storage.Storage.Where;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.BatchUpdateException;
import java.sql.SQLException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientConnectionException;
import org.jdbi.v3.core.ConnectionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** R24, R25: by place, then by SQLState, through every wrapping. */
class ClassifierTest {
    private static final Names NAMES = new Names(null, "replisync_");

    @ParameterizedTest
    @CsvSource({
        // SQLState, in a mutator, at the commit
        "40001, TRANSIENT, TRANSIENT",
        "40P01, TRANSIENT, TRANSIENT",
        "40003, TRANSIENT, UNKNOWN",
        "55P03, TRANSIENT, TRANSIENT",
        "57014, TRANSIENT, UNKNOWN",
        "57P01, TRANSIENT, UNKNOWN",
        "08006, TRANSIENT, UNKNOWN",
        "08003, TRANSIENT, UNKNOWN",
        "53300, TRANSIENT, TRANSIENT",
        "53100, TRANSIENT, TRANSIENT",
        "HYT00, TRANSIENT, TRANSIENT",
        "90067, TRANSIENT, UNKNOWN",
        "25P02, POISONED, POISONED",
        "HY000, POISONED, POISONED",
        "23505, PERMANENT, PERMANENT",
        "23503, PERMANENT, PERMANENT",
        "P0001, PERMANENT, PERMANENT",
        "22021, PERMANENT, PERMANENT",
        "42P01, PERMANENT, PERMANENT",
    })
    void saysWhatASqlStateMeans(String state, Failure mutator, Failure commit) {
        SQLException thrown = new SQLException("on purpose", state);
        assertThat(classify(thrown, Where.MUTATOR)).isEqualTo(mutator);
        assertThat(classify(thrown, Where.COMMIT)).isEqualTo(commit);
        assertThat(classify(thrown, Where.SDK)).isEqualTo(Failure.TRANSIENT);
    }

    @Test
    void seesThroughEveryWrapping() {
        SQLException deadlock = new SQLException("on purpose", "40P01");
        BatchUpdateException batch = new BatchUpdateException();
        batch.setNextException(deadlock);
        RuntimeException suppressing = new IllegalStateException("wrapped");
        suppressing.addSuppressed(deadlock);

        assertThat(classify(new RuntimeException(new Exception(deadlock)), Where.MUTATOR))
                .isEqualTo(Failure.TRANSIENT);
        assertThat(classify(new RuntimeException(batch), Where.MUTATOR)).isEqualTo(Failure.TRANSIENT);
        assertThat(classify(suppressing, Where.MUTATOR)).isEqualTo(Failure.TRANSIENT);
        RuntimeException circle = new RuntimeException("a");
        RuntimeException other = new RuntimeException("b", circle);
        circle.initCause(other);
        assertThat(classify(circle, Where.MUTATOR)).isEqualTo(Failure.PERMANENT);
    }

    @Test
    void takesAnExhaustedPoolForTransient() {
        assertThat(classify(
                        new ConnectionException(new SQLTransientConnectionException("Connection is not available")),
                        Where.MUTATOR))
                .isEqualTo(Failure.TRANSIENT);
        assertThat(classify(new SQLRecoverableException("gone"), Where.COMMIT)).isEqualTo(Failure.UNKNOWN);
    }

    @Test
    void takesWhatIsNoSqlForTheMutatorsFault() {
        assertThat(classify(new UncheckedIOException(new IOException("x")), Where.MUTATOR))
                .isEqualTo(Failure.PERMANENT);
    }

    private static Failure classify(Throwable thrown, Where where) {
        return Classifier.classify(thrown, where, NAMES);
    }
}
