package dev.replisync.tck.pit;

import dev.replisync.strategy.rowversion.MemoryRecords;
import dev.replisync.strategy.rowversion.RowVersion;
import dev.replisync.tck.MemoryFixture;
import dev.replisync.tck.MemoryTx;
import dev.replisync.tck.ServerCompliance;
import dev.replisync.tck.ServerSetup;
import dev.replisync.tck.Trait;

/** Row versions, with records in memory. */
class Records extends ServerCompliance<MemoryTx> {
    Records() {
        super(ServerSetup.of(
                MemoryFixture::new,
                new RowVersion().records(new MemoryRecords()).hashedRecordIDs(),
                Trait.VIEW_RECORDS,
                Trait.SEPARATE_SPACES));
    }
}
