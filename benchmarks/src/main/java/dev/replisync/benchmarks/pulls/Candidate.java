package dev.replisync.benchmarks.pulls;

import dev.replisync.benchmarks.app.App;
import dev.replisync.jdbi.JdbiStorage;
import dev.replisync.storage.RecordStore;
import dev.replisync.strategy.rowversion.MemoryRecords;
import dev.replisync.strategy.rowversion.RowVersion;
import java.time.Clock;
import java.util.List;
import java.util.function.Function;

/**
 * A way to find out what a client lacks.
 *
 * @param name for the table
 * @param database what it runs on
 * @param versions where row versions are
 * @param options the strategy and how it is set up
 */
record Candidate(String name, Kind database, App.Versions versions, App.Options options) {

    /** Room for the records of some pulls of the largest view. */
    private static final long RECORD_BYTES = 512L << 20;

    /** A kind of database. */
    enum Kind {
        POSTGRESQL("PostgreSQL"),
        H2("H2");

        private final String title;

        Kind(String title) {
            this.title = title;
        }

        @Override
        public String toString() {
            return title;
        }
    }

    String fullName() {
        return database + " " + name;
    }

    /** Whether it is what who says nothing gets. */
    boolean isUsual() {
        return name.contains("ledger") || name.contains("default");
    }

    /** Whether all users see all rows of all spaces. */
    boolean isGlobal() {
        return name.startsWith("global");
    }

    static List<Candidate> all(RecordStore redis) {
        return List.of(
                named("global, ledger", Kind.POSTGRESQL, App.Versions.LEDGER, "global"),
                named("global, version column", Kind.POSTGRESQL, App.Versions.COLUMN, "global"),
                named("space, ledger", Kind.POSTGRESQL, App.Versions.LEDGER, "space"),
                named("space, version column", Kind.POSTGRESQL, App.Versions.COLUMN, "space"),
                named("row-version by xmin, kept as rows (default)", Kind.POSTGRESQL, App.Versions.ROW, "row-version"),
                byRow(
                        "row-version by xmin, argument, records in memory",
                        Kind.POSTGRESQL,
                        App.Versions.ROW,
                        Candidate::memory),
                byRow(
                        "row-version by column, argument, records in memory",
                        Kind.POSTGRESQL,
                        App.Versions.ROW_COLUMN,
                        Candidate::memory),
                byRow(
                        "row-version by hash, argument, records in memory",
                        Kind.POSTGRESQL,
                        App.Versions.ROW_HASH,
                        Candidate::memory),
                byRow(
                        "row-version by xmin, argument, records in a table",
                        Kind.POSTGRESQL,
                        App.Versions.ROW,
                        JdbiStorage::recordTable),
                byRow(
                        "row-version by xmin, argument, records in Redis",
                        Kind.POSTGRESQL,
                        App.Versions.ROW,
                        storage -> redis),
                named("global, ledger", Kind.H2, App.Versions.LEDGER, "global"),
                named("space, ledger", Kind.H2, App.Versions.LEDGER, "space"),
                byRow("row-version by hash, records in memory", Kind.H2, App.Versions.ROW, Candidate::memory),
                byRow(
                        "row-version by hash, records in a table (default)",
                        Kind.H2,
                        App.Versions.ROW,
                        JdbiStorage::recordTable));
    }

    private static RecordStore memory(JdbiStorage storage) {
        return new MemoryRecords(RECORD_BYTES, MemoryRecords.DEFAULT_TIME_TO_LIVE, Clock.systemUTC());
    }

    private static Candidate byRow(
            String name, Kind database, App.Versions versions, Function<JdbiStorage, RecordStore> records) {
        return new Candidate(
                name,
                database,
                versions,
                (builder, storage) -> builder.strategy(new RowVersion().records(records.apply(storage))));
    }

    private static Candidate named(String name, Kind database, App.Versions versions, String strategy) {
        return new Candidate(name, database, versions, (builder, storage) -> builder.strategy(strategy));
    }
}
