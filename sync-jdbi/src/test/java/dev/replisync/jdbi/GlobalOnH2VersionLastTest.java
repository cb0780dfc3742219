package dev.replisync.jdbi;

import dev.replisync.strategy.DiffStrategyProvider;
import dev.replisync.strategy.global.GlobalVersion;
import dev.replisync.tck.ServerCompliance;
import dev.replisync.tck.SyncFixture;
import org.jdbi.v3.core.Handle;

class GlobalOnH2VersionLastTest extends ServerCompliance<Handle> {
    @Override
    protected SyncFixture<Handle> fixture() {
        return new JdbiFixture(DatabaseKind.H2, Mapping.VERSION_COLUMN);
    }

    @Override
    protected DiffStrategyProvider strategy() {
        return new GlobalVersion();
    }

    @Override
    protected boolean versionLast() {
        return true;
    }
}
