package dev.replisync.proofs;

import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Two nodes on one database; nobody knows which of them gets a request, or whether both do. */
class TwoNodesTest extends OnPostgres {
    @ParameterizedTest
    @MethodSource("dev.replisync.proofs.Setup#all")
    void requestsGoToEitherNodeSomeToBothAndAnswersGetLost(Setup setup) throws Exception {
        try (Experiment experiment = Experiment.on(postgres(), "two nodes, requests doubled, answers lost", setup);
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
