package dev.replisync.tck.memory;

import dev.replisync.storage.RecordStore;
import dev.replisync.strategy.rowversion.MemoryRecords;
import dev.replisync.tck.MemoryStorage;
import dev.replisync.tck.RecordStoreContract;
import org.junit.jupiter.api.Nested;

class RecordStoresTest {

    @Nested
    class OfTheStrategy extends RecordStoreContract {
        private final MemoryRecords records = new MemoryRecords();

        @Override
        protected RecordStore open() {
            return records;
        }
    }

    @Nested
    class OfTheStorage extends RecordStoreContract {
        private final MemoryStorage storage = new MemoryStorage();

        @Override
        protected RecordStore open() {
            return storage.node().views().orElseThrow().records().orElseThrow();
        }
    }
}
