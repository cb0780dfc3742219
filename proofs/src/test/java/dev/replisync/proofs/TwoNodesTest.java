package dev.replisync.proofs;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Two nodes on one database; nobody knows which of them gets a request, or whether both do. */
@Tag("long")
@Timeout(300)
class TwoNodesTest {
    @TempDir
    private static Path data;

    private static Postgres postgres;

    @BeforeAll
    static void start() {
        postgres = Postgres.start(data);
    }

    @AfterAll
    static void stop() {
        postgres.close();
    }

    @ParameterizedTest
    @MethodSource("dev.replisync.proofs.Setup#all")
    void requestsGoToEitherNodeSomeToBothAndAnswersGetLost(Setup setup) throws Exception {
        try (Experiment experiment = Experiment.on(postgres, "two nodes, requests doubled, answers lost", setup);
                ServerProcess second = experiment.start();
                SwitchingProxy proxy =
                        new SwitchingProxy(List.of(experiment.way(), new Way(second::port)), Experiment.SEED)) {
            int[] before = {0};
            experiment.run(new Way(proxy::port), random -> {
                LockSupport.parkNanos(100_000_000);
                int faults = proxy.faults() - before[0];
                before[0] += faults;
                return faults;
            });
        }
    }
}
