package dev.replisync.jdbi;

import dev.replisync.strategy.global.GlobalVersion;
import dev.replisync.tck.ServerCompliance;
import dev.replisync.tck.ServerSetup;
import dev.replisync.tck.Trait;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;

/**
 * On each database with the version taken first and last; between them the mappings and sizes of batches. By default each
 * database and each way once, the other combinations with the long suites.
 */
class GlobalOnJdbiTest {
    private static final int SOME_ROWS = 2_000;
    private static final int MANY_ROWS = 66_000;

    private static ServerSetup<Handle> global(DatabaseKind kind, Mapping mapping) {
        return ServerSetup.of(() -> new JdbiFixture(kind, mapping), new GlobalVersion(), Trait.VERSIONS)
                .withManyRows(SOME_ROWS);
    }

    @Nested
    @Tag("long")
    class H2VersionFirst extends ServerCompliance<Handle> {
        H2VersionFirst() {
            super(global(DatabaseKind.H2, Mapping.LEDGER));
        }
    }

    @Nested
    class H2VersionLast extends ServerCompliance<Handle> {
        H2VersionLast() {
            super(global(DatabaseKind.H2, Mapping.VERSION_COLUMN)
                    .withVersionLast()
                    .withManyRows(MANY_ROWS));
        }
    }

    @Nested
    class PostgresVersionFirst extends ServerCompliance<Handle> {
        PostgresVersionFirst() {
            super(global(DatabaseKind.POSTGRESQL, Mapping.VERSION_AND_DELETED)
                    .withBatch(1)
                    .withManyRows(MANY_ROWS));
        }
    }

    @Nested
    @Tag("long")
    class PostgresVersionLast extends ServerCompliance<Handle> {
        PostgresVersionLast() {
            super(global(DatabaseKind.POSTGRESQL, Mapping.LEDGER).withVersionLast());
        }
    }
}
