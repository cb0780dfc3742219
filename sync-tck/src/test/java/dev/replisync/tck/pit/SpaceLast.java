package dev.replisync.tck.pit;

import dev.replisync.strategy.space.SpaceVersion;
import dev.replisync.tck.MemoryFixture;
import dev.replisync.tck.MemoryTx;
import dev.replisync.tck.ServerCompliance;
import dev.replisync.tck.ServerSetup;
import dev.replisync.tck.Trait;

/** Spaces, version last. */
class SpaceLast extends ServerCompliance<MemoryTx> {
    SpaceLast() {
        super(ServerSetup.of(MemoryFixture::new, new SpaceVersion(), Trait.VERSIONS, Trait.SEPARATE_SPACES)
                .withReplicas(new SpaceVersion().pullingFromReplicas())
                .withVersionLast());
    }
}
