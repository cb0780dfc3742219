package dev.replisync.jdbi;

import dev.replisync.strategy.DiffStrategyProvider;
import dev.replisync.strategy.global.GlobalVersion;
import dev.replisync.strategy.rowversion.RowVersion;
import dev.replisync.strategy.space.SpaceVersion;
import dev.replisync.tck.StrategyChangeContract;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;

/** All directions on both databases, with each way to keep versions, and with spaces that are the application's rows. */
class StrategyChangeKitTest {
    private static final List<DiffStrategyProvider> STRATEGIES =
            List.of(new GlobalVersion(), new SpaceVersion(), new RowVersion());

    @Nested
    class H2Ledger extends StrategyChangeContract<Handle> {
        H2Ledger() {
            super(() -> new JdbiFixture(DatabaseKind.H2, Mapping.LEDGER), STRATEGIES);
        }
    }

    @Nested
    @Tag("long")
    class H2ColumnsAndOrganizations extends StrategyChangeContract<Handle> {
        H2ColumnsAndOrganizations() {
            super(() -> new JdbiFixture(DatabaseKind.H2, Mapping.VERSION_AND_DELETED, true), STRATEGIES);
        }
    }

    @Nested
    @Tag("long")
    class PostgresLedger extends StrategyChangeContract<Handle> {
        PostgresLedger() {
            super(() -> new JdbiFixture(DatabaseKind.POSTGRESQL, Mapping.LEDGER), STRATEGIES);
        }
    }

    @Nested
    class PostgresColumnAndOrganizations extends StrategyChangeContract<Handle> {
        PostgresColumnAndOrganizations() {
            super(() -> new JdbiFixture(DatabaseKind.POSTGRESQL, Mapping.VERSION_COLUMN, true), STRATEGIES);
        }
    }
}
