package dev.replisync.tck.memory;

import dev.replisync.tck.KeptViewsContract;
import dev.replisync.tck.MemoryFixture;
import dev.replisync.tck.MemoryTx;
import dev.replisync.tck.StorageContract;
import dev.replisync.tck.SyncFixture;
import dev.replisync.tck.VersionedReadsContract;
import dev.replisync.tck.ViewReadsContract;
import org.junit.jupiter.api.Nested;

/** The store in memory keeps the port's contract; from another package, as every backend's test does. */
class MemoryStorageTest {

    @Nested
    class Transactions extends StorageContract<MemoryTx> {
        @Override
        protected SyncFixture<MemoryTx> fixture() {
            return new MemoryFixture();
        }
    }

    @Nested
    class Reads extends VersionedReadsContract<MemoryTx> {
        @Override
        protected SyncFixture<MemoryTx> fixture() {
            return new MemoryFixture();
        }
    }

    @Nested
    class Views extends ViewReadsContract<MemoryTx> {
        @Override
        protected SyncFixture<MemoryTx> fixture() {
            return new MemoryFixture();
        }
    }

    @Nested
    class Kept extends KeptViewsContract<MemoryTx> {
        @Override
        protected SyncFixture<MemoryTx> fixture() {
            return MemoryFixture.keepingViews();
        }
    }
}
