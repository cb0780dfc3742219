package dev.replisync.proofs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replisync.proofs.history.Verdict;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jdbi.v3.core.Jdbi;

/** Clients at work on a server, while something goes wrong again and again. */
final class Experiment implements AutoCloseable {
    /** How long the clients work in each cell; longer proves more. */
    private static final Duration LENGTH = Duration.ofSeconds(Long.getLong("proofs.seconds", 1));

    /** With the same seed clients do the same, as far as time lets them. */
    static final long SEED = Long.getLong("proofs.seed", 42);

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final String name;
    private final Setup setup;
    private final String url;
    private final String user;
    private final String[] options;
    private final SplittableRandom random = new SplittableRandom(SEED);
    private volatile ServerProcess server;
    private BooleanSupplier enough = () -> true;
    private int faults;

    /** Creates the application's tables in an empty database and starts a server. */
    Experiment(String name, Setup setup, Jdbi database, String url, String user, String... options) {
        this.name = name;
        this.setup = setup;
        this.url = url;
        this.user = user;
        this.options = options;
        Journal.create(database);
        this.server = start();
    }

    /** An experiment on a new database of a PostgreSQL. */
    static Experiment on(Postgres postgres, String name, Setup setup, String... options) {
        String database = postgres.createDatabase();
        return new Experiment(
                name, setup, postgres.jdbi(database), Postgres.url(database, postgres.port()), "postgres", options);
    }

    /** The database's name, as its address has it. */
    String database() {
        return url.substring(url.lastIndexOf('/') + 1, url.indexOf('?'));
    }

    /** Goes on until this is so, too. */
    Experiment until(BooleanSupplier condition) {
        enough = condition;
        return this;
    }

    /** Another node on the same database, or the same again. */
    ServerProcess start() {
        return ServerProcess.start(setup, url, user, options);
    }

    /** What goes wrong, once. */
    @FunctionalInterface
    interface Fault {
        /** Does it; returns how many faults that was. */
        int inject(SplittableRandom random) throws Exception;
    }

    Way way() {
        return new Way(this::port);
    }

    /** Has clients work while the fault comes again and again, at least twice, and judges what they saw. */
    Verdict run(Fault fault) throws Exception {
        return run(way(), fault);
    }

    Verdict run(Way way, Fault fault) throws Exception {
        long end = System.nanoTime() + LENGTH.toNanos();
        try (Load load = Load.start(way, SEED)) {
            for (int i = 0; i < 2 || System.nanoTime() < end || !enough.getAsBoolean(); i++) {
                awaitWork(load);
                LockSupport.parkNanos(random.nextLong(50_000_000));
                faults += fault.inject(random);
            }
            awaitWork(load);
            Verdict verdict = load.rest();
            Report.add(name, setup, faults, verdict);
            assertThat(verdict.violations()).as(name + ", " + setup).isEmpty();
            assertThat(verdict.lost() + verdict.doubled() + verdict.diverged()).isZero();
            assertThat(verdict.acknowledged()).as("mutations acknowledged").isGreaterThan(100);
            return verdict;
        }
    }

    /** Waits until the clients have got on: what goes wrong then goes wrong in the middle of something. */
    private static void awaitWork(Load load) {
        int most = load.made() + 25;
        await("work of clients", () -> load.made() >= most);
    }

    /** Waits until something is so; it must be so before long. */
    static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waiting for " + what).isLessThan(deadline);
            LockSupport.parkNanos(5_000_000);
        }
    }

    /** Where the server listens now. */
    int port() {
        return server.port();
    }

    /** Kills the server and starts it again. */
    int killServer() {
        server.close();
        server = start();
        return 1;
    }

    @Override
    public void close() {
        server.close();
    }
}
