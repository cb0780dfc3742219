package dev.replisync.tck.memory;

import dev.replisync.strategy.global.GlobalVersion;
import dev.replisync.tck.MemoryFixture;
import dev.replisync.tck.MemoryTx;
import dev.replisync.tck.ServerCompliance;
import dev.replisync.tck.ServerSetup;
import dev.replisync.tck.Trait;
import org.junit.jupiter.api.Nested;

class GlobalOnMemoryTest {
    private static final ServerSetup<MemoryTx> GLOBAL = ServerSetup.of(
                    MemoryFixture::new, new GlobalVersion(), Trait.VERSIONS)
            .withReplicas(new GlobalVersion().pullingFromReplicas());

    @Nested
    class VersionFirst extends ServerCompliance<MemoryTx> {
        VersionFirst() {
            super(GLOBAL);
        }
    }

    @Nested
    class VersionFirstSingly extends ServerCompliance<MemoryTx> {
        VersionFirstSingly() {
            super(GLOBAL.withBatch(1));
        }
    }

    @Nested
    class VersionLast extends ServerCompliance<MemoryTx> {
        VersionLast() {
            super(GLOBAL.withVersionLast());
        }
    }

    @Nested
    class VersionLastSingly extends ServerCompliance<MemoryTx> {
        VersionLastSingly() {
            super(GLOBAL.withVersionLast().withBatch(1));
        }
    }
}
