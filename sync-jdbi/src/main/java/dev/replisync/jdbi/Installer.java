package dev.replisync.jdbi;

import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/** Creates the SDK's tables. */
final class Installer {
    private static final int GENERATION = 1;
    private static final int ATTEMPTS = 10;
    private static final List<String> TABLES = List.of(
            "meta",
            "epoch",
            "space",
            "client_group",
            "client",
            "ledger",
            "audience",
            "mark",
            "lock",
            "touched",
            "pull",
            "record",
            "view",
            "view_position",
            "view_bucket",
            "view_change");
    private static final List<String> INDEXES =
            List.of("client_by_group", "ledger_by_version", "touched_by_xid", "record_by_use", "change_by_view");

    private Installer() {}

    /** The statements, one after the other. */
    static List<String> statements(DatabaseKind kind, Names names) {
        String file = kind.name().toLowerCase(Locale.ROOT) + "-" + GENERATION + ".sql";
        Map<String, String> values = new TreeMap<>();
        TABLES.forEach(table -> values.put(table, names.table(table)));
        INDEXES.forEach(index -> values.put(index, kind == DatabaseKind.H2 ? names.table(index) : names.plain(index)));
        String text = Resources.read(file, values);
        return List.of(text.strip().split(";\\s*(\\n|$)"));
    }

    static boolean isInstalled(Connection connection, Names names) {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("select generation from " + names.meta())) {
            return rows.next() && rows.getInt(1) >= GENERATION;
        } catch (SQLException e) {
            return false;
        }
    }

    /** Creates what is missing. Two nodes may do this at once: one waits for the other. */
    static void install(Jdbi jdbi, Names names) {
        for (int attempt = 1; ; attempt++) {
            try (Handle handle = jdbi.open()) {
                boolean autoCommit = handle.getConnection().getAutoCommit();
                handle.getConnection().setAutoCommit(true);
                try {
                    create(handle, names);
                    return;
                } finally {
                    handle.getConnection().setAutoCommit(autoCommit);
                }
            } catch (SQLException e) {
                // On H2 "if not exists" does not hold against another node that creates the same.
                if (attempt == ATTEMPTS) {
                    throw new StorageException("the SDK's tables could not be created", e);
                }
            }
        }
    }

    private static void create(Handle handle, Names names) throws SQLException {
        DatabaseKind kind = DatabaseKind.of(handle.getConnection());
        if (isInstalled(handle.getConnection(), names)) {
            return;
        }
        String identity =
                Epochs.readableIdentity(Dialect.of(kind, names, SpaceTable.own(names)), handle.getConnection());
        handle.useTransaction(tx -> {
            if (kind == DatabaseKind.POSTGRESQL) {
                tx.createQuery("select pg_advisory_xact_lock(:lock)::text")
                        .bind("lock", LockKey.of(names.table("install")))
                        .mapTo(String.class)
                        .one();
            }
            createSchema(tx.getConnection(), kind, names);
            for (String statement : statements(kind, names)) {
                try (Statement ddl = tx.getConnection().createStatement()) {
                    ddl.execute(statement);
                }
            }
            insertMeta(tx.getConnection(), names, identity);
        });
    }

    private static void createSchema(Connection connection, DatabaseKind kind, Names names) throws SQLException {
        if (names.schema() == null) {
            return;
        }
        if (kind == DatabaseKind.POSTGRESQL) {
            // "if not exists" asks for the right to create one even if it exists.
            try (PreparedStatement statement =
                    connection.prepareStatement("select 1 from pg_namespace where nspname = ?")) {
                statement.setString(1, names.schema());
                try (ResultSet rows = statement.executeQuery()) {
                    if (rows.next()) {
                        return;
                    }
                }
            }
        }
        try (Statement statement = connection.createStatement()) {
            statement.execute("create schema if not exists " + Names.quote(names.schema()));
        }
    }

    /** A key for what cookies must not show. */
    static String secret() {
        byte[] secret = new byte[32];
        new SecureRandom().nextBytes(secret);
        return Base64.getEncoder().encodeToString(secret);
    }

    private static void insertMeta(Connection connection, Names names, String identity) throws SQLException {
        String sql = "insert into " + names.meta() + " (one, generation, epoch, identity, secret) select 1, ?, ?, "
                + identity + ", ? where not exists (select 1 from " + names.meta() + ")";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setInt(1, GENERATION);
            statement.setString(2, UUID.randomUUID().toString());
            statement.setString(3, secret());
            statement.executeUpdate();
        } catch (SQLException e) {
            if (!"23505".equals(e.getSQLState())) {
                throw e;
            }
            // H2: the other node was first.
        }
    }
}
