package dev.replisync.jdbi;

import dev.replisync.storage.RecordStore;
import dev.replisync.tck.KeptViewsContract;
import dev.replisync.tck.RecordStoreContract;
import dev.replisync.tck.SyncFixture;
import dev.replisync.tck.ViewReadsContract;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;

/** The kit's contracts of client views and their records, on each database with each kind of row version. */
class ViewReadsKitTest {
    private static final int SOME_ROWS = 2_000;

    @Nested
    class H2Hash extends ViewReadsContract<Handle> {
        @Override
        protected SyncFixture<Handle> fixture() {
            return new JdbiFixture(DatabaseKind.H2, Mapping.LEDGER);
        }
    }

    @Nested
    class H2Number extends ViewReadsContract<Handle> {
        @Override
        protected int manyRows() {
            return SOME_ROWS;
        }

        @Override
        protected SyncFixture<Handle> fixture() {
            return new JdbiFixture(DatabaseKind.H2, Mapping.ROW_NUMBER);
        }
    }

    @Nested
    class H2Guid extends ViewReadsContract<Handle> {
        @Override
        protected int manyRows() {
            return SOME_ROWS;
        }

        @Override
        protected SyncFixture<Handle> fixture() {
            return new JdbiFixture(DatabaseKind.H2, Mapping.ROW_GUID_AND_DELETED);
        }
    }

    @Nested
    class PostgresXmin extends ViewReadsContract<Handle> {
        @Override
        protected SyncFixture<Handle> fixture() {
            return new JdbiFixture(DatabaseKind.POSTGRESQL, Mapping.LEDGER);
        }
    }

    @Nested
    class PostgresHash extends ViewReadsContract<Handle> {
        @Override
        protected int manyRows() {
            return SOME_ROWS;
        }

        @Override
        protected SyncFixture<Handle> fixture() {
            return new JdbiFixture(DatabaseKind.POSTGRESQL, Mapping.ROW_HASH);
        }
    }

    @Nested
    class PostgresNumber extends ViewReadsContract<Handle> {
        @Override
        protected int manyRows() {
            return SOME_ROWS;
        }

        @Override
        protected SyncFixture<Handle> fixture() {
            return new JdbiFixture(DatabaseKind.POSTGRESQL, Mapping.ROW_NUMBER);
        }
    }

    @Nested
    class PostgresGuid extends ViewReadsContract<Handle> {
        @Override
        protected int manyRows() {
            return SOME_ROWS;
        }

        @Override
        protected SyncFixture<Handle> fixture() {
            return new JdbiFixture(DatabaseKind.POSTGRESQL, Mapping.ROW_GUID_AND_DELETED);
        }
    }

    @Nested
    class PostgresKept extends KeptViewsContract<Handle> {
        @Override
        protected SyncFixture<Handle> fixture() {
            return new JdbiFixture(DatabaseKind.POSTGRESQL, Mapping.LEDGER);
        }
    }

    @Nested
    class H2Records extends Records {
        H2Records() {
            super(DatabaseKind.H2);
        }
    }

    @Nested
    class PostgresRecords extends Records {
        PostgresRecords() {
            super(DatabaseKind.POSTGRESQL);
        }
    }

    private abstract static class Records extends RecordStoreContract {
        private final TestDatabase db;

        Records(DatabaseKind kind) {
            this.db = TestDatabase.shared(kind);
        }

        private JdbiStorage storage() {
            return JdbiStorage.builder(db.jdbi()).tablePrefix("records_").build();
        }

        @BeforeEach
        void empty() {
            storage().install();
            db.execute("delete from \"records_record\"");
        }

        @AfterEach
        void givenBack() {
            db.assertNoConnectionLeaks();
        }

        @Override
        protected RecordStore open() {
            return storage().recordTable();
        }
    }
}
