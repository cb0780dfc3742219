package dev.replisync.proofs;

import dev.replisync.strategy.global.GlobalVersion;
import dev.replisync.strategy.rowversion.RowVersion;
import dev.replisync.strategy.space.SpaceVersion;
import dev.replisync.tck.MemoryFixture;
import dev.replisync.tck.MemoryTx;
import dev.replisync.tck.ServerSetup;
import dev.replisync.tck.Trait;
import java.util.List;
import org.junit.jupiter.api.Nested;

/** Histories of the strategies that number versions, and of changes from one to another. */
class VersionSimulationTest {
    private static final ServerSetup<MemoryTx> GLOBAL =
            ServerSetup.of(MemoryFixture::new, new GlobalVersion(), Trait.VERSIONS);

    private static final ServerSetup<MemoryTx> SPACE =
            ServerSetup.of(MemoryFixture::new, new SpaceVersion(), Trait.VERSIONS, Trait.SEPARATE_SPACES);

    @Nested
    class GlobalVersionFirst extends SimulationOnMemory {
        GlobalVersionFirst() {
            super(GLOBAL);
        }
    }

    @Nested
    class GlobalVersionLast extends SimulationOnMemory {
        GlobalVersionLast() {
            super(GLOBAL.withVersionLast().withBatch(1));
        }
    }

    @Nested
    class SpaceVersionFirst extends SimulationOnMemory {
        SpaceVersionFirst() {
            super(SPACE.withBatch(5));
        }
    }

    @Nested
    class SpaceVersionLast extends SimulationOnMemory {
        SpaceVersionLast() {
            super(SPACE.withVersionLast().withBatch(3));
        }
    }

    @Nested
    class GlobalThenOthers extends SimulationOnMemory {
        GlobalThenOthers() {
            super(GLOBAL, List.of(new SpaceVersion(), new RowVersion()));
        }
    }

    @Nested
    class SpaceThenRowVersion extends SimulationOnMemory {
        SpaceThenRowVersion() {
            super(SPACE.withVersionLast().withBatch(5), List.of(new RowVersion()));
        }
    }
}
