package dev.replisync.tck.memory;

import dev.replisync.tck.MemoryTx;
import dev.replisync.tck.ServerSetup;
import dev.replisync.tck.SimulationContract;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;

/**
 * Forty thousand histories; {@code -Dreplisync.tck.histories=12500} makes them a hundred
 * thousand.
 */
@Tag("long")
class LongSimulationOnMemoryTest {
    private abstract static class Some extends SimulationContract<MemoryTx> {
        Some(ServerSetup<MemoryTx> setup) {
            super(setup, 5_000);
        }
    }

    @Nested
    class GlobalVersionFirst extends Some {
        GlobalVersionFirst() {
            super(SimulatedSetups.GLOBAL);
        }
    }

    @Nested
    class GlobalVersionLast extends Some {
        GlobalVersionLast() {
            super(SimulatedSetups.GLOBAL.withVersionLast().withBatch(1));
        }
    }

    @Nested
    class SpaceVersionFirst extends Some {
        SpaceVersionFirst() {
            super(SimulatedSetups.SPACE.withBatch(1));
        }
    }

    @Nested
    class SpaceVersionLast extends Some {
        SpaceVersionLast() {
            super(SimulatedSetups.SPACE.withVersionLast().withBatch(3));
        }
    }

    @Nested
    class RowVersionRecordsOfTheStorage extends Some {
        RowVersionRecordsOfTheStorage() {
            super(SimulatedSetups.RECORDS_OF_THE_STORAGE);
        }
    }

    @Nested
    class RowVersionRecordsInMemory extends Some {
        RowVersionRecordsInMemory() {
            super(SimulatedSetups.RECORDS_IN_MEMORY);
        }
    }

    @Nested
    class RowVersionViewsKept extends Some {
        RowVersionViewsKept() {
            super(SimulatedSetups.VIEWS_KEPT);
        }
    }

    @Nested
    class RowVersionLockingSpaces extends Some {
        RowVersionLockingSpaces() {
            super(SimulatedSetups.LOCKING_SPACES);
        }
    }
}
