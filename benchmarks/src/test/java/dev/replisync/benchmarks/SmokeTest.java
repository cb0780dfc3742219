package dev.replisync.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.replisync.benchmarks.app.App;
import dev.replisync.benchmarks.lab.Postgres;
import dev.replisync.benchmarks.lab.Report;
import dev.replisync.benchmarks.pulls.PullCosts;
import dev.replisync.benchmarks.pushes.InProcess;
import dev.replisync.benchmarks.pushes.Pushes;
import java.time.Duration;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;

/** Each measurement in process once, far too short to mean anything. What it measures it also checks. */
class SmokeTest {
    private static final Duration SHORT = Duration.ofMillis(50);

    @Test
    void measures() throws Exception {
        try (Postgres postgres = Postgres.start();
                Pushes pushes = new Pushes(postgres, SHORT, SHORT, 5);
                HikariDataSource pool = new HikariDataSource()) {
            pool.setJdbcUrl(Postgres.url(postgres.createDatabase(), pushes.port(Pushes.Link.SLOW)));
            App.create(Jdbi.create(pool), 10);
            try (App app = App.start(Jdbi.create(pool), App.Versions.COLUMN, builder -> builder.strategy("global"))) {
                pushes.measure("smoke", Pushes.Link.SLOW, app, "change", InProcess.ITEM, 1, 3);
                pushes.measureOffline("smoke", Pushes.Link.SLOW, app, "change", InProcess.ITEM);
            }
            Report pulls = PullCosts.measure(postgres, true, 3, "", 20);

            assertThat(pushes.reports()).noneMatch(Report::isEmpty);
            assertThat(pulls.markdown())
                    .contains("| space, ledger | PostgreSQL | 20 | nothing changed, nobody wrote | 1 |");
        }
    }
}
