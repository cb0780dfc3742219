package dev.replisync.proofs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replisync.proofs.history.Verdict;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** There is no connection to be had: of the pool, or of PostgreSQL. Requests get 503 and nothing is booked as failed. */
class FullPoolTest extends OnPostgres {
    /** {@code too_many_connections} */
    private static final String TOO_MANY = "53300";

    FullPoolTest() {
        super("max_connections=25");
    }

    @ParameterizedTest
    @MethodSource("dev.replisync.proofs.Setup#some")
    void requestsWaitInVainForAConnection(Setup setup) throws Exception {
        boolean[] pool = {false};
        try (Experiment experiment =
                Experiment.on(postgres(), "no connection: pool full, max_connections", setup, "pool=3")) {
            Way way = experiment.way();
            Verdict verdict = experiment.run(way, random -> {
                int before = way.refused();
                BooleanSupplier refused = () -> way.refused() > before + 3;
                pool[0] = !pool[0];
                if (pool[0]) {
                    holdThePool(experiment.database(), refused);
                } else {
                    takeAllConnections(experiment.database(), refused);
                }
                return 1;
            });
            assertThat(verdict.unanswered())
                    .as("requests that got no connection")
                    .isGreaterThan(6);
        }
    }

    /** All who have one of the pool's connections wait for a lock. */
    private void holdThePool(String database, BooleanSupplier until) {
        try (Handle db = postgres().jdbi(database).open()) {
            db.begin();
            db.execute("set local idle_in_transaction_session_timeout = 0");
            db.execute("lock table list");
            Experiment.await("a request without a connection", until);
            db.rollback();
        }
    }

    /** What the pool has is closed, and what becomes free is taken before the pool can have it again. */
    private void takeAllConnections(String database, BooleanSupplier until) throws SQLException {
        List<Connection> taken = new ArrayList<>();
        try (Handle db = postgres().jdbi("postgres").open()) {
            Experiment.await("a request without a connection", () -> {
                db.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = ?", database);
                takeAll(taken);
                return until.getAsBoolean();
            });
        } finally {
            for (Connection connection : taken) {
                connection.close();
            }
        }
    }

    private void takeAll(List<Connection> taken) {
        while (true) {
            try {
                taken.add(DriverManager.getConnection(
                        Postgres.url("postgres", postgres().port())));
            } catch (SQLException e) {
                assertThat(e.getSQLState()).isEqualTo(TOO_MANY);
                return;
            }
        }
    }
}
