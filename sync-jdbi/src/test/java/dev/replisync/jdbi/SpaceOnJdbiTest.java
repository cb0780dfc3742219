package dev.replisync.jdbi;

import dev.replisync.strategy.space.SpaceVersion;
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
class SpaceOnJdbiTest {
    private static final int SOME_ROWS = 2_000;

    private static ServerSetup<Handle> space(DatabaseKind kind, Mapping mapping) {
        return ServerSetup.of(
                        () -> new JdbiFixture(kind, mapping), new SpaceVersion(), Trait.VERSIONS, Trait.SEPARATE_SPACES)
                .withManyRows(SOME_ROWS);
    }

    @Nested
    class H2VersionFirst extends ServerCompliance<Handle> {
        H2VersionFirst() {
            super(space(DatabaseKind.H2, Mapping.VERSION_AND_DELETED));
        }
    }

    @Nested
    @Tag("long")
    class H2VersionLast extends ServerCompliance<Handle> {
        H2VersionLast() {
            super(space(DatabaseKind.H2, Mapping.LEDGER).withVersionLast());
        }
    }

    @Nested
    @Tag("long")
    class PostgresVersionFirst extends ServerCompliance<Handle> {
        PostgresVersionFirst() {
            super(space(DatabaseKind.POSTGRESQL, Mapping.LEDGER).withBatch(1));
        }
    }

    @Nested
    class PostgresVersionLast extends ServerCompliance<Handle> {
        PostgresVersionLast() {
            super(space(DatabaseKind.POSTGRESQL, Mapping.VERSION_COLUMN).withVersionLast());
        }
    }

    /** Spaces that are rows of a table of the application. */
    private static ServerSetup<Handle> organizations(DatabaseKind kind, Mapping mapping) {
        return ServerSetup.of(
                        () -> new JdbiFixture(kind, mapping, true),
                        new SpaceVersion(),
                        Trait.VERSIONS,
                        Trait.SEPARATE_SPACES)
                .withManyRows(SOME_ROWS);
    }

    @Nested
    class OrganizationsOnH2 extends ServerCompliance<Handle> {
        OrganizationsOnH2() {
            super(organizations(DatabaseKind.H2, Mapping.VERSION_COLUMN).withVersionLast());
        }
    }

    @Nested
    class OrganizationsOnPostgres extends ServerCompliance<Handle> {
        OrganizationsOnPostgres() {
            super(organizations(DatabaseKind.POSTGRESQL, Mapping.VERSION_AND_DELETED));
        }
    }

    @Nested
    @Tag("long")
    class OrganizationsOnPostgresVersionLast extends ServerCompliance<Handle> {
        OrganizationsOnPostgresVersionLast() {
            super(organizations(DatabaseKind.POSTGRESQL, Mapping.LEDGER).withVersionLast());
        }
    }
}
