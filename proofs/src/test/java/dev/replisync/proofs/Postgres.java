package dev.replisync.proofs;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Jdbi;

/** A PostgreSQL that keeps what it acknowledged, and that can be killed and started again with the same data. */
final class Postgres implements AutoCloseable {
    private static final Pattern QUOTED = Pattern.compile("\"([^\"]*)\"|(\\S+)");
    private static final String PARAMETERS = "?user=postgres&sslmode=disable&gssEncMode=disable";

    /** A person looks around for as long as it takes: on a busy machine a database is not created in seconds. */
    private static final String PATIENT = "&options=-c%20transaction_timeout=0";

    /** What the operations guide asks for: nobody waits for ever for a peer that is gone without a word. */
    private static final String TIMEOUTS = "&connectTimeout=2&socketTimeout=2";

    private final int port;
    private final Path data;
    private int databases;

    private Postgres(int port, Path data) {
        this.port = port;
        this.data = data;
    }

    /** Starts a server whose data are in an empty directory. */
    static Postgres start(Path data, String... more) {
        try {
            EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder()
                    .setDataDirectory(data)
                    .setRegisterShutdownHook(false)
                    .setServerConfig("fsync", "on")
                    .setServerConfig("synchronous_commit", "on")
                    .setServerConfig("full_page_writes", "on")
                    .setServerConfig("shared_buffers", "32MB")
                    .setServerConfig("min_wal_size", "32MB")
                    .setServerConfig("max_wal_size", "64MB")
                    .setServerConfig("idle_in_transaction_session_timeout", "1s")
                    .setServerConfig("transaction_timeout", "5s");
            for (String option : more) {
                builder.setServerConfig(
                        option.substring(0, option.indexOf('=')), option.substring(option.indexOf('=') + 1));
            }
            Postgres postgres = new Postgres(builder.start().getPort(), data);
            Runtime.getRuntime().addShutdownHook(new Thread(postgres::close));
            return postgres;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    int port() {
        return port;
    }

    /** Creates an empty database; returns its name. */
    String createDatabase() {
        String name = "proof" + ++databases;
        jdbi("postgres").useHandle(db -> db.execute("create database " + name));
        return name;
    }

    /** The address of a database, through a proxy or not. */
    static String url(String database, int port) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + database + PARAMETERS + TIMEOUTS;
    }

    /** For a look past the server under test. */
    Jdbi jdbi(String database) {
        return Jdbi.create("jdbc:postgresql://127.0.0.1:" + port() + "/" + database + PARAMETERS + PATIENT);
    }

    /** As {@code kill -9} of the postmaster does: the others end by themselves when they notice. */
    void kill() {
        ProcessHandle postmaster = postmaster();
        List<ProcessHandle> all = new ArrayList<>(postmaster.descendants().toList());
        all.add(postmaster);
        postmaster.destroyForcibly();
        CompletableFuture.allOf(all.stream().map(ProcessHandle::onExit).toArray(CompletableFuture[]::new))
                .orTimeout(30, TimeUnit.SECONDS)
                .join();
    }

    private ProcessHandle postmaster() {
        try {
            long pid = Long.parseLong(
                    Files.readAllLines(data.resolve("postmaster.pid")).get(0));
            return ProcessHandle.of(pid).orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    boolean isRunning() {
        try {
            return Files.exists(data.resolve("postmaster.pid")) && postmaster().isAlive();
        } catch (RuntimeException e) {
            return false;
        }
    }

    /** As {@code kill -9} of one of the processes that serve a database: the server then restarts by itself. */
    boolean killBackend(String database) {
        return backend(database).map(ProcessHandle::destroyForcibly).orElse(false);
    }

    private Optional<ProcessHandle> backend(String database) {
        return jdbi("postgres")
                .withHandle(db -> db.createQuery("select pid from pg_stat_activity where datname = ? order by (state ="
                                + " 'idle'), random() limit 1")
                        .bind(0, database)
                        .mapTo(Long.class)
                        .findOne())
                .flatMap(ProcessHandle::of);
    }

    /** Starts it again as it was started, and waits until it can be reached. */
    void restart() {
        try {
            List<String> command = new ArrayList<>();
            if (System.getProperty("user.name").equals("root")) {
                // PostgreSQL does not run as root.
                command.addAll(List.of("unshare", "-U"));
            }
            Matcher words = QUOTED.matcher(Files.readString(data.resolve("postmaster.opts")));
            while (words.find()) {
                command.add(words.group(1) == null ? words.group(2) : words.group(1));
            }
            new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            await(Duration.ofSeconds(60));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until it can be reached. */
    void await(Duration longest) {
        long deadline = System.nanoTime() + longest.toNanos();
        while (true) {
            try (Connection connection = DriverManager.getConnection(url("postgres", port()))) {
                connection.createStatement().execute("select 1");
                return;
            } catch (SQLException e) {
                if (System.nanoTime() > deadline) {
                    throw new IllegalStateException("PostgreSQL does not come back", e);
                }
                LockSupport.parkNanos(20_000_000);
            }
        }
    }

    /** At once and without a checkpoint, which PostgreSQL calls immediate. */
    @Override
    public void close() {
        if (isRunning()) {
            ProcessHandle postmaster = postmaster();
            try {
                new ProcessBuilder("kill", "-QUIT", Long.toString(postmaster.pid())).start();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            postmaster.onExit().orTimeout(30, TimeUnit.SECONDS).join();
        }
    }
}
