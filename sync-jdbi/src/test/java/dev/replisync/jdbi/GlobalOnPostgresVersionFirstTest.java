package dev.replisync.jdbi;

import dev.replisync.strategy.DiffStrategyProvider;
import dev.replisync.strategy.global.GlobalVersion;
import dev.replisync.tck.ServerCompliance;
import dev.replisync.tck.SyncFixture;
import org.jdbi.v3.core.Handle;

class GlobalOnPostgresVersionFirstTest extends ServerCompliance<Handle> {
    @Override
    protected SyncFixture<Handle> fixture() {
        return new JdbiFixture(DatabaseKind.POSTGRESQL, Mapping.VERSION_AND_DELETED);
    }

    @Override
    protected DiffStrategyProvider strategy() {
        return new GlobalVersion();
    }

    @Override
    protected boolean versionLast() {
        return false;
    }

    @Override
    protected int batch() {
        return 1;
    }
}
