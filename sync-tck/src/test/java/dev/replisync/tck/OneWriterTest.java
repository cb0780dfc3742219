package dev.replisync.tck;

import dev.replisync.strategy.rowversion.RowVersion;
import dev.replisync.strategy.space.SpaceVersion;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;

/** A store with one writer at a time passes the kit: no contract hangs on it, or asks for more than it says it has. */
class OneWriterTest {
    private static final ServerSetup<MemoryTx> SPACE =
            ServerSetup.of(OneWriterFixture::empty, new SpaceVersion(), Trait.VERSIONS, Trait.SEPARATE_SPACES);

    @Nested
    class Transactions extends StorageContract<MemoryTx> {
        @Override
        protected SyncFixture<MemoryTx> fixture() {
            return OneWriterFixture.empty();
        }
    }

    @Nested
    class Reads extends VersionedReadsContract<MemoryTx> {
        @Override
        protected SyncFixture<MemoryTx> fixture() {
            return OneWriterFixture.empty();
        }
    }

    @Nested
    class Views extends ViewReadsContract<MemoryTx> {
        @Override
        protected SyncFixture<MemoryTx> fixture() {
            return OneWriterFixture.empty();
        }
    }

    @Nested
    class Kept extends KeptViewsContract<MemoryTx> {
        @Override
        protected SyncFixture<MemoryTx> fixture() {
            return OneWriterFixture.keepingViews();
        }
    }

    @Nested
    @Tag("long")
    class VersionFirst extends ServerCompliance<MemoryTx> {
        VersionFirst() {
            super(SPACE);
        }
    }

    @Nested
    @Tag("long")
    class VersionLast extends ServerCompliance<MemoryTx> {
        VersionLast() {
            super(SPACE.withVersionLast().withBatch(1));
        }
    }

    @Nested
    @Tag("long")
    class RowVersions extends ServerCompliance<MemoryTx> {
        RowVersions() {
            super(ServerSetup.of(OneWriterFixture::empty, new RowVersion(), Trait.VIEW_RECORDS, Trait.SEPARATE_SPACES));
        }
    }

    @Nested
    @Tag("long")
    class RowVersionsKept extends ServerCompliance<MemoryTx> {
        RowVersionsKept() {
            super(ServerSetup.of(
                    OneWriterFixture::keepingViews, new RowVersion(), Trait.VIEW_RECORDS, Trait.SEPARATE_SPACES));
        }
    }
}
