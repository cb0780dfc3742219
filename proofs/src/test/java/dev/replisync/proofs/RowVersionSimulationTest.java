package dev.replisync.proofs;

import dev.replisync.strategy.global.GlobalVersion;
import dev.replisync.strategy.rowversion.MemoryRecords;
import dev.replisync.strategy.rowversion.RowVersion;
import dev.replisync.strategy.space.SpaceVersion;
import dev.replisync.tck.MemoryFixture;
import dev.replisync.tck.MemoryTx;
import dev.replisync.tck.ServerSetup;
import dev.replisync.tck.Trait;
import java.util.List;
import org.junit.jupiter.api.Nested;

/** Histories of the strategy that compares row versions, wherever its records are, and of changes to others. */
class RowVersionSimulationTest {
    private static final ServerSetup<MemoryTx> RECORDS_OF_THE_STORAGE = rowVersion(new RowVersion());

    private static final ServerSetup<MemoryTx> RECORDS_IN_MEMORY = ServerSetup.of(
                    MemoryFixture::pokingReaders,
                    new RowVersion()
                            .records(new MemoryRecords())
                            .hashedRecordIDs()
                            .channels(MemoryFixture::channels),
                    Trait.VIEW_RECORDS,
                    Trait.SEPARATE_SPACES)
            .withBatch(1);

    private static final ServerSetup<MemoryTx> VIEWS_KEPT =
            ServerSetup.of(MemoryFixture::keepingViews, new RowVersion(), Trait.VIEW_RECORDS, Trait.SEPARATE_SPACES);

    private static final ServerSetup<MemoryTx> LOCKING_SPACES = ServerSetup.of(
            MemoryFixture::new,
            new RowVersion().lockingSpaces(),
            Trait.VIEW_RECORDS,
            Trait.SEPARATE_SPACES,
            Trait.MUTATORS_IN_TURN);

    private static ServerSetup<MemoryTx> rowVersion(RowVersion strategy) {
        return ServerSetup.of(MemoryFixture::new, strategy, Trait.VIEW_RECORDS, Trait.SEPARATE_SPACES);
    }

    @Nested
    class RowVersionRecordsOfTheStorage extends SimulationOnMemory {
        RowVersionRecordsOfTheStorage() {
            super(RECORDS_OF_THE_STORAGE);
        }
    }

    @Nested
    class RowVersionRecordsInMemory extends SimulationOnMemory {
        RowVersionRecordsInMemory() {
            super(RECORDS_IN_MEMORY);
        }
    }

    @Nested
    class RowVersionViewsKept extends SimulationOnMemory {
        RowVersionViewsKept() {
            super(VIEWS_KEPT);
        }
    }

    @Nested
    class RowVersionLockingSpaces extends SimulationOnMemory {
        RowVersionLockingSpaces() {
            super(LOCKING_SPACES);
        }
    }

    @Nested
    class RowVersionViewsKeptThenOthers extends SimulationOnMemory {
        RowVersionViewsKeptThenOthers() {
            super(VIEWS_KEPT, List.of(new GlobalVersion(), new SpaceVersion()));
        }
    }
}
