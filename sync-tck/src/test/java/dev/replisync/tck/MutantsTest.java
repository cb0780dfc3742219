package dev.replisync.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import dev.replisync.strategy.global.GlobalVersion;
import dev.replisync.strategy.rowversion.RowVersion;
import dev.replisync.strategy.space.SpaceVersion;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.platform.engine.FilterResult;
import org.junit.platform.engine.TestDescriptor;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.PostDiscoveryFilter;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;
import org.junit.platform.launcher.listeners.TestExecutionSummary.Failure;

/**
 * The kit can fail: each wrong implementation fails a test of the rule that it breaks, with a message that a reader
 * understands. Only the tests of that rule are run.
 */
@Tag("mutants")
class MutantsTest {
    /** Some are wrong only in a race, which is not lost each time. */
    private static final int MOST_RERUNS = 20;

    private static final Launcher LAUNCHER = LauncherFactory.create();
    private static final Mutant RIGHT = new Mutant("R1", "a right implementation");

    private static Mutant current = RIGHT;

    static Stream<Mutant> mutants() {
        return Stream.of(
                        VersionMutants.all(),
                        ReadMutants.all(),
                        PushMutants.all(),
                        WireMutants.all(),
                        SpaceMutants.all(),
                        ViewMutants.all(),
                        KeptMutants.all(),
                        PeerMutants.all(),
                        ChangeMutants.all(),
                        SingleTestMutants.all())
                .flatMap(List::stream);
    }

    @ParameterizedTest
    @MethodSource("mutants")
    void failsTheRuleThatItBreaks(Mutant mutant) {
        // What never comes is not waited for: the store is in memory.
        List<Failure> failures = failures(mutant, "PT1S");
        for (int again = 0; failures.isEmpty() && again < MOST_RERUNS; again++) {
            failures = failures(mutant, "PT1S");
        }
        assertThat(failures).as("failed tests of rule %s", mutant.rule()).isNotEmpty();
        assertThat(failures).allSatisfy(failure -> {
            String test = failure.getTestIdentifier().getDisplayName();
            assertThat(failure.getException())
                    .as("what %s fails with", test)
                    .isInstanceOf(AssertionError.class)
                    .isNotInstanceOf(RuleWatch.Thrown.class);
            assertThat(failure.getException().getMessage())
                    .as("what %s says", test)
                    .doesNotStartWith("null")
                    .contains(mutant.says());
        });
    }

    /** Else the failures above would prove nothing. */
    @Test
    void aRightImplementationFailsNothingHere() {
        // A right one on a busy machine is waited for.
        assertThat(failures(RIGHT, "PT30S")).isEmpty();
        for (String rule : List.of("R2", "R11", "R14", "R27", "R45", "R48", "R51", "R54")) {
            assertThat(failures(SpaceMutants.right(rule), "PT30S"))
                    .as("with spaces, %s", rule)
                    .isEmpty();
        }
        assertThat(failures(PeerMutants.rightOnReplicas(), "PT30S"))
                .as("on replicas")
                .isEmpty();
        assertThat(failures(ChangeMutants.right(), "PT30S"))
                .as("with changes of the strategy")
                .isEmpty();
        ViewMutants.all().stream()
                .map(Mutant::rule)
                .distinct()
                .forEach(rule -> assertThat(failures(ViewMutants.right(rule), "PT30S"))
                        .as("with views, %s", rule)
                        .isEmpty());
    }

    private static synchronized List<Failure> failures(Mutant mutant, String deadline) {
        current = mutant;
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                .selectors(
                        mutant instanceof ChangeMutants.Wrong
                                ? List.of(selectClass(Changes.class))
                                : List.of(selectClass(Server.class), selectClass(Port.class)))
                .configurationParameter(RuleResults.FOLDER, "none")
                .filters((PostDiscoveryFilter) test -> FilterResult.includedIf(concerns(test, mutant)))
                .build();
        SummaryGeneratingListener listener = new SummaryGeneratingListener();
        System.setProperty(StoreContract.DEADLINE, deadline);
        try {
            LAUNCHER.execute(request, listener);
        } finally {
            System.clearProperty(StoreContract.DEADLINE);
            current = RIGHT;
        }
        TestExecutionSummary summary = listener.getSummary();
        assertThat(summary.getTestsFoundCount())
                .as("tests of rule %s", mutant.rule())
                .isPositive();
        return summary.getFailures();
    }

    private static boolean concerns(TestDescriptor test, Mutant mutant) {
        return test.isContainer()
                || test.getSource()
                        .filter(org.junit.platform.engine.support.descriptor.MethodSource.class::isInstance)
                        .map(org.junit.platform.engine.support.descriptor.MethodSource.class::cast)
                        .filter(source -> isOf(mutant.contract(), source.getJavaClass()))
                        .map(source -> source.getJavaMethod())
                        .filter(method -> Arrays.asList(
                                        method.getAnnotation(Rule.class).value())
                                .contains(mutant.rule()))
                        .filter(method -> method.getName().startsWith(mutant.test()))
                        .isPresent();
    }

    private static boolean isOf(String contract, Class<?> test) {
        return Stream.<Class<?>>iterate(test, Objects::nonNull, Class::getSuperclass)
                .anyMatch(type -> type.getSimpleName().contains(contract));
    }

    /** The contracts of a whole server, for the mutant whose turn it is. Not found by the build: run from here only. */
    static final class Server extends ServerCompliance<MemoryTx> {
        Server() {
            super(current.setup());
        }
    }

    /** The contract of a change of the strategy, for its own mutants only. */
    static final class Changes extends StrategyChangeContract<MemoryTx> {
        Changes() {
            super(
                    () -> new MutatedFixture(current),
                    List.of(new GlobalVersion(), new SpaceVersion(), new RowVersion()));
        }
    }

    /** The contracts of the port. */
    static final class Port {
        @Nested
        class Transactions extends StorageContract<MemoryTx> {
            @Override
            protected SyncFixture<MemoryTx> fixture() {
                return new MutatedFixture(current);
            }
        }

        @Nested
        class Views extends ViewReadsContract<MemoryTx> {
            @Override
            protected SyncFixture<MemoryTx> fixture() {
                return new MutatedFixture(current instanceof ViewMutant ? current : RIGHT);
            }
        }

        @Nested
        class Kept extends KeptViewsContract<MemoryTx> {
            @Override
            protected SyncFixture<MemoryTx> fixture() {
                return new MutatedFixture(current instanceof ViewMutant ? current : RIGHT);
            }
        }

        @Nested
        class Reads extends VersionedReadsContract<MemoryTx> {
            @Override
            protected SyncFixture<MemoryTx> fixture() {
                return new MutatedFixture(current);
            }
        }
    }
}
