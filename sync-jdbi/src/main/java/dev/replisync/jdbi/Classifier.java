package dev.replisync.jdbi;

import dev.replisync.storage.Storage.Failure;
import dev.replisync.storage.Storage.Where;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientException;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Says what an exception means, by place and by SQLState, seen through every wrapping (rules R24, R25). */
final class Classifier {
    private static final int MOST = 1_000;

    /**
     * 25P02 is PostgreSQL's transaction with an error that somebody swallowed. H2: HY000 is an error inside the database,
     * such as losing a race between two transactions that it ends because of a deadlock; the next attempt may go well.
     */
    private static final Set<String> POISONED = Set.of("25P02", "HY000");

    /**
     * Classes of SQLStates that may pass: rolled back to solve a conflict, connection, resources, operator
     * intervention (a statement time-out too), system error.
     */
    private static final Set<String> PASSING_CLASSES = Set.of("40", "08", "53", "57", "58");

    /**
     * 55P03 is PostgreSQL's lock that was not available. H2: HYT00 lock time-out, 90131 concurrent update, 90067 and
     * 90098 and 90121 a connection or database that was closed.
     */
    private static final Set<String> PASSING = Set.of("55P03", "HYT00", "90131", "90067", "90098", "90121");

    /** Connection, operator intervention, system error: while committing they leave open what became of it. */
    private static final Set<String> CUT_OFF_CLASSES = Set.of("08", "57", "58");

    /** 40003 says so itself; the others are H2's connection or database that was closed. */
    private static final Set<String> CUT_OFF = Set.of("40003", "90067", "90098", "90121");

    private Classifier() {}

    static Failure classify(Throwable thrown, Where where, Names names) {
        if (where == Where.SDK) {
            return Failure.TRANSIENT;
        }
        boolean poisoned = false;
        boolean ownStatement = false;
        boolean database = false;
        for (Throwable t : all(thrown)) {
            if (t instanceof StorageException own) {
                ownStatement |= own.own();
            }
            if (t instanceof SQLException e) {
                database = true;
                if (where == Where.COMMIT && isCutOff(e)) {
                    return Failure.UNKNOWN;
                }
                if (isPassing(e) || (where == Where.COMMIT && isOwnTable(e, names))) {
                    return Failure.TRANSIENT;
                }
                poisoned |= e.getSQLState() != null && POISONED.contains(e.getSQLState());
            }
        }
        if (poisoned) {
            return Failure.POISONED;
        }
        if (where == Where.COMMIT && database && ownStatement && !isApplications(thrown)) {
            return Failure.TRANSIENT;
        }
        return Failure.PERMANENT;
    }

    private static boolean isPassing(SQLException e) {
        String state = e.getSQLState();
        if (state == null) {
            return e instanceof SQLTransientException || e instanceof SQLRecoverableException;
        }
        return PASSING.contains(state)
                || (state.length() == 5 && PASSING_CLASSES.contains(state.substring(0, 2)))
                || e instanceof SQLTransientException;
    }

    /** Whether the database may have committed all the same: it did not live to say, or nobody heard it. */
    private static boolean isCutOff(SQLException e) {
        String state = e.getSQLState();
        return state == null
                ? e instanceof SQLRecoverableException || e instanceof SQLNonTransientConnectionException
                : CUT_OFF.contains(state) || (state.length() == 5 && CUT_OFF_CLASSES.contains(state.substring(0, 2)));
    }

    /** Whether a constraint of one of the SDK's tables was violated, as far as the driver tells. */
    private static boolean isOwnTable(SQLException e, Names names) {
        return PostgresDriver.isPostgres(e) && PostgresDriver.isOwnTable(e, names);
    }

    /**
     * Whether an error of the closing flush comes from the application's constraints and triggers. On H2 the flush
     * touches the application's tables in statements that say so; on PostgreSQL deferred constraints and triggers speak
     * up at the commit.
     */
    private static boolean isApplications(Throwable thrown) {
        for (Throwable t : all(thrown)) {
            if (t instanceof SQLException e && PostgresDriver.isPostgres(e)) {
                String state = String.valueOf(e.getSQLState());
                return !state.equals("42501") && !state.startsWith("XX") && !state.startsWith("25");
            }
        }
        return false;
    }

    private static Set<Throwable> all(Throwable thrown) {
        Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        Deque<Throwable> next = new ArrayDeque<>();
        add(next, thrown);
        while (!next.isEmpty() && seen.size() < MOST) {
            Throwable t = next.poll();
            if (seen.add(t)) {
                add(next, t.getCause());
                for (Throwable suppressed : t.getSuppressed()) {
                    add(next, suppressed);
                }
                if (t instanceof SQLException e) {
                    add(next, e.getNextException());
                }
            }
        }
        return seen;
    }

    private static void add(Deque<Throwable> deque, @Nullable Throwable thrown) {
        if (thrown != null) {
            deque.add(thrown);
        }
    }
}
