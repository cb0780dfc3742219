package dev.replisync.benchmarks.pushes;

import dev.replisync.benchmarks.lab.Postgres;
import dev.replisync.benchmarks.lab.Writers;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;

/**
 * What PostgreSQL itself can do: the least that a push must write, in one statement that commits by itself, on a
 * connection for each writer. It writes an entity and its client's last mutation id and, unless told otherwise, moves the
 * version of the writer's space, which all writers of the space take turns to do.
 */
final class Limit {
    private static final String SCHEMA = """
            create table if not exists least_space (id int primary key, version bigint not null);
            create table if not exists least_client (id int primary key, last_mutation_id bigint not null);
            create table if not exists least_entity (id int primary key, text text not null, version bigint not null);
            truncate least_space, least_client, least_entity;
            insert into least_space select i, 0 from generate_series(0, 999) i;
            insert into least_client select i, 0 from generate_series(0, 99999) i;
            insert into least_entity select i, repeat('x', 180), 0 from generate_series(0, 99999) i;
            """;

    private static final String PUSH = """
            with space as (update least_space set version = version + 1 where id = ? returning version),
            client as (update least_client set last_mutation_id = last_mutation_id + 1 where id = ?)
            update least_entity set text = ?, version = (select version from space) where id = ?""";

    private Limit() {}

    /**
     * Creates and fills the tables of this measurement.
     *
     * @param database the database's name
     * @param port the server's port
     */
    static void create(String database, int port) throws SQLException {
        try (Connection connection = DriverManager.getConnection(Postgres.url(database, port));
                Statement statement = connection.createStatement()) {
            statement.execute(SCHEMA);
        }
    }

    /**
     * Measures.
     *
     * @param database the database's name
     * @param port the server's port, or that of a link to it
     * @param writers how many write at once
     * @param spaces how many spaces they share
     * @param warmUp how long to warm up
     * @param time how long to measure
     * @return pushes per second
     */
    static double measure(String database, int port, int writers, int spaces, Duration warmUp, Duration time)
            throws SQLException, InterruptedException, ExecutionException {
        List<Connection> connections = new ArrayList<>();
        try {
            List<Writers.Task> tasks = new ArrayList<>();
            for (int i = 0; i < writers; i++) {
                Connection connection = DriverManager.getConnection(Postgres.url(database, port));
                connections.add(connection);
                tasks.add(writer(connection.prepareStatement(PUSH), i, i % spaces));
            }
            return Writers.run(tasks, warmUp, time).perSecond();
        } finally {
            for (Connection connection : connections) {
                connection.close();
            }
        }
    }

    private static Writers.Task writer(PreparedStatement push, int number, int space) {
        int[] count = {0};
        return () -> {
            push.setInt(1, space);
            push.setInt(2, number);
            push.setString(3, "x".repeat(170) + count[0]++);
            push.setInt(4, number);
            push.executeUpdate();
        };
    }
}
