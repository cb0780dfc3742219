package dev.replisync.jdbi;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/** Describes a {@link JdbiStorage}. Used by one thread. */
public final class JdbiStorageBuilder {
    final Jdbi jdbi;
    final List<SyncedTable> tables = new ArrayList<>();
    String prefix = "replisync_";

    @Nullable
    String schema;

    Clock clock = Clock.systemUTC();
    String viewVersion = "";
    Duration recordLife = Duration.ofDays(28);
    SpaceTable.@Nullable Declared spaces;
    boolean connectionsAlike;
    int pullsAtOnce = Math.min(8, 2 * Runtime.getRuntime().availableProcessors());

    JdbiStorageBuilder(Jdbi jdbi) {
        this.jdbi = Objects.requireNonNull(jdbi, "jdbi");
    }

    /**
     * The tables whose rows clients see.
     *
     * @param tables more tables
     * @return this
     */
    public JdbiStorageBuilder tables(SyncedTable... tables) {
        this.tables.addAll(List.of(tables));
        return this;
    }

    /**
     * Keeps the spaces of strategies with several in a table of the application, such as one of organizations: each
     * row is a space from the moment it is committed, and the SDK creates none. Default: in a table of the SDK, into
     * which {@link JdbiStorage#createSpace} writes. The one space of the global strategy stays in the SDK's table.
     *
     * <p>A push locks the row of its space from its beginning, or under version last from its end, to its commit. So
     * pushes to a space wait for a transaction of the application that has updated the row, and the other way round;
     * rows that refer to it with a foreign key do not wait, on PostgreSQL. An id must not be used again after its row
     * was deleted.
     *
     * @param table the table's name, as for {@link SyncedTable#of}
     * @param idColumn its primary key: a text, uuid, integer or bigint; callers name the space by its text
     * @param versionColumn a {@code bigint} that is {@code not null default 0}, which only the SDK writes
     * @return this
     * @throws IllegalArgumentException if one of the names is none
     */
    public JdbiStorageBuilder spacesIn(String table, String idColumn, String versionColumn) {
        this.spaces = new SpaceTable.Declared(table, idColumn, versionColumn);
        return this;
    }

    /**
     * What the names of the SDK's tables start with. Default {@code replisync_}.
     *
     * @param prefix 1 to 40 letters, digits and underscores
     * @return this
     */
    public JdbiStorageBuilder tablePrefix(String prefix) {
        this.prefix = prefix;
        return this;
    }

    /**
     * Declares that a connection is the same whoever takes it: nothing sets a user, a role or a tenant on it by the
     * thread that asks, and the DataSource gives all threads one database. Then pushes that wait for one space share
     * a transaction under version first, and on PostgreSQL pulls of one space that come at once share a snapshot,
     * whoever their users are: much faster where many share a space. Default: each has a connection of its own.
     *
     * @return this
     */
    public JdbiStorageBuilder connectionsAlike() {
        this.connectionsAlike = true;
        return this;
    }

    /**
     * The schema of the SDK's tables. Default: the connection's own.
     *
     * @param schema its name, as the database keeps it
     * @return this
     */
    public JdbiStorageBuilder schema(String schema) {
        this.schema = schema;
        return this;
    }

    /**
     * The clock by which client groups and deleted rows grow old. Default: the system's.
     *
     * @param clock the clock
     * @return this
     */
    public JdbiStorageBuilder clock(Clock clock) {
        this.clock = clock;
        return this;
    }

    /**
     * Changes what clients hold whenever it changes itself: they are sent everything anew. For applications whose
     * values change without a change of the tables' declarations, as with a database view. Default: empty.
     *
     * @param version any text, the same on each node of one release
     * @return this
     */
    public JdbiStorageBuilder viewVersion(String version) {
        this.viewVersion = version;
        return this;
    }

    /**
     * For how long client view records are kept that nobody uses: those in {@link JdbiStorage#recordTable}, and those
     * that are kept as rows on PostgreSQL. That one is used is noted once in a quarter of this time, so it may be
     * forgotten that much earlier. Default: 28 days.
     *
     * @param life more than zero, the same on each node
     * @return this
     */
    public JdbiStorageBuilder recordLife(Duration life) {
        this.recordLife = life;
        return this;
    }

    /**
     * How many pulls of client views, those of the row-version strategy, may have a connection at the same time in this
     * process. Others wait, in the order in which they came, up to 30 seconds, and are then answered as if the pool had
     * no connection for them. A poke of many clients keeps the database busy for a while, because each pull reads a whole
     * view: with fewer at once than the pool has connections, pushes need not wait for them. Default: twice the
     * processors of this machine, and at most 8.
     *
     * @param most at least 1; more where the database has many processors, and the pool as many connections
     * @return this
     */
    public JdbiStorageBuilder pullsAtOnce(int most) {
        this.pullsAtOnce = most;
        return this;
    }

    /**
     * Builds the storage. Does not connect.
     *
     * @return the storage
     * @throws IllegalArgumentException if the prefix or the schema is no name, or the records' life or the number of pulls
     *     at once is not positive
     */
    public JdbiStorage build() {
        return new JdbiStorage(this);
    }
}
