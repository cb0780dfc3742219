package dev.replisync.tck.memory;

import dev.replisync.strategy.DiffStrategyProvider;
import dev.replisync.strategy.global.GlobalVersion;
import dev.replisync.tck.MemoryFixture;
import dev.replisync.tck.MemoryTx;
import dev.replisync.tck.ServerCompliance;
import dev.replisync.tck.SyncFixture;
import java.util.Optional;

class GlobalOnMemoryVersionLastTest extends ServerCompliance<MemoryTx> {
    @Override
    protected SyncFixture<MemoryTx> fixture() {
        return new MemoryFixture();
    }

    @Override
    protected DiffStrategyProvider strategy() {
        return new GlobalVersion();
    }

    @Override
    protected Optional<DiffStrategyProvider> strategyOnReplicas() {
        return Optional.of(new GlobalVersion().pullingFromReplicas());
    }

    @Override
    protected boolean versionLast() {
        return true;
    }

    @Override
    protected int batch() {
        return 100;
    }
}
