package dev.replisync.jdbi;

import dev.replisync.strategy.DiffStrategyProvider;
import dev.replisync.strategy.global.GlobalVersion;
import dev.replisync.tck.ServerCompliance;
import dev.replisync.tck.SyncFixture;
import org.jdbi.v3.core.Handle;

class GlobalOnPostgresVersionLastTest extends ServerCompliance<Handle> {
    @Override
    protected SyncFixture<Handle> fixture() {
        return new JdbiFixture(DatabaseKind.POSTGRESQL, Mapping.LEDGER);
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
