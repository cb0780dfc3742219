package dev.replisync.proofs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replisync.proofs.DatabaseProxy.Harm;
import dev.replisync.proofs.DatabaseProxy.What;
import dev.replisync.proofs.DatabaseProxy.When;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Connections to the database that are cut, closed in one direction, or silent, before, during and after COMMIT. */
class CutTest extends OnPostgres {
    @ParameterizedTest
    @MethodSource("dev.replisync.proofs.Setup#all")
    void connectionsBreakAtEachPointOfACommitInEachWay(Setup setup) throws Exception {
        String database = postgres().createDatabase();
        try (DatabaseProxy proxy = DatabaseProxy.open(postgres().port());
                Experiment experiment = new Experiment(
                        "connections cut, stalled or closed around COMMIT",
                        setup,
                        postgres().jdbi(database),
                        Postgres.url(database, proxy.port()),
                        "postgres")) {
            Deque<Harm> all = new ArrayDeque<>(harms(setup));
            experiment.until(all::isEmpty).run(random -> {
                Harm harm = all.isEmpty() ? harms(setup).get(random.nextInt(10)) : all.pop();
                assertThat(proxy.harm(harm))
                        .as("there was an occasion for " + harm)
                        .isTrue();
                return 1;
            });
        }
    }

    /** All that can be done, in any order; what takes seconds, with some setups only. */
    private static List<Harm> harms(Setup setup) {
        boolean patient = Setup.some().anyMatch(setup::equals);
        List<Harm> all = new ArrayList<>();
        for (When when : When.values()) {
            for (What what : What.values()) {
                if (patient || what != What.PARTITION) {
                    all.add(new Harm(when, what));
                }
            }
        }
        Collections.shuffle(all, new Random(Experiment.SEED));
        return all;
    }
}
