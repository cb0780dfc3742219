package dev.replisync.jdbi;

import dev.replisync.strategy.DiffStrategyProvider;
import dev.replisync.strategy.global.GlobalVersion;
import dev.replisync.strategy.rowversion.MemoryRecords;
import dev.replisync.strategy.rowversion.RowVersion;
import dev.replisync.strategy.space.SpaceVersion;
import dev.replisync.tck.ServerSetup;
import dev.replisync.tck.SimulationContract;
import dev.replisync.tck.Trait;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.Nested;

/** The kit's histories, some of them, with each strategy and place for records on each database. */
class SimulationOnJdbiTest {
    static final int SOME = 3;

    static ServerSetup<Handle> global(DatabaseKind kind, Mapping mapping) {
        return ServerSetup.of(() -> new JdbiFixture(kind, mapping), new GlobalVersion(), Trait.VERSIONS);
    }

    static ServerSetup<Handle> space(DatabaseKind kind, Mapping mapping) {
        return apart(kind, mapping, new SpaceVersion(), Trait.VERSIONS);
    }

    static ServerSetup<Handle> rowVersion(DatabaseKind kind, Mapping mapping, RowVersion strategy) {
        return apart(kind, mapping, strategy, Trait.VIEW_RECORDS);
    }

    private static ServerSetup<Handle> apart(
            DatabaseKind kind, Mapping mapping, DiffStrategyProvider strategy, Trait trait) {
        return ServerSetup.of(() -> new JdbiFixture(kind, mapping), strategy, trait, Trait.SEPARATE_SPACES);
    }

    @Nested
    class H2Global extends SimulationContract<Handle> {
        H2Global() {
            super(global(DatabaseKind.H2, Mapping.LEDGER), SOME);
        }
    }

    @Nested
    class PostgresGlobal extends SimulationContract<Handle> {
        PostgresGlobal() {
            super(global(DatabaseKind.POSTGRESQL, Mapping.VERSION_COLUMN).withVersionLast(), SOME);
        }
    }

    @Nested
    class H2Space extends SimulationContract<Handle> {
        H2Space() {
            super(space(DatabaseKind.H2, Mapping.VERSION_AND_DELETED).withVersionLast(), SOME);
        }
    }

    @Nested
    class PostgresSpace extends SimulationContract<Handle> {
        PostgresSpace() {
            super(space(DatabaseKind.POSTGRESQL, Mapping.LEDGER), SOME);
        }
    }

    @Nested
    class H2RecordsInTheirTable extends SimulationContract<Handle> {
        H2RecordsInTheirTable() {
            super(rowVersion(DatabaseKind.H2, Mapping.ROW_HASH, new RowVersion()), SOME);
        }
    }

    @Nested
    class PostgresRecordsInMemory extends SimulationContract<Handle> {
        PostgresRecordsInMemory() {
            super(
                    rowVersion(
                            DatabaseKind.POSTGRESQL,
                            Mapping.ROW_GUID_AND_DELETED,
                            new RowVersion().records(new MemoryRecords())),
                    SOME);
        }
    }

    @Nested
    class PostgresRecordsAsRows extends SimulationContract<Handle> {
        PostgresRecordsAsRows() {
            super(rowVersion(DatabaseKind.POSTGRESQL, Mapping.LEDGER, new RowVersion()), SOME);
        }
    }
}
