package dev.replisync.jdbi;

import dev.replisync.protocol.Caller;
import dev.replisync.storage.OpenPush;
import dev.replisync.storage.PushTx;
import dev.replisync.storage.RecordStore;
import dev.replisync.storage.Storage;
import dev.replisync.storage.VersionedReads;
import dev.replisync.storage.ViewReads;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/**
 * The storage on Jdbi, for PostgreSQL 14 and later and for H2 2.x. Mutators get a {@link Handle} inside the SDK's
 * transaction, which commits after them; they must not end it themselves.
 *
 * <p>Immutable and safe for use by several threads and on several nodes.
 */
public final class JdbiStorage implements Storage<Handle> {
    /**
     * The space in which the global strategy keeps everything. Pulls of it see the rows of all spaces, whatever {@link
     * SyncedTable#space} says, so strategies with several spaces must let nobody ask for it, as ours do, and none can be
     * created with this name.
     */
    public static final String GLOBAL_SPACE = "global";

    private final Node node;
    private final JdbiReads reads;
    private final JdbiViews views;
    private final Duration recordLife;
    private final boolean connectionsAlike;

    JdbiStorage(JdbiStorageBuilder builder) {
        this.node = new Node(
                builder.jdbi, new Names(builder.schema, builder.prefix), builder.clock, builder.tables, builder.spaces);
        this.reads = new JdbiReads(node, builder.viewVersion, builder.connectionsAlike);
        this.connectionsAlike = builder.connectionsAlike;
        this.recordLife = builder.recordLife;
        this.views = new JdbiViews(
                node,
                builder.viewVersion,
                new RecordTable(node, recordLife),
                recordLife,
                new PullGate(builder.pullsAtOnce, PullGate.PATIENCE));
    }

    /**
     * Starts to describe a storage.
     *
     * @param jdbi the application's Jdbi. Its handles are made to refuse to end a transaction of the SDK; nothing else
     *     about it changes
     * @return a builder with every option at its default
     */
    public static JdbiStorageBuilder builder(Jdbi jdbi) {
        return new JdbiStorageBuilder(jdbi);
    }

    /**
     * Starts to describe a storage, with a Jdbi of its own.
     *
     * @param dataSource the database, best a pool
     * @return a builder with every option at its default
     */
    public static JdbiStorageBuilder builder(DataSource dataSource) {
        return new JdbiStorageBuilder(Jdbi.create(dataSource));
    }

    /**
     * The statements that create the SDK's tables, for those who do not let applications do that.
     *
     * @param kind the database
     * @param tablePrefix what the tables' names start with
     * @param schema the schema they are in, null for the connection's own
     * @return the statements, each ended by a semicolon. The row of the meta table is written by {@link #install}
     */
    public static String schema(DatabaseKind kind, String tablePrefix, @Nullable String schema) {
        return String.join(";\n\n", Installer.statements(kind, new Names(schema, tablePrefix))) + ";\n";
    }

    /**
     * Creates the SDK's tables and triggers, or brings them up to date. Does nothing if they are; several nodes may do it at once.
     *
     * @return this
     */
    public JdbiStorage install() {
        Installer.install(node.jdbi(), node.names());
        node.installTriggers();
        return this;
    }

    /**
     * The statements that create the triggers of the tables that have them, for those who do not let applications do
     * that. Looks at the tables, which must be there.
     *
     * @return the statements; empty without triggers
     * @throws dev.replisync.error.ConfigurationException if the tables are not as declared
     */
    public String triggerStatements() {
        return node.triggerStatements();
    }

    /**
     * Makes a space known to strategies with several spaces, where unknown ones are errors. Does nothing if it is known.
     *
     * @param spaceID the space, as callers name it
     * @throws IllegalArgumentException if no space can have this name
     * @throws IllegalStateException if spaces are rows of the application ({@link JdbiStorageBuilder#spacesIn})
     */
    public void createSpace(String spaceID) {
        node.jdbi().useTransaction(handle -> createSpace(handle, spaceID));
    }

    /**
     * Makes a space known inside a transaction: a mutator's, which may touch it from then on, or the application's own.
     * Does nothing if it is known; waits for another transaction that is creating the same one.
     *
     * @param handle a handle in a transaction
     * @param spaceID the space, as callers name it
     * @throws IllegalArgumentException if no space can have this name
     * @throws IllegalStateException if spaces are rows of the application ({@link JdbiStorageBuilder#spacesIn})
     */
    public void createSpace(Handle handle, String spaceID) {
        if (Caller.of("-", spaceID).space().equals(GLOBAL_SPACE)) {
            throw new IllegalArgumentException("no space can be named '" + GLOBAL_SPACE + "'");
        }
        if (!node.dialect().spaces.isOwn()) {
            throw new IllegalStateException(
                    "space '" + spaceID + "' cannot be created, because spaces are rows of table "
                            + node.dialect().spaces.from() + "; insert one there");
        }
        Flush flush = node.dialect().flush();
        node.dialect().insertSpaces(flush, new String[] {spaceID});
        try {
            flush.run(handle.getConnection());
        } catch (SQLException e) {
            throw new StorageException("space '" + spaceID + "' could not be created", e);
        }
    }

