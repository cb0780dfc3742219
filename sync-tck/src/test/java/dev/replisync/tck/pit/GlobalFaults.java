package dev.replisync.tck.pit;

import dev.replisync.strategy.global.GlobalVersion;
import dev.replisync.tck.MemoryFixture;
import dev.replisync.tck.MemoryTx;
import dev.replisync.tck.PushFaultContract;
import dev.replisync.tck.ServerSetup;
import dev.replisync.tck.Trait;

/** Of the global strategy that contract alone which changes of the push loop meet first. */
class GlobalFaults extends PushFaultContract<MemoryTx> {
    GlobalFaults() {
        super(ServerSetup.of(MemoryFixture::new, new GlobalVersion(), Trait.VERSIONS));
    }
}
