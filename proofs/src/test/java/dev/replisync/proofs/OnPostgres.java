package dev.replisync.proofs;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Experiments on a PostgreSQL of their own, which all of a class share. */
@Tag("long")
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class OnPostgres {
    private final String[] options;
    private Postgres postgres;

    /** With options for PostgreSQL, as {@link Postgres#start} takes them. */
    OnPostgres(String... options) {
        this.options = options;
    }

    @BeforeAll
    final void start(@TempDir Path data) {
        postgres = Postgres.start(data, options);
    }

    @AfterAll
    final void stop() {
        postgres.close();
    }

    final Postgres postgres() {
        return postgres;
    }
}
