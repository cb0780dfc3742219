package dev.replisync.tck.memory;

import dev.replisync.strategy.space.SpaceVersion;
import dev.replisync.tck.MemoryFixture;
import dev.replisync.tck.MemoryTx;
import dev.replisync.tck.ServerCompliance;
import dev.replisync.tck.ServerSetup;
import dev.replisync.tck.Trait;
import org.junit.jupiter.api.Nested;

class SpaceOnMemoryTest {
    private static final ServerSetup<MemoryTx> SPACE = ServerSetup.of(
                    MemoryFixture::new, new SpaceVersion(), Trait.VERSIONS, Trait.SEPARATE_SPACES)
            .withReplicas(new SpaceVersion().pullingFromReplicas());

    @Nested
    class VersionFirst extends ServerCompliance<MemoryTx> {
        VersionFirst() {
            super(SPACE);
        }
    }

    @Nested
    class VersionFirstSingly extends ServerCompliance<MemoryTx> {
        VersionFirstSingly() {
            super(SPACE.withBatch(1));
        }
    }

    @Nested
    class VersionLast extends ServerCompliance<MemoryTx> {
        VersionLast() {
            super(SPACE.withVersionLast());
        }
    }

    @Nested
    class VersionLastSingly extends ServerCompliance<MemoryTx> {
        VersionLastSingly() {
            super(SPACE.withVersionLast().withBatch(1));
        }
    }
}
