package dev.replisync.jdbi;

import dev.replisync.strategy.rowversion.RowVersion;
import dev.replisync.tck.ServerCompliance;
import dev.replisync.tck.ServerSetup;
import dev.replisync.tck.Trait;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.Nested;

/** The kit with the records that the strategy takes by itself on PostgreSQL: those that are kept as rows. */
class KeptOnPostgresTest {
    private static ServerSetup<Handle> kept(Mapping mapping) {
        return ServerSetup.of(
                () -> new JdbiFixture(DatabaseKind.POSTGRESQL, mapping),
                new RowVersion(),
                Trait.VIEW_RECORDS,
                Trait.SEPARATE_SPACES);
    }

    @Nested
    class Xmin extends ServerCompliance<Handle> {
        Xmin() {
            super(kept(Mapping.LEDGER));
        }
    }
}
