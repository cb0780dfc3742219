package dev.replisync.jdbi;

import dev.replisync.jdbi.Declaration.Option;
import dev.replisync.protocol.Caller;
import dev.replisync.storage.OpenPush.Group;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the bookkeeping of one strategy in order for another, in one transaction.
 *
 * <p>Nothing that one strategy noted for pulls is of use to another. So every space begins again at one version above
 * all that there ever were, with its floor there too: whatever cookie comes, of this strategy or of an earlier time of
 * the same, it is reset (rules R11, R51). What was noted below is needed by nobody and goes; the last mutation ids stay.
 *
 * <p>A space that is not on record and has no rows stays so. Who only reads it may go on with a cookie from before a change
 * and back, and rightly: it was empty, and is. Under a strategy that keeps spaces apart no table is without a column for
 * them, so that rows would have put it on record here.
 */
final class StrategyChange {
    private static final Logger LOG = LoggerFactory.getLogger(StrategyChange.class);

    private static final String GLOBAL_STRATEGY = "global";
    private static final List<String> STRATEGIES_OF_MANY_SPACES = List.of("space", "row-version");
    private static final int PAGE = 1_000;

    private final Node node;
    private final Names names;
    private final String to;
    private final Function<Group, String> spaceOfGroup;

    StrategyChange(Node node, String to, Function<Group, String> spaceOfGroup) {
        if (to.isBlank()) {
            throw new IllegalArgumentException("the strategy to change to has no id");
        }
        this.node = node;
        this.names = node.names();
        this.to = to;
        this.spaceOfGroup = spaceOfGroup;
    }

    void run() {
        // A restore that nobody has noticed yet is not to be forgotten.
        node.epochs().adopt();
        try (Session session = Session.begin(node, false)) {
            Connection connection = session.connection();
            lockOutEverybody(connection);
            String from = ChosenStrategy.read(connection, names);
            if (to.equals(from)) {
                LOG.info("strategy: is {} already, nothing is changed", to);
                return;
            }
            change(connection);
            connection.commit();
            session.committed();
            LOG.warn(
                    "strategy: changed from {} to {}; clients will be sent everything anew",
                    from == null ? "none" : from,
                    to);
        } catch (SQLException e) {
            throw new StorageException("the strategy could not be changed to '" + to + "'; nothing was changed", e);
        }
    }

    private void lockOutEverybody(Connection connection) throws SQLException {
        Flush flush = node.dialect().flush();
        node.dialect().lockOutEverybody(flush);
        flush.run(connection);
    }

    private void change(Connection connection) throws SQLException {
        // Two versions above all others: the lower one for what was not confirmed since the last restore.
        long unconfirmed = highestVersion(connection) + 1;
        long version = unconfirmed + 1;
        Flush flush = node.dialect().flush();
        stampClients(flush, unconfirmed, version);
        flush.run(connection);
        SortedSet<String> spaces = moveGroups(connection);
        spaces.add(JdbiStorage.GLOBAL_SPACE);
        node.dialect().insertSpaces(flush, spaces.toArray(String[]::new));
        insertSpacesOfRows(flush);
        moveSpaces(flush, version);
        forgetEpochs(flush, unconfirmed);
        forgetWhatWasNoted(flush);
        // A new secret: no record of what was sent, wherever it is kept, goes with a cookie from before.
        flush.add("update " + names.meta() + " set strategy = ?, secret = ?", List.of(to, Installer.secret()));
        flush.run(connection);
    }

    /** All spaces, those in a table of the application too, whose floors are in the SDK's. */
    private void moveSpaces(Flush flush, long version) {
        SpaceTable spaces = node.dialect().spaces;
        if (!spaces.isOwn()) {
            flush.add(
                    "insert into " + names.space() + " (id, version) select s.id, 0 from " + spaces.all()
                            + " s where not exists (select 1 from " + names.space() + " f where f.id = s.id)",
                    List.of());
            flush.add("update " + spaces.from() + " set " + spaces.version() + " = ?", List.of(version));
        }
        flush.add("update " + names.space() + " set version = ?, floor = ?", List.of(version, version));
    }

    private long highestVersion(Connection connection) throws SQLException {
        List<String> sources = new ArrayList<>(List.of(
                "select max(s.version) as v from " + node.dialect().spaces.all() + " s",
                "select max(version) from " + names.space(),
                "select max(floor) from " + names.space(),
                "select max(version) from " + names.ledger(),
                "select max(version) from " + names.audience(),
                "select max(version) from " + names.mark(),
                "select max(left_at) from " + names.epoch(),
                "select max(last_modified_version) from " + names.client()));
        for (Table table : node.tables().all()) {
            if (table.option(Option.VERSION) != null) {
                sources.add(
                        "select max(t." + table.columnAt(Option.VERSION).quoted() + ") from " + table.from() + " t");
            }
        }
        long[] highest = new long[1];
        Flush flush = node.dialect().flush();
        flush.add(
                "select coalesce(max(x.v), 0) from (" + String.join(" union all ", sources) + ") x",
                List.of(),
                row -> highest[0] = row.getLong(1));
        flush.run(connection);
        return highest[0];
    }

