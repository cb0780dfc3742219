package dev.replisync.proofs;

import dev.replisync.strategy.global.GlobalVersion;
import dev.replisync.strategy.rowversion.MemoryRecords;
import dev.replisync.strategy.rowversion.RowVersion;
import dev.replisync.strategy.space.SpaceVersion;
import dev.replisync.tck.MemoryFixture;
import dev.replisync.tck.MemoryTx;
import dev.replisync.tck.ServerSetup;
import dev.replisync.tck.SimulationContract;
import dev.replisync.tck.Trait;
import org.junit.jupiter.api.Nested;

/** All strategies: some hundred histories in each build, and a hundred thousand with the long suites. */
class SimulationOnMemoryTest {
    private static final ServerSetup<MemoryTx> GLOBAL =
            ServerSetup.of(MemoryFixture::new, new GlobalVersion(), Trait.VERSIONS);

    private static final ServerSetup<MemoryTx> SPACE =
            ServerSetup.of(MemoryFixture::new, new SpaceVersion(), Trait.VERSIONS, Trait.SEPARATE_SPACES);

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

    private abstract static class Some extends SimulationContract<MemoryTx> {
        Some(ServerSetup<MemoryTx> setup) {
            super(setup, 100, 12_500);
        }
    }

    private static ServerSetup<MemoryTx> rowVersion(RowVersion strategy) {
        return ServerSetup.of(MemoryFixture::new, strategy, Trait.VIEW_RECORDS, Trait.SEPARATE_SPACES);
    }

    @Nested
    class GlobalVersionFirst extends Some {
        GlobalVersionFirst() {
            super(GLOBAL);
        }
    }

    @Nested
    class GlobalVersionLast extends Some {
        GlobalVersionLast() {
            super(GLOBAL.withVersionLast().withBatch(1));
        }
    }

    @Nested
    class SpaceVersionFirst extends Some {
        SpaceVersionFirst() {
            super(SPACE.withBatch(5));
        }
    }

    @Nested
    class SpaceVersionLast extends Some {
        SpaceVersionLast() {
            super(SPACE.withVersionLast().withBatch(3));
        }
    }

    @Nested
    class RowVersionRecordsOfTheStorage extends Some {
        RowVersionRecordsOfTheStorage() {
            super(RECORDS_OF_THE_STORAGE);
        }
    }

    @Nested
    class RowVersionRecordsInMemory extends Some {
        RowVersionRecordsInMemory() {
            super(RECORDS_IN_MEMORY);
        }
    }

    @Nested
    class RowVersionViewsKept extends Some {
        RowVersionViewsKept() {
            super(VIEWS_KEPT);
        }
    }

    @Nested
    class RowVersionLockingSpaces extends Some {
        RowVersionLockingSpaces() {
            super(LOCKING_SPACES);
        }
    }
}
