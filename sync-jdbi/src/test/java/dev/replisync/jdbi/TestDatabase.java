package dev.replisync.jdbi;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/** A database of its own for a test class, with a pool that notices connections that come back dirty. */
final class TestDatabase implements AutoCloseable {
    private static final AtomicInteger COUNT = new AtomicInteger();

    private final DatabaseKind kind;
    private final HikariDataSource pool;

    private TestDatabase(DatabaseKind kind, String url, String user) {
        this.kind = kind;
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(url);
        config.setUsername(user);
        config.setMaximumPoolSize(24);
        config.setMinimumIdle(0);
        config.setConnectionTimeout(10_000);
        this.pool = new HikariDataSource(config);
    }

    static TestDatabase create(DatabaseKind kind) {
        return kind == DatabaseKind.H2 ? h2() : postgres("");
    }

    static TestDatabase h2() {
        return new TestDatabase(DatabaseKind.H2, "jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1", "sa");
    }

    /** A database of the server that all tests of this JVM share. */
    static TestDatabase postgres(String options) {
        String name = "test" + COUNT.incrementAndGet();
        try (Connection connection = Server.RUNNING.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("create database " + name);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return new TestDatabase(DatabaseKind.POSTGRESQL, url(name) + options, "postgres");
    }

    /** The same database with a pool of its own. */
    TestDatabase sibling(String options) {
        return new TestDatabase(kind, pool.getJdbcUrl() + options, pool.getUsername());
    }

    static String url(String name) {
        return "jdbc:postgresql://localhost:" + Server.RUNNING.getPort() + "/" + name
                + "?sslmode=disable&gssEncMode=disable&ApplicationName=replisync-test";
    }

    private static final class Server {
        static final EmbeddedPostgres RUNNING = start();

        private static EmbeddedPostgres start() {
            try {
                EmbeddedPostgres server = EmbeddedPostgres.builder()
                        .setServerConfig("fsync", "off")
                        .setServerConfig("full_page_writes", "off")
                        .setServerConfig("autovacuum", "off")
                        // Tests wait for deadlocks to be found; it is looked for no less carefully.
                        .setServerConfig("deadlock_timeout", "50ms")
                        .setServerConfig("max_connections", "200")
                        .start();
                Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                    try {
                        server.close();
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                }));
                return server;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** A database that all who ask share. */
    static TestDatabase shared(DatabaseKind kind) {
        return kind == DatabaseKind.H2 ? Shared.H2 : Shared.POSTGRES;
    }

    private static final class Shared {
        static final TestDatabase H2 = h2();
        static final TestDatabase POSTGRES = postgres("");
    }

    /** Each connection that was taken must come back. */
    void assertNoConnectionLeaks() {
        long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (pool.getHikariPoolMXBean().getActiveConnections() > 0 && System.nanoTime() < deadline) {
            Thread.onSpinWait();
        }
        assertThat(pool.getHikariPoolMXBean().getActiveConnections())
                .as("connections that did not come back")
                .isZero();
    }

    DatabaseKind kind() {
        return kind;
    }

    boolean isPostgres() {
        return kind == DatabaseKind.POSTGRESQL;
    }

    HikariDataSource pool() {
        return pool;
    }

    Jdbi jdbi() {
        return Jdbi.create(pool);
    }

    /** A connection that no pool knows; to be closed. */
    Handle outside() {
        return Jdbi.open(pool.getJdbcUrl(), pool.getUsername(), "");
    }

    void execute(String... statements) {
        jdbi().useHandle(handle -> {
            for (String statement : statements) {
                handle.execute(statement);
            }
        });
    }

    @Override
    public void close() {
        pool.close();
    }
}
