package dev.replisync.jdbi;

import dev.replisync.strategy.rowversion.MemoryRecords;
import dev.replisync.strategy.rowversion.RowVersion;
import dev.replisync.tck.ConcurrencyContract;
import dev.replisync.tck.ServerCompliance;
import dev.replisync.tck.ServerSetup;
import dev.replisync.tck.Trait;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;

/** On each database; on H2 the records are in their table, on PostgreSQL handed over. */
class RowVersionOnJdbiTest {
    /** Of large views the contracts of the port take care: {@link ViewReadsKitTest}. */
    private static final int SOME_ROWS = 2_000;

    private static ServerSetup<Handle> rowVersion(DatabaseKind kind, Mapping mapping) {
        RowVersion strategy = new RowVersion();
        return ServerSetup.of(
                        () -> new JdbiFixture(kind, mapping),
                        kind == DatabaseKind.H2 ? strategy : strategy.records(new MemoryRecords()),
                        Trait.VIEW_RECORDS,
                        Trait.SEPARATE_SPACES)
                .withManyRows(SOME_ROWS);
    }

    @Nested
    class H2Hash extends ServerCompliance<Handle> {
        H2Hash() {
            super(rowVersion(DatabaseKind.H2, Mapping.LEDGER));
        }
    }

    @Nested
    @Tag("long")
    class H2Number extends ServerCompliance<Handle> {
        H2Number() {
            super(rowVersion(DatabaseKind.H2, Mapping.ROW_NUMBER).withBatch(1));
        }
    }

    @Nested
    class PostgresXmin extends ServerCompliance<Handle> {
        PostgresXmin() {
            super(rowVersion(DatabaseKind.POSTGRESQL, Mapping.LEDGER));
        }
    }

    @Nested
    @Tag("long")
    class PostgresGuid extends ServerCompliance<Handle> {
        PostgresGuid() {
            super(rowVersion(DatabaseKind.POSTGRESQL, Mapping.ROW_GUID_AND_DELETED)
                    .withBatch(1));
        }
    }

    /** Spaces are locked as version strategies do, so that mutators of a space run in turn. */
    private static ServerSetup<Handle> locking(DatabaseKind kind) {
        return ServerSetup.of(
                        () -> new JdbiFixture(kind, Mapping.LEDGER),
                        new RowVersion().lockingSpaces(),
                        Trait.VIEW_RECORDS,
                        Trait.SEPARATE_SPACES,
                        Trait.MUTATORS_IN_TURN)
                .withManyRows(SOME_ROWS);
    }

    @Nested
    class H2Locking extends ConcurrencyContract<Handle> {
        H2Locking() {
            super(locking(DatabaseKind.H2));
        }
    }

    @Nested
    @Tag("long")
    class PostgresLocking extends ServerCompliance<Handle> {
        PostgresLocking() {
            super(locking(DatabaseKind.POSTGRESQL));
        }
    }
}
