package dev.replisync.jdbi;

import dev.replisync.tck.SyncFixture;
import dev.replisync.tck.VersionedReadsContract;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.Nested;

/** The kit's contract, on each database with each mapping. */
class VersionedReadsKitTest {
    @Nested
    class H2Ledger extends VersionedReadsContract<Handle> {
        @Override
        protected SyncFixture<Handle> fixture() {
            return new JdbiFixture(DatabaseKind.H2, Mapping.LEDGER);
        }
    }

    @Nested
    class H2VersionColumn extends VersionedReadsContract<Handle> {
        @Override
        protected SyncFixture<Handle> fixture() {
            return new JdbiFixture(DatabaseKind.H2, Mapping.VERSION_COLUMN);
        }
    }

    @Nested
    class H2VersionAndDeleted extends VersionedReadsContract<Handle> {
        @Override
        protected SyncFixture<Handle> fixture() {
            return new JdbiFixture(DatabaseKind.H2, Mapping.VERSION_AND_DELETED);
        }
    }

    @Nested
    class PostgresLedger extends VersionedReadsContract<Handle> {
        @Override
        protected SyncFixture<Handle> fixture() {
            return new JdbiFixture(DatabaseKind.POSTGRESQL, Mapping.LEDGER);
        }
    }

    @Nested
    class PostgresVersionColumn extends VersionedReadsContract<Handle> {
        @Override
        protected SyncFixture<Handle> fixture() {
            return new JdbiFixture(DatabaseKind.POSTGRESQL, Mapping.VERSION_COLUMN);
        }
    }

    @Nested
    class PostgresVersionAndDeleted extends VersionedReadsContract<Handle> {
        @Override
        protected SyncFixture<Handle> fixture() {
            return new JdbiFixture(DatabaseKind.POSTGRESQL, Mapping.VERSION_AND_DELETED);
        }
    }
}
