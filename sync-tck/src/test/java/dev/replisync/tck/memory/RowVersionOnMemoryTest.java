package dev.replisync.tck.memory;

import dev.replisync.strategy.rowversion.MemoryRecords;
import dev.replisync.strategy.rowversion.RowVersion;
import dev.replisync.tck.MemoryFixture;
import dev.replisync.tck.MemoryTx;
import dev.replisync.tck.ServerCompliance;
import dev.replisync.tck.ServerSetup;
import dev.replisync.tck.Trait;
import org.junit.jupiter.api.Nested;

class RowVersionOnMemoryTest {

    private static ServerSetup<MemoryTx> with(RowVersion strategy) {
        return ServerSetup.of(MemoryFixture::new, strategy, Trait.VIEW_RECORDS, Trait.SEPARATE_SPACES);
    }

    @Nested
    class RecordsOfTheStorage extends ServerCompliance<MemoryTx> {
        RecordsOfTheStorage() {
            super(with(new RowVersion()));
        }
    }

    @Nested
    class RecordsInMemory extends ServerCompliance<MemoryTx> {
        RecordsInMemory() {
            super(with(new RowVersion().records(new MemoryRecords()).hashedRecordIDs())
                    .withBatch(1));
        }
    }

    @Nested
    class ViewsKeptByTheStorage extends ServerCompliance<MemoryTx> {
        ViewsKeptByTheStorage() {
            super(ServerSetup.of(
                    MemoryFixture::keepingViews, new RowVersion(), Trait.VIEW_RECORDS, Trait.SEPARATE_SPACES));
        }
    }

    @Nested
    class LockingSpaces extends ServerCompliance<MemoryTx> {
        LockingSpaces() {
            super(ServerSetup.of(
                    MemoryFixture::new,
                    new RowVersion().lockingSpaces(),
                    Trait.VIEW_RECORDS,
                    Trait.SEPARATE_SPACES,
                    Trait.MUTATORS_IN_TURN));
        }
    }
}