    /**
     * A client that comes from before a restore may know a higher last mutation id than the one on record, unless this
     * was confirmed since (rule R37).
     */
    private void stampClients(Flush flush, long unconfirmed, long confirmed) {
        flush.add(
                "update " + names.client() + " c set last_modified_version = case when exists (select 1 from "
                        + names.epoch() + " e join " + names.group() + " g on g.space_id = e.space_id"
                        + " where g.id = c.group_id and c.last_modified_version <= e.left_at) then "
                        + unconfirmed + " else " + confirmed + " end",
                List.of());
    }

    /** What cookies of former epochs say of versions is not true any more; that they are of former ones stays known. */
    private void forgetEpochs(Flush flush, long unconfirmed) {
        String any = "former-" + UUID.randomUUID();
        flush.add(
                "insert into " + names.epoch() + " (id, space_id, left_at) select ?, s.id, " + unconfirmed + " from "
                        + names.space() + " s where exists (select 1 from " + names.epoch() + ")",
                List.of(any));
        flush.add("delete from " + names.epoch() + " where id <> ?", List.of(any));
    }

    private void forgetWhatWasNoted(Flush flush) {
        List<String> tables = new ArrayList<>(List.of(names.ledger(), names.audience(), names.mark(), names.record()));
        if (node.dialect().kind == DatabaseKind.POSTGRESQL) {
            tables.addAll(List.of(names.viewBucket(), names.viewChange(), names.viewPosition(), names.view()));
        }
        tables.forEach(table -> flush.add("delete from " + table, List.of()));
    }

    /** Where a table says which space a row is in, there are those spaces. */
    private void insertSpacesOfRows(Flush flush) {
        for (Table table : node.tables().all()) {
            Table.Found column = table.columnOf(Option.SPACE);
            if (column != null) {
                String space = "cast(t." + column.quoted() + " as varchar)";
                flush.add(
                        "insert into " + names.space() + " (id, version) select distinct " + space + ", 0 from "
                                + table.from() + " t where " + space + " <> '' and not exists (select 1 from "
                                + names.space() + " s where s.id = " + space + ")",
                        List.of());
            }
        }
    }

    private SortedSet<String> moveGroups(Connection connection) throws SQLException {
        SortedSet<String> spaces = new TreeSet<>();
        String after = "";
        List<Group> page;
        do {
            page = groupsAfter(connection, after);
            try (PreparedStatement update =
                    connection.prepareStatement("update " + names.group() + " set space_id = ? where id = ?")) {
                for (Group group : page) {
                    String space = spaceOf(group);
                    spaces.add(space);
                    if (!space.equals(group.spaceID())) {
                        update.setString(1, space);
                        update.setString(2, group.id());
                        update.addBatch();
                    }
                    after = group.id();
                }
                update.executeBatch();
            }
        } while (page.size() == PAGE);
        return spaces;
    }

    private List<Group> groupsAfter(Connection connection, String after) throws SQLException {
        List<Group> page = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement(
                "select id, user_id, space_id from " + names.group() + " where id > ? order by id limit " + PAGE)) {
            select.setString(1, after);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    page.add(new Group(rows.getString(1), rows.getString(2), rows.getString(3)));
                }
            }
        }
        return page;
    }

    private String spaceOf(Group group) {
        @Nullable String space = spaceOfGroup.apply(group);
        boolean global = JdbiStorage.GLOBAL_SPACE.equals(space);
        if (to.equals(GLOBAL_STRATEGY) && !global) {
            throw refused(group, space, "keeps everything in space '" + JdbiStorage.GLOBAL_SPACE + "'");
        }
        if (STRATEGIES_OF_MANY_SPACES.contains(to) && global) {
            throw refused(group, space, "has no such space");
        }
        try {
            return Caller.of(group.userID(), space == null ? "" : space).space();
        } catch (IllegalArgumentException e) {
            throw refused(group, space, "needs the space that the group's requests ask for");
        }
    }

    private IllegalArgumentException refused(Group group, @Nullable String space, String why) {
        return new IllegalArgumentException("spaceOfGroup gave " + (space == null ? "null" : "'" + space + "'")
                + " for client group '" + group.id() + "' of user '" + group.userID() + "', but strategy '" + to + "' "
                + why);
    }
}
