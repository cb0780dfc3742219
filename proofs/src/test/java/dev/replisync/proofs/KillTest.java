package dev.replisync.proofs;

import java.nio.file.Path;
import java.time.Duration;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Servers and databases that are killed in the middle and started again. */
class KillTest extends OnPostgres {
    @ParameterizedTest
    @MethodSource("dev.replisync.proofs.Setup#all")
    void theServerIsKilled(Setup setup) throws Exception {
        try (Experiment experiment = Experiment.on(postgres(), "server killed", setup)) {
            experiment.run(random -> experiment.killServer());
        }
    }

    @ParameterizedTest
    @MethodSource("dev.replisync.proofs.Setup#some")
    void theServerIsKilledWithItsH2(Setup setup, @TempDir Path directory) throws Exception {
        // What is acknowledged is in the file, as the example's options have it. Of transactions side by side
        // a part may be left (operations.md says so), hence one connection.
        String url = "jdbc:h2:file:" + directory.resolve("proof")
                + ";DB_CLOSE_ON_EXIT=FALSE;LOCK_TIMEOUT=10000;WRITE_DELAY=0";
        try (Experiment experiment =
                new Experiment("server killed, H2 in a file", setup, Jdbi.create(url, "sa", ""), url, "sa", "pool=1")) {
            experiment.run(random -> experiment.killServer());
        }
    }

    @ParameterizedTest
    @MethodSource("dev.replisync.proofs.Setup#all")
    void postgresIsKilled(Setup setup) throws Exception {
        boolean[] whole = {false};
        try (Experiment experiment = Experiment.on(postgres(), "PostgreSQL killed, or one of its processes", setup)) {
            experiment.run(random -> {
                whole[0] = !whole[0];
                if (whole[0]) {
                    postgres().kill();
                    postgres().restart();
                    return 1;
                }
                int killed = postgres().killBackend(experiment.database()) ? 1 : 0;
                postgres().await(Duration.ofSeconds(60));
                return killed;
            });
        }
    }
}
