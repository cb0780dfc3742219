package dev.replisync.tck.pit;

import dev.replisync.strategy.global.GlobalVersion;
import dev.replisync.tck.MemoryFixture;
import dev.replisync.tck.MemoryTx;
import dev.replisync.tck.ServerCompliance;
import dev.replisync.tck.ServerSetup;
import dev.replisync.tck.Trait;

/** The global strategy, version first. */
class GlobalFirst extends ServerCompliance<MemoryTx> {
    GlobalFirst() {
        super(ServerSetup.of(MemoryFixture::new, new GlobalVersion(), Trait.VERSIONS)
                .withReplicas(new GlobalVersion().pullingFromReplicas()));
    }
}
