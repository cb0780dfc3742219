package dev.replisync.jdbi;

import dev.replisync.error.ConfigurationException;
import dev.replisync.storage.Storage;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/** What the parts of one storage share. Safe for use by several threads. */
final class Node {
    /** How often the last-seen mark of a client group is written at most (rule R14). */
    static final Duration SEEN_INTERVAL = Duration.ofDays(1);

    private final Jdbi jdbi;
    private final Names names;
    private final Clock clock;
    private final List<SyncedTable> declared;
    private final SpaceTable.@Nullable Declared spaces;
    private volatile @Nullable Found found;
    private volatile @Nullable String strategy;

    /** What is found out by asking the database, once. */
    private record Found(Dialect dialect, Tables tables, Epochs epochs, StrictStrings strictStrings) {}

    Node(Jdbi jdbi, Names names, Clock clock, List<SyncedTable> declared, SpaceTable.@Nullable Declared spaces) {
        this.jdbi = jdbi;
        this.names = names;
        this.clock = clock;
        this.declared = List.copyOf(declared);
        this.spaces = spaces;
        SdkTransaction.guard(jdbi);
    }

    Jdbi jdbi() {
        return jdbi;
    }

    Names names() {
        return names;
    }

    List<SyncedTable> declared() {
        return declared;
    }

    long now() {
        return clock.millis();
    }

    boolean isSeenLongAgo(long lastSeen) {
        return now() - lastSeen >= SEEN_INTERVAL.toMillis();
    }

    Dialect dialect() {
        return found().dialect;
    }

    Tables tables() {
        return found().tables;
    }

    Epochs epochs() {
        return found().epochs;
    }

    StrictStrings strictStrings() {
        return found().strictStrings;
    }

    private Found found() {
        Found known = found;
        if (known != null) {
            return known;
        }
        List<String> problems = problems();
        known = found;
        if (known == null) {
            throw new ConfigurationException(problems);
        }
        return known;
    }

    /** Looks at the database; what is found is kept if nothing is wrong with it. */
    List<String> problems() {
        List<String> problems = new ArrayList<>();
        try (Handle handle = jdbi.open()) {
            Connection connection = handle.getConnection();
            boolean autoCommit = connection.getAutoCommit();
            // Each question for itself: one that fails must not spoil the next.
            connection.setAutoCommit(true);
            try {
                find(connection, problems);
            } finally {
                connection.setAutoCommit(autoCommit);
            }
        } catch (SQLException e) {
            problems.add("the database cannot be asked: " + e.getMessage());
        }
        return problems;
    }

    private void find(Connection connection, List<String> problems) throws SQLException {
        DatabaseKind kind = DatabaseKind.of(connection);
        if (!Installer.isInstalled(connection, names)) {
            problems.add("the SDK's tables " + names.table("…") + " are missing; call install() when the application"
                    + " starts, or run the statements that schema() gives");
        }
        Tables tables = Tables.find(connection, declared, kind, problems);
        Dialect dialect = Dialect.of(kind, names, SpaceTable.find(connection, names, spaces, problems));
        if (problems.isEmpty()) {
            found = new Found(
                    dialect, tables, Epochs.of(this, dialect, connection), new StrictStrings(jdbi.getConfig(), kind));
        }
    }

    /**
     * What of the declarations does not fit a strategy, or that the database has another one. If all is well this node
     * reads and writes with that strategy only, from then on.
     */
    List<String> problems(Storage.Check check) {
        List<String> problems = problems();
        boolean perSpace = check.strategyID().equals("space");
        if (spaces != null && check.createsSpaces()) {
            problems.add("createSpaces() was called, but spaces are rows of table " + spaces.table()
                    + ", which only the application creates; leave it out");
        }
        for (SyncedTable table : declared) {
            Declaration d = table.declaration();
            if (perSpace && !d.isQuery() && !d.has(Declaration.Option.SPACE)) {
                problems.add(d.named() + " has no space(…), but with strategy 'space' each row is in one; declare the"
                        + " column that says in which");
            }
            String triggers = d.get(Declaration.Option.TRIGGERS);
            if (perSpace && JdbiStorage.GLOBAL_SPACE.equals(triggers)) {
                problems.add(d.named() + " has triggers(), which stamp rows in the space of the global strategy; with"
                        + " strategy 'space' declare triggersPerSpace()");
            }
            if (check.strategyID().equals("global") && Triggers.PER_SPACE.equals(triggers)) {
                problems.add(d.named() + " has triggersPerSpace(), which stamp each row in its own space; with strategy"
                        + " 'global' declare triggers()");
            }
        }
        if (problems.isEmpty()) {
            ChosenStrategy.claim(jdbi, names, check.strategyID()).ifPresent(problems::add);
            strategy = check.strategyID();
        }
        return problems;
    }

    /** The strategy that this node was started with; null if it was not, or not yet. */
    @Nullable
    String strategyID() {
        return strategy;
    }

    /** Fails if the servers of the database have another strategy by now. */
    void checkStrategy(@Nullable String current) {
        String mine = strategy;
        if (mine != null && current != null && !mine.equals(current)) {
            throw new StorageException("this server was started with strategy '" + mine
                    + "' but the database was changed to '" + current + "' since; stop it, and start it with that one");
        }
    }

    void installTriggers() {
        if (declared.stream().anyMatch(table -> table.declaration().has(Declaration.Option.TRIGGERS))) {
            try (Handle handle = jdbi.open()) {
                handle.useTransaction(tx -> {
                    Flush lock = dialect().flush();
                    dialect().lock(lock, "", "install");
                    lock.run(tx.getConnection());
                    for (Triggers triggers : triggers()) {
                        triggers.install(tx.getConnection());
                    }
                });
            } catch (SQLException e) {
                throw new StorageException("the triggers could not be created", e);
            }
        }
    }

    String triggerStatements() {
        return triggers().stream().map(Triggers::statements).collect(Collectors.joining());
    }

    private List<Triggers> triggers() {
        return dialect().kind != DatabaseKind.POSTGRESQL
                ? List.of()
                : tables().all().stream()
                        .filter(table -> table.option(Declaration.Option.TRIGGERS) != null)
                        .map(table -> new Triggers(names, dialect().spaces, table))
                        .toList();
    }
}
