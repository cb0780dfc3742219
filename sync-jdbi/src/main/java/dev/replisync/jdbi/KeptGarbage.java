package dev.replisync.jdbi;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Removes kept records that nobody needs any more, each step a transaction of a bounded number of rows. */
final class KeptGarbage {
    /** How many positions of a history are kept: lost answers and other tabs are behind by few (rule R50). */
    private static final int POSITIONS = 1_000;

    private final Names names;
    private final int batch;

    KeptGarbage(Names names, int batch) {
        this.names = names;
        this.batch = batch;
    }

    /** Removes positions that no client has held since a time. */
    int removePositions(Connection connection, long unused) throws SQLException {
        return Garbage.update(
                connection,
                "delete from " + names.viewPosition() + " where ctid = any(array(select p.ctid from " + names.view()
                        + " v left join lateral (select l.n from " + names.viewPosition()
                        + " l where l.view_no = v.no order by l.n desc offset " + (POSITIONS - 1)
                        + " limit 1) oldest on true join " + names.viewPosition()
                        + " p on p.view_no = v.no and (p.at < " + unused + " or p.n < oldest.n) limit " + batch + "))");
    }

    /** Removes what was noted up to the first position that is left. */
    int removeEnded(Connection connection) throws SQLException {
        return Garbage.update(
                connection,
                "delete from " + names.viewChange() + " where ctid = any(array(select e.ctid from " + names.view()
                        + " v cross join lateral (select min(p.n) as n from " + names.viewPosition()
                        + " p where p.view_no = v.no) oldest join " + names.viewChange()
                        + " e on e.view_no = v.no and e.n <= oldest.n limit " + batch + "))");
    }

    /**
     * Ends histories without positions, so that no pull finds them any more. Those that are just being written to are
     * left alone.
     */
    int endHistories(Connection connection) throws SQLException {
        List<Long> numbers = new ArrayList<>();
        List<Long> locks = new ArrayList<>();
        List<Long> locked = new ArrayList<>();
        String unused = " not exists (select 1 from " + names.viewPosition() + " p where p.view_no = v.no)";
        Flush flush = new Flush(DatabaseKind.POSTGRESQL);
        flush.add(
                "select no, user_id, space_id, profile_id, view_version from " + names.view()
                        + " v where epoch <> id and" + unused + " limit " + batch,
                List.of(),
                row -> {
                    numbers.add(row.getLong(1));
                    locks.add(KeptPull.historyLock(
                            names, row.getString(2), row.getString(3), row.getString(4), row.getString(5)));
                });
        flush.run(connection);
        flush.add(
                "select u.no from unnest(?::bigint[], ?::bigint[]) u (no, lock) where pg_try_advisory_xact_lock("
                        + LockKey.sql("u.lock", names) + ")",
                List.of(numbers.toArray(Long[]::new), locks.toArray(Long[]::new)),
                row -> locked.add(row.getLong(1)));
        flush.run(connection);
        try (PreparedStatement end = connection.prepareStatement(
                "update " + names.view() + " v set epoch = id where no = any(?) and" + unused)) {
            Flush.bind(connection, end, 1, List.of((Object) locked.toArray(Long[]::new)));
            return end.executeUpdate();
        }
    }

    /** Removes what was noted in ended histories. */
    int removeChanges(Connection connection) throws SQLException {
        return removeOfEnded(connection, names.viewChange());
    }

    /** Removes the latest records of ended histories. */
    int removeBuckets(Connection connection) throws SQLException {
        return removeOfEnded(connection, names.viewBucket());
    }

    private int removeOfEnded(Connection connection, String table) throws SQLException {
        return Garbage.update(
                connection,
                "delete from " + table + " where ctid = any(array(select e.ctid from " + names.view() + " v join "
                        + table + " e on e.view_no = v.no where v.epoch = v.id limit " + batch + "))");
    }

    /** Removes ended histories, which have nothing else any more. */
    int removeHistories(Connection connection) throws SQLException {
        return Garbage.update(
                connection,
                "delete from " + names.view() + " v where epoch = id and not exists (select 1 from "
                        + names.viewChange() + " e where e.view_no = v.no) and not exists (select 1 from "
                        + names.viewBucket() + " e where e.view_no = v.no)");
    }
}
