package dev.replisync.benchmarks.pulls;

import dev.replisync.SyncServerBuilder;
import dev.replisync.benchmarks.app.App;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jdbi.v3.core.Handle;

/**
 * A way to find out what a client lacks.
 *
 * @param name for the table
 * @param database what it runs on
 * @param versions where row versions are
 * @param options the strategy and how it is set up
 */
record Candidate(String name, Kind database, App.Versions versions, UnaryOperator<SyncServerBuilder<Handle>> options) {

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

    /** Whether all users see all rows of all spaces. */
    boolean isGlobal() {
        return name.startsWith("global");
    }

    static List<Candidate> all() {
        return List.of(
                named("global, ledger", Kind.POSTGRESQL, App.Versions.LEDGER, "global"),
                named("global, version column", Kind.POSTGRESQL, App.Versions.COLUMN, "global"),
                named("space, ledger", Kind.POSTGRESQL, App.Versions.LEDGER, "space"),
                named("space, version column", Kind.POSTGRESQL, App.Versions.COLUMN, "space"),
                named("global, ledger", Kind.H2, App.Versions.LEDGER, "global"),
                named("space, ledger", Kind.H2, App.Versions.LEDGER, "space"));
    }

    private static Candidate named(String name, Kind database, App.Versions versions, String strategy) {
        return new Candidate(name, database, versions, builder -> builder.strategy(strategy));
    }
}
