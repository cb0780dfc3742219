package dev.replisync.tck.memory;

import dev.replisync.strategy.DiffStrategyProvider;
import dev.replisync.strategy.global.GlobalVersion;
import dev.replisync.strategy.rowversion.MemoryRecords;
import dev.replisync.strategy.rowversion.RowVersion;
import dev.replisync.strategy.space.SpaceVersion;
import dev.replisync.tck.MemoryFixture;
import dev.replisync.tck.MemoryTx;
import dev.replisync.tck.StrategyChangeContract;
import java.util.List;
import org.junit.jupiter.api.Nested;

/** All directions, wherever view records are kept. */
class StrategyChangeOnMemoryTest {

    private static List<DiffStrategyProvider> with(RowVersion rowVersion) {
        return List.of(new GlobalVersion(), new SpaceVersion(), rowVersion);
    }

    @Nested
    class RecordsOfTheStorage extends StrategyChangeContract<MemoryTx> {
        RecordsOfTheStorage() {
            super(MemoryFixture::new, with(new RowVersion()));
        }
    }

    @Nested
    class RecordsInMemory extends StrategyChangeContract<MemoryTx> {
        RecordsInMemory() {
            super(MemoryFixture::new, with(new RowVersion().records(new MemoryRecords())));
        }
    }

    @Nested
    class ViewsKeptByTheStorage extends StrategyChangeContract<MemoryTx> {
        ViewsKeptByTheStorage() {
            super(MemoryFixture::keepingViews, with(new RowVersion()));
        }
    }
}