    /**
     * Begins a new epoch: every client is sent everything anew with its next pull. For the operator, after a restore
     * that the storage cannot notice by itself (rule R36): on H2 always, on PostgreSQL after a snapshot of the whole
     * data directory was put back.
     */
    public void newEpoch() {
        node.epochs().renew();
    }

    /**
     * Changes the strategy that the servers of this database run. For the operator, with all servers stopped; afterwards
     * they are started with the new one, and no server starts with another. Nothing is lost: the last mutation ids stay,
     * so that what clients have not sent yet is applied once, and each client is sent everything anew with its next pull
     * (rule R11).
     *
     * <p>One transaction, so that it can be repeated if it was interrupted, and does nothing if the strategy is that one
     * already. The storage is to be declared as for the new strategy, and {@link #install} called before. A server that
     * was left running answers 503 from then on. What it was doing at this moment is waited for on PostgreSQL; H2 has no
     * lock for that, so there it may still commit the push of a client group that is new, which then stays in its former
     * space and is refused, or a write that clients hear of only when the row changes again.
     *
     * @param toStrategyID the id of the new strategy, as the server's builder takes it
     * @param spaceOfGroup the space that each client group on record belongs to from now on, which is the one that its
     *     requests ask for: {@link #GLOBAL_SPACE} for the strategy {@code "global"}, and else never. A group is given as
     *     it is on record, in {@link #GLOBAL_SPACE} if it comes from the strategy {@code "global"}. May read the
     *     application's tables, but must not use this storage, which is locked. These spaces, and
     *     those of the rows of tables with {@link SyncedTable#space}, exist from then on
     * @throws IllegalArgumentException if {@code spaceOfGroup} gives a space that the strategy cannot keep the group in;
     *     nothing is changed then
     */
    public void changeStrategy(String toStrategyID, Function<OpenPush.Group, String> spaceOfGroup) {
        new StrategyChange(node, toStrategyID, spaceOfGroup).run();
    }

    /**
     * Forgets what nobody needs any more. To be called now and then, say daily, by any node; several may do it at once.
     *
     * <p>Client groups are removed whole, with all their clients, when they were neither pushed nor pulled for the given
     * time; as they are marked as seen once a day only, up to a day later (rule R49). Their users' unsent work, if there
     * is any, is refused when they come back.
     *
     * <p>Deleted entities are forgotten when they were deleted before the given time, as far as this method was called
     * then: a space's versions are related to time by these calls. Clients that did not pull since are sent everything
     * anew (rule R51). Rows that are marked as deleted are deleted.
     *
     * <p>Client view records are forgotten when they were not used for {@link JdbiStorageBuilder#recordLife}, and of those
     * that are kept as rows all but the last 1,000 of each view; a client that comes back later is sent everything anew
     * (rule R50).
     *
     * @param clientGroups for how long a client group may be unseen; a year is reasonable, as a client may come back
     *     after months
     * @param tombstones for how long deleted entities are remembered; zero forgets all of them now
     * @throws IllegalArgumentException if one of the durations is negative
     */
    public void collectGarbage(Duration clientGroups, Duration tombstones) {
        collectGarbage(clientGroups, tombstones, recordLife);
    }

    /**
     * Like {@link #collectGarbage(Duration, Duration)}, with another time for client view records.
     *
     * @param clientGroups for how long a client group may be unseen
     * @param tombstones for how long deleted entities are remembered; zero forgets all of them now
     * @param records for how long a client view record may be unused; zero forgets all of them now
     * @throws IllegalArgumentException if one of the durations is negative
     */
    public void collectGarbage(Duration clientGroups, Duration tombstones, Duration records) {
        new Garbage(node).collect(clientGroups, tombstones, records);
    }

    /**
     * Forgets all clients and what is remembered of entities, and begins a new epoch: for an application that has emptied
     * its tables, such as a demonstration or a test that starts again. The spaces stay, and so do their versions. Clients
     * are sent everything anew, and unsent work of clients that had pushed before is lost: use {@link #collectGarbage} for
     * anything less. The application's own tables are not touched.
     */
    public void forgetEverything() {
        new Garbage(node).forgetEverything();
    }

    @Override
    public PushTx<Handle> open(OpenPush what) {
        return JdbiPushTx.open(node, what);
    }

    @Override
    public PushTx<Handle> join(Handle handle, OpenPush what) {
        return JdbiPushTx.join(node, handle, what);
    }

    @Override
    public Optional<VersionedReads> versioned() {
        return Optional.of(reads);
    }

    @Override
    public Optional<ViewReads> views() {
        return Optional.of(views);
    }

    /**
     * Client view records in a table of the SDK, for all nodes, which outlive restarts. What the row-version strategy
     * takes by itself on H2; to be given to it where it would take something else. {@link #collectGarbage} must be called
     * now and then, or the table grows.
     *
     * @return the store, in the same database but not in the transactions of the data
     */
    public RecordStore recordTable() {
        return views.recordTable();
    }

    @Override
    public boolean sharesTransactions() {
        return connectionsAlike;
    }

    @Override
    public Failure classify(Throwable thrown, Where where) {
        return Classifier.classify(thrown, where, node.names());
    }

    @Override
    public List<String> problems(Check check) {
        return node.problems(check);
    }
}
