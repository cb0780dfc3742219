package dev.replisync.jdbi;

import dev.replisync.strategy.DiffStrategyProvider;
import dev.replisync.strategy.global.GlobalVersion;
import dev.replisync.strategy.rowversion.MemoryRecords;
import dev.replisync.strategy.rowversion.RowVersion;
import dev.replisync.strategy.space.SpaceVersion;
import dev.replisync.tck.ServerSetup;
import dev.replisync.tck.SimulationContract;
import dev.replisync.tck.Trait;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;

/** The kit's histories, a few by default, with each strategy and place for records on each database. */
class SimulationOnJdbiTest {
    private abstract static class Histories extends SimulationContract<Handle> {
        Histories(ServerSetup<Handle> setup) {
            super(setup, 3, 40);
        }
    }

    private static ServerSetup<Handle> global(DatabaseKind kind, Mapping mapping) {
        return ServerSetup.of(() -> new JdbiFixture(kind, mapping), new GlobalVersion(), Trait.VERSIONS);
    }

    private static ServerSetup<Handle> space(DatabaseKind kind, Mapping mapping) {
        return apart(kind, mapping, new SpaceVersion(), Trait.VERSIONS);
    }

    private static ServerSetup<Handle> rowVersion(DatabaseKind kind, Mapping mapping, RowVersion strategy) {
        return apart(kind, mapping, strategy, Trait.VIEW_RECORDS);
    }

    private static ServerSetup<Handle> apart(
            DatabaseKind kind, Mapping mapping, DiffStrategyProvider strategy, Trait trait) {
        return ServerSetup.of(() -> new JdbiFixture(kind, mapping), strategy, trait, Trait.SEPARATE_SPACES);
    }

    @Nested
    class H2Global extends Histories {
        H2Global() {
            super(global(DatabaseKind.H2, Mapping.LEDGER));
        }
    }

    @Nested
    class PostgresGlobal extends Histories {
        PostgresGlobal() {
            super(global(DatabaseKind.POSTGRESQL, Mapping.VERSION_COLUMN).withVersionLast());
        }
    }

    @Nested
    class H2Space extends Histories {
        H2Space() {
            super(space(DatabaseKind.H2, Mapping.VERSION_AND_DELETED).withVersionLast());
        }
    }

    @Nested
    class PostgresSpace extends Histories {
        PostgresSpace() {
            super(space(DatabaseKind.POSTGRESQL, Mapping.LEDGER));
        }
    }

    @Nested
    class H2RecordsInTheirTable extends Histories {
        H2RecordsInTheirTable() {
            super(rowVersion(DatabaseKind.H2, Mapping.ROW_HASH, new RowVersion()));
        }
    }

    @Nested
    class PostgresRecordsInMemory extends Histories {
        PostgresRecordsInMemory() {
            super(rowVersion(
                    DatabaseKind.POSTGRESQL,
                    Mapping.ROW_GUID_AND_DELETED,
                    new RowVersion().records(new MemoryRecords())));
        }
    }

    @Nested
    class PostgresRecordsAsRows extends Histories {
        PostgresRecordsAsRows() {
            super(rowVersion(DatabaseKind.POSTGRESQL, Mapping.LEDGER, new RowVersion()));
        }
    }

    private abstract static class Changes extends SimulationContract<Handle> {
        Changes(DatabaseKind kind) {
            super(space(kind, Mapping.LEDGER), List.of(new RowVersion()), 3, 3);
        }
    }

    @Nested
    @Tag("long")
    class H2Changes extends Changes {
        H2Changes() {
            super(DatabaseKind.H2);
        }
    }

    @Nested
    @Tag("long")
    class PostgresChanges extends Changes {
        PostgresChanges() {
            super(DatabaseKind.POSTGRESQL);
        }
    }
}
