package dev.replisync.jdbi;

import dev.replisync.jdbi.Declaration.Option;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Removes old client groups and tombstones, in small transactions. */
final class Garbage {
    private static final Logger LOG = LoggerFactory.getLogger(Garbage.class);
    private static final int BATCH = 1_000;

    private final Node node;
    private final Names names;
    private final int batch;

    Garbage(Node node) {
        this(node, BATCH);
    }

    /** Removes at most so many rows of a kind in one transaction. */
    Garbage(Node node, int batch) {
        this.node = node;
        this.batch = batch;
        this.names = node.names();
    }

    /** What is done in one transaction. */
    private interface Step {
        int run(Connection connection) throws SQLException;
    }

    void collect(Duration clientGroups, Duration tombstones, Duration records) {
        if (clientGroups.isNegative() || tombstones.isNegative() || records.isNegative()) {
            throw new IllegalArgumentException("the durations must not be negative but were " + clientGroups + ", "
                    + tombstones + " and " + records);
        }
        long now = node.now();
        long unseen = now - clientGroups.plus(Node.SEEN_INTERVAL).toMillis();
        int groups = repeat(connection -> removeGroups(connection, unseen));
        // First the floors rise, for all to see; only then is removed what is below them.
        inTransaction(connection -> raiseFloors(connection, now, now - tombstones.toMillis()));
        int entries = repeat(this::removeEntries);
        repeat(this::removeAudiences);
        for (Table table : node.tables().all()) {
            removeRows(table);
        }
        // Of no life at all, what was used right now is too old too.
        int views = removeViews(now + 1 - records.toMillis());
        LOG.info("garbage: {} client groups, {} ledger entries, {} view records", groups, entries, views);
    }

    private int removeViews(long unused) {
        int records = repeat(connection -> removeRecords(connection, unused));
        return node.dialect().kind == DatabaseKind.POSTGRESQL ? records + removeKept(unused) : records;
    }

    /** Records that are kept as rows. */
    private int removeKept(long unused) {
        KeptGarbage kept = new KeptGarbage(names, batch);
        int positions = repeat(connection -> kept.removePositions(connection, unused));
        repeat(kept::removeEnded);
        repeat(kept::endHistories);
        repeat(kept::removeChanges);
        repeat(kept::removeBuckets);
        inTransaction(kept::removeHistories);
        return positions;
    }

    /**
     * Takes the locks as pushes do: groups, then spaces, then what is kept of entities. Of the groups only those that it has
     * locked are removed: one that is pushed for the first time at this moment counts as pushed afterwards.
     */
    void forgetEverything() {
        inTransaction(connection -> {
            Flush flush = node.dialect().flush();
            removeGroups(connection, "order by id for update", List.of());
            for (SpaceTable spaces : new LinkedHashSet<>(List.of(SpaceTable.own(names), node.dialect().spaces))) {
                flush.add("select 1 from " + spaces.from() + " s order by s." + spaces.id() + " for update", List.of());
            }
            for (String table : List.of(names.ledger(), names.audience(), names.mark())) {
                flush.add("delete from " + table, List.of());
            }
            flush.run(connection);
            node.epochs().renewWithin(connection);
            return 0;
        });
        removeViews(node.now() + 1); // of the epoch before, so already of no use
    }

    private int repeat(Step step) {
        int all = 0;
        for (int n = batch; n >= batch; all += n) {
            n = inTransaction(step);
        }
        return all;
    }

    private int inTransaction(Step step) {
        try (Session session = Session.begin(node, false)) {
            int n = step.run(session.connection());
            session.connection().commit();
            session.committed();
            return n;
        } catch (SQLException e) {
            throw new StorageException("garbage could not be collected", e);
        }
    }

    /** Locks the groups as a push does: one that is pushed at this moment is left alone, it is seen right now. */
    private int removeGroups(Connection connection, long unseen) throws SQLException {
        return removeGroups(
                connection,
                "where last_seen < ? order by id limit " + batch + " for update skip locked",
                List.of(unseen));
    }

