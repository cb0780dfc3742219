package dev.replisync.benchmarks.lab;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.stream.Stream;

/** A PostgreSQL server of our own that keeps what it acknowledged: fsync and synchronous commits are on. */
public final class Postgres implements AutoCloseable {
    private static final String PARAMETERS = "?user=postgres&sslmode=disable&gssEncMode=disable";

    private final EmbeddedPostgres server;
    private final ProcessHandle postmaster;
    private int databases;

    private Postgres(EmbeddedPostgres server) throws SQLException {
        this.server = server;
        String pid = ask("select split_part(pg_read_file('postmaster.pid'), chr(10), 1)");
        this.postmaster = ProcessHandle.of(Long.parseLong(pid)).orElseThrow();
    }

    /**
     * Starts a server on a free port.
     *
     * @return the server
     * @throws IOException if it does not start
     * @throws SQLException if it does not answer, or would lose commits
     */
    public static Postgres start() throws IOException, SQLException {
        EmbeddedPostgres server = EmbeddedPostgres.builder()
                .setServerConfig("fsync", "on")
                .setServerConfig("synchronous_commit", "on")
                .setServerConfig("full_page_writes", "on")
                .setServerConfig("max_connections", "300")
                .setServerConfig("shared_buffers", "256MB")
                .start();
        Postgres postgres = new Postgres(server);
        for (String name : new String[] {"fsync", "synchronous_commit", "full_page_writes"}) {
            if (!postgres.ask("show " + name).equals("on")) {
                throw new SQLException(name + " is " + postgres.ask("show " + name) + " but it must be on");
            }
        }
        return postgres;
    }

    /** {@return the server's processes, one for each connection among them} */
    public Stream<ProcessHandle> processes() {
        return Stream.concat(Stream.of(postmaster), postmaster.children());
    }

    /** {@return the server's port} */
    public int port() {
        return server.getPort();
    }

    /** {@return the server's version} */
    public String version() throws SQLException {
        return ask("show server_version");
    }

    private String ask(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url("postgres", port()));
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }

    /**
     * Creates an empty database.
     *
     * @return its name
     */
    public String createDatabase() throws SQLException {
        String name = "bench" + ++databases;
        try (Connection connection = DriverManager.getConnection(url("postgres", port()));
                Statement statement = connection.createStatement()) {
            statement.execute("create database " + name);
        }
        return name;
    }

    /**
     * The address of a database.
     *
     * @param database its name
     * @param port the server's port, or that of a link to it
     * @return the address for JDBC, with the user
     */
    public static String url(String database, int port) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + database + PARAMETERS;
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
