package dev.replisync.tck.memory;

import dev.replisync.strategy.reset.Reset;
import dev.replisync.tck.MemoryFixture;
import dev.replisync.tck.MemoryTx;
import dev.replisync.tck.ServerCompliance;
import dev.replisync.tck.ServerSetup;
import dev.replisync.tck.Trait;
import org.junit.jupiter.api.Nested;

class ResetOnMemoryTest {
    private static final ServerSetup<MemoryTx> RESET =
            ServerSetup.of(MemoryFixture::new, new Reset(), Trait.VERSIONS, Trait.SEPARATE_SPACES, Trait.WHOLE_VIEWS);

    @Nested
    class VersionFirst extends ServerCompliance<MemoryTx> {
        VersionFirst() {
            super(RESET);
        }
    }

    @Nested
    class VersionLast extends ServerCompliance<MemoryTx> {
        VersionLast() {
            super(RESET.withVersionLast());
        }
    }
}
