package dev.replisync.tck.memory;

import dev.replisync.strategy.global.GlobalVersion;
import dev.replisync.strategy.rowversion.MemoryRecords;
import dev.replisync.strategy.rowversion.RowVersion;
import dev.replisync.strategy.space.SpaceVersion;
import dev.replisync.tck.MemoryFixture;
import dev.replisync.tck.MemoryTx;
import dev.replisync.tck.ServerSetup;
import dev.replisync.tck.Trait;

/** All strategies on the store in memory. */
final class SimulatedSetups {
    static final ServerSetup<MemoryTx> GLOBAL = ServerSetup.of(MemoryFixture::new, new GlobalVersion(), Trait.VERSIONS);

    static final ServerSetup<MemoryTx> SPACE =
            ServerSetup.of(MemoryFixture::new, new SpaceVersion(), Trait.VERSIONS, Trait.SEPARATE_SPACES);

    static final ServerSetup<MemoryTx> RECORDS_OF_THE_STORAGE = rowVersion(new RowVersion());

    static final ServerSetup<MemoryTx> RECORDS_IN_MEMORY = rowVersion(
                    new RowVersion().records(new MemoryRecords()).hashedRecordIDs())
            .withBatch(1);

    static final ServerSetup<MemoryTx> VIEWS_KEPT =
            ServerSetup.of(MemoryFixture::keepingViews, new RowVersion(), Trait.VIEW_RECORDS, Trait.SEPARATE_SPACES);

    static final ServerSetup<MemoryTx> LOCKING_SPACES = ServerSetup.of(
            MemoryFixture::new,
            new RowVersion().lockingSpaces(),
            Trait.VIEW_RECORDS,
            Trait.SEPARATE_SPACES,
            Trait.MUTATORS_IN_TURN);

    private SimulatedSetups() {}

    private static ServerSetup<MemoryTx> rowVersion(RowVersion strategy) {
        return ServerSetup.of(MemoryFixture::new, strategy, Trait.VIEW_RECORDS, Trait.SEPARATE_SPACES);
    }
}
