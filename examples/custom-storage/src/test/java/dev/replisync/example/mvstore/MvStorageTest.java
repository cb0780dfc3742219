package dev.replisync.example.mvstore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replisync.protocol.Json;
import dev.replisync.strategy.global.GlobalVersion;
import dev.replisync.strategy.space.SpaceVersion;
import dev.replisync.tck.ServerCompliance;
import dev.replisync.tck.ServerSetup;
import dev.replisync.tck.SimulationContract;
import dev.replisync.tck.StorageContract;
import dev.replisync.tck.SyncFixture;
import dev.replisync.tck.Trait;
import dev.replisync.tck.VersionedReadsContract;
import java.nio.file.Path;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The adapter keeps the port's contract, and servers on it the protocol's rules. */
class MvStorageTest {
    private static final ServerSetup<MvHandle> GLOBAL =
            ServerSetup.of(() -> new MvFixture(space -> "global"), new GlobalVersion(), Trait.VERSIONS);

    // tag::port[]
    @Nested
    class Transactions extends StorageContract<MvHandle> {
        @Override
        protected SyncFixture<MvHandle> fixture() {
            return new MvFixture();
        }
    }

    // end::port[]

    @Nested
    class Reads extends VersionedReadsContract<MvHandle> {
        @Override
        protected SyncFixture<MvHandle> fixture() {
            return new MvFixture();
        }
    }

    @Nested
    class Global extends ServerCompliance<MvHandle> {
        Global() {
            super(GLOBAL);
        }
    }

    @Nested
    class GlobalVersionLast extends ServerCompliance<MvHandle> {
        GlobalVersionLast() {
            super(GLOBAL.withVersionLast().withBatch(1));
        }
    }

    // tag::kit[]
    @Nested
    class Space extends ServerCompliance<MvHandle> {
        Space() {
            super(ServerSetup.of(MvFixture::new, new SpaceVersion(), Trait.VERSIONS, Trait.SEPARATE_SPACES));
        }
    }

    // end::kit[]

    @Nested
    class HistoriesWithOneVersion extends SimulationContract<MvHandle> {
        HistoriesWithOneVersion() {
            super(GLOBAL.withVersionLast(), 20);
        }
    }

    // tag::histories[]
    @Nested
    class Histories extends SimulationContract<MvHandle> {
        Histories() {
            super(ServerSetup.of(MvFixture::new, new SpaceVersion(), Trait.VERSIONS, Trait.SEPARATE_SPACES), 20);
        }
    }

    // end::histories[]

    @Test
    void whatIsCommittedIsInTheFile(@TempDir Path folder) {
        Path file = folder.resolve("store.mv");
        try (MvStorage storage = new MvStorage(file)) {
            storage.transaction(tx -> tx.put("global", "item/1", Json.of("kept")));
        }
        try (MvStorage storage = new MvStorage(file)) {
            storage.transaction(tx -> assertThat(tx.get("global", "item/1")).contains(Json.of("kept")));
        }
    }
}