    private int removeGroups(Connection connection, String which, List<Object> parameters) throws SQLException {
        List<String> groups = new ArrayList<>();
        Flush flush = node.dialect().flush();
        flush.add("select id from " + names.group() + " " + which, parameters, row -> groups.add(row.getString(1)));
        flush.run(connection);
        if (!groups.isEmpty()) {
            String[] ids = groups.toArray(String[]::new);
            flush.add("delete from " + names.client() + " where group_id = any(?)", List.of((Object) ids));
            flush.add("delete from " + names.pull() + " where group_id = any(?)", List.of((Object) ids));
            flush.add("delete from " + names.group() + " where id = any(?)", List.of((Object) ids));
            flush.run(connection);
        }
        return groups.size();
    }

    private int raiseFloors(Connection connection, long now, long before) throws SQLException {
        Flush flush = node.dialect().flush();
        node.dialect().lock(flush, "", "garbage");
        String all = node.dialect().spaces.all();
        if (!node.dialect().spaces.isOwn()) {
            // Where spaces are rows of the application, only their floors are here.
            flush.add(
                    "insert into " + names.space() + " (id, version) select s.id, 0 from " + all
                            + " s where not exists (select 1 from " + names.space() + " f where f.id = s.id)",
                    List.of());
        }
        String marksOf = " from " + names.mark() + " m where m.space_id = s.id";
        flush.add(
                "insert into " + names.mark() + " (space_id, at, version) select s.id, ?, s.version from " + all
                        + " s where s.version > s.floor and not exists (select 1" + marksOf
                        + " and (m.version >= s.version or m.at >= ?))",
                List.of(now, now));
        flush.add(
                "update " + names.space() + " s set floor = (select max(m.version)" + marksOf
                        + " and m.at <= ?) where exists (select 1" + marksOf
                        + " and m.at <= ? and m.version > s.floor)",
                List.of(before, before));
        flush.add("delete from " + names.mark() + " where at <= ?", List.of(before));
        flush.run(connection);
        return 0;
    }

    /** A living row needs no entry below the floor, because nobody asks for what changed before it. */
    private int removeEntries(Connection connection) throws SQLException {
        return update(
                connection,
                "delete from " + names.ledger()
                        + " where (space_id, entity_key) in (select l.space_id, l.entity_key from "
                        + names.ledger() + " l join " + names.space()
                        + " s on s.id = l.space_id where l.version <= s.floor limit " + batch
                        + ") and version <= (select s.floor from " + names.space() + " s where s.id = space_id)");
    }

    private int removeAudiences(Connection connection) throws SQLException {
        return update(
                connection,
                "delete from " + names.audience()
                        + " where (space_id, entity_key, user_id) in (select a.space_id, a.entity_key, a.user_id from "
                        + names.audience() + " a join " + names.space()
                        + " s on s.id = a.space_id where a.version <= s.floor limit " + batch
                        + ") and version <= (select s.floor from " + names.space() + " s where s.id = space_id)");
    }

    private int removeRecords(Connection connection, long unused) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("delete from " + names.record() + " where id in (select r.id from "
                        + names.record() + " r where r.last_used < ? limit " + batch + ")")) {
            statement.setLong(1, unused);
            return statement.executeUpdate();
        }
    }

    private void removeRows(Table table) {
        String deleted = table.option(Option.DELETED);
        if (deleted == null) {
            return;
        }
        String old = table.option(Option.VERSION) == null
                ? "not exists (select 1 from " + names.ledger() + " l where l.entity_key = "
                        + node.dialect().key(table, "t") + ")"
                : "t." + table.columnAt(Option.VERSION).quoted() + " <= " + floor(table);
        inTransaction(connection -> update(
                connection,
                "delete from " + table.from() + " t where t."
                        + table.required(deleted).quoted() + " and " + old));
    }

    private String floor(Table table) {
        String global =
                "select s.floor from " + names.space() + " s where s.id = " + Names.literal(JdbiStorage.GLOBAL_SPACE);
        Table.Found space = table.columnOf(Option.SPACE);
        return space == null
                ? "(" + global + ")"
                : "coalesce((" + global + "), (select s.floor from " + names.space() + " s where s.id = cast(t."
                        + space.quoted() + " as varchar)))";
    }

    static int update(Connection connection, String sql) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            return statement.executeUpdate();
        }
    }
}
