package dev.replisync.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import dev.replisync.WriteContext;
import dev.replisync.protocol.Json;
import dev.replisync.strategy.space.SpaceVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.opentest4j.AssertionFailedError;

/** Whoever runs the kit gets a report of all rules, and failures that explain themselves. */
class RuleReportTest {
    @TempDir
    private Path folder;

    @Test
    void aRunWritesWhatBecameOfEachRule() throws IOException {
        run(Some.class);
        String report = report();
        assertThat(report)
                .contains("Of sync-tck; the classes that took part: `" + Some.class.getName() + "`.")
                .contains("Rules: 1 passed, 2 failed, 1 skipped, 5 untested, 61 not run.")
                .contains("| R1 | required | version | passed | 1 passed, 1 skipped because the store lacks TIME |")
                .contains("| R2 | required | version | failed | 1 passed, 1 failed |")
                .contains("| R3 | required | all | failed | 1 failed |")
                .contains("| R36 | optional | all | skipped because the store lacks TIME | 1 skipped |")
                .contains(
                        "| R69 | untested | all | untested because only PostgreSQL has it: a test of its adapter |  |")
                .contains("| R40 | required | all | not run |  |")
                .contains("""
                        ## R2: a push moves the version of the space, under the space's own id

                        Check: the statement""")
                .contains("- Some > Inner > fails: [two] expected: 2 but was: 1")
                .contains("- Some > throwsSomething: java.lang.IllegalStateException: of another kind");
    }

    @Test
    void ofAClassThatRunsAgainTheLastRunCountsAndOthersStay() throws IOException {
        run(Some.class);
        run(Other.class);
        run(Other.class);
        assertThat(report())
                .contains("| R2 | required | version | failed | 1 passed, 1 failed |")
                .contains("| R40 | required | all | passed | 1 passed |");
    }

    @Test
    void noReportIsWrittenWhereNoneIsWanted() throws IOException {
        try (RuleResults results = RuleResults.of("none")) {
            results.add(new RuleResult("x", "x", List.of("R1"), RuleResult.Outcome.PASSED, ""));
        }
        assertThat(Path.of("none")).doesNotExist();
    }

    @Test
    void aFailureNamesRuleIntentAndWhatToCheck() {
        Throwable failure = failure(Some.class, "fails");
        assertThat(failure).isInstanceOf(AssertionFailedError.class).hasMessageEndingWith("""
                        Rule R2: a push moves the version of the space, under the space's own id.
                          Check: the statement that writes the space's version is keyed by the space's id, not by the client group's, \
                        and names no other space.
                        Failed in Some > Inner > fails""");
        assertThat(failure.getMessage()).contains("[two]");
        assertThat(((AssertionFailedError) failure).getActual().getStringRepresentation())
                .isEqualTo("1");
        assertThat(failure.getStackTrace()[0].toString()).doesNotContain("RuleWatch");
    }

    /** What an adapter throws is no assertion, and tells the rule as well. */
    @Test
    void whateverATestThrowsNamesTheRuleAndKeepsItsCause() {
        assertThat(failure(Some.class, "throwsSomething"))
                .isInstanceOf(RuleWatch.Thrown.class)
                .hasMessage("""
                        java.lang.IllegalStateException: of another kind

                        Rule R3: %s.
                          Check: %s.
                        Failed in Some > throwsSomething""", rule("R3").intent(), rule("R3").check())
                .cause()
                .isInstanceOf(IllegalStateException.class);
    }

    /** Else "absent" is all that anybody hears of a mutator that fails. */
    @Test
    void aFailureNamesTheMutationsThatFailed() {
        assertThat(failure(MovesWithoutTouch.class, "whatMovesIsADel").getMessage())
                .contains("[version of the other (kit(tx, ctx).move begins with ctx.touchIn(space, key, Set.of()))]")
                .endsWith("Failed in MovesWithoutTouch > whatMovesIsADelHereAndAPutThere, where\n  mutation 3, 'move',"
                        + " failed: java.lang.IllegalStateException: not locked");
    }

    @Test
    void whatIsThrownBeforeOrAfterATestNamesItsRuleToo() {
        for (Class<?> type : List.of(Before.class, After.class)) {
            assertThat(failure(type, "passes").getMessage())
                    .startsWith("java.lang.IllegalStateException: a connection leaks\n\nRule R3: ")
                    .endsWith("Failed in " + type.getSimpleName() + " > passes");
        }
    }

    private static RuleCatalogue.Entry rule(String id) {
        return RuleCatalogue.find(id).orElseThrow();
    }

    private Throwable failure(Class<?> type, String test) {
        return run(type).getSummary().getFailures().stream()
                .filter(f -> f.getTestIdentifier().getDisplayName().startsWith(test))
                .findFirst()
                .orElseThrow()
                .getException();
    }

    private SummaryGeneratingListener run(Class<?> type) {
        SummaryGeneratingListener listener = new SummaryGeneratingListener();
        LauncherFactory.create()
                .execute(
                        LauncherDiscoveryRequestBuilder.request()
                                .selectors(selectClass(type))
                                .configurationParameter(RuleResults.FOLDER, folder.toString())
                                .build(),
                        listener);
        return listener;
    }

    private String report() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files)
                    .extracting(Path::getFileName)
                    .extracting(Path::toString)
                    .containsExactlyInAnyOrder("results.tsv", "rules.md");
        }
        return Files.readString(folder.resolve("rules.md"));
    }

    /** Not found by the build: run from here only. */
    static final class Some {
        @Test
        @Rule({"R1", "R2"})
        void passes() {
            assertThat(RuleCatalogue.entries()).isNotEmpty();
        }

        @Test
        @Rule({"R1", "R36"})
        void isSkipped() {
            Assumptions.abort(StoreContract.SKIPPED + "the store lacks TIME");
        }

        @Test
        @Rule("R3")
        void throwsSomething() {
            throw new IllegalStateException("of another kind");
        }

        @Nested
        class Inner {
            @Test
            @Rule("R2")
            void fails() {
                assertThat(1).as("two").isEqualTo(2);
            }
        }
    }

    /** Where a move writes to a space that it did not ask for. */
    static final class MovesWithoutTouch extends MoveContract<MemoryTx> {
        MovesWithoutTouch() {
            super(ServerSetup.of(
                    () -> new DecoratedFixture() {
                        @Override
                        public KitHandle kit(MemoryTx tx, WriteContext ctx) {
                            return new DecoratedKit(super.kit(tx, ctx)) {
                                @Override
                                public void move(String key, String space, Json value) {
                                    throw new IllegalStateException("not locked");
                                }
                            };
                        }
                    },
                    new SpaceVersion(),
                    Trait.VERSIONS,
                    Trait.SEPARATE_SPACES));
        }
    }

    private static void close(int connections) {
        if (connections > 0) {
            throw new IllegalStateException("a connection leaks");
        }
    }

    /** A store that cannot be made. */
    static final class Before {
        @BeforeEach
        void opens() {
            close(1);
        }

        @Test
        @Rule("R3")
        void passes() {}
    }

    /** A store that has lost something. */
    static final class After {
        @AfterEach
        void closes() {
            close(1);
        }

        @Test
        @Rule("R3")
        void passes() {}
    }

    /** Another class of the same build. */
    static final class Other {
        @Test
        @Rule("R40")
        void passes() {
            assertThat(RuleCatalogue.entries()).isNotEmpty();
        }
    }
}
