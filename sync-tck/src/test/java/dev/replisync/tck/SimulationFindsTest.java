package dev.replisync.tck;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.replisync.storage.OpenPush;
import dev.replisync.storage.PatchSink;
import dev.replisync.storage.PushTx;
import dev.replisync.storage.Storage;
import dev.replisync.storage.VersionedReads;
import dev.replisync.tck.SimulationFailure.Promise;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The simulation can fail: wrong implementations are found within so many histories, and each promise can be broken. */
class SimulationFindsTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    R1: the version is never moved                                       | 5
                    R3: a failed mutation commits nothing, not even its id               | 20
                    R4: clients are not compared                                         | 20
                    R8: cookies are numbers written as strings                           | 5
                    R14: changes of all spaces are read                                  | 20
                    R15: of pushes that share a transaction the first one's ids are kept | 400
                    R17: one clever statement reads before it has waited for the lock    | 60
                    R20: what is left unprocessed is called a success                    | 60
                    R22: a commit whose answer was lost is done again                    | 10
                    R36: a pull across epochs is told that its state is gone             | 20
                    R40: an answer has a new cookie and old ids                          | 5
                    R41: a row is changed if its version is higher                       | 20
                    R41: what is gone is not told                                        | 20
                    R49: a client of a collected group is not told                       | 20
                    R50: a group has one record, written again and again                 | 20
                    R54: the version of the second space does not move                   | 60
                    R54: what came to the second space is not stamped                    | 60
                    R55: only rows that are deleted leave a view                         | 20
                    """)
    void aWrongImplementation(String mutant, int histories) {
        found(named(mutant), histories);
    }

    /** What only goes wrong between requests that are beside each other in just this way. */
    @ParameterizedTest
    @Tag("long")
    @CsvSource(delimiter = '|', textBlock = """
                    R5: the version is read without its lock                      | 1000
                    R5: the version comes from a sequence, out of commit order    | 1000
                    R22: the commit happens when the transaction is closed        | 500
                    R40: each history counts for itself                           | 500
                    """)
    void aRareWrong(String mutant, int histories) {
        found(named(mutant), histories);
    }

    @Test
    void exactlyOnce() {
        assertThat(found(named("R17: one clever"), 60).promise()).isEqualTo(Promise.EXACTLY_ONCE);
    }

    @Test
    void nothingIsLost() {
        assertThat(found(named("R20: what is left"), 60).promise()).isEqualTo(Promise.NOTHING_LOST);
    }

    @Test
    void cookiesGoUp() {
        assertThat(found(named("R8: cookies are"), 5).promise()).isEqualTo(Promise.COOKIES);
    }

    @Test
    void confirmedViewsAreStates() {
        assertThat(found(named("R1: the version"), 5).promise()).isEqualTo(Promise.CONFIRMED_STATE);
    }

    @Test
    void nobodyIsToldWhatHeMayNotSee() {
        assertThat(found(named("R14: changes of all"), 20).promise()).isEqualTo(Promise.PERMISSION);
    }

    @Test
    void clientsGetOn() {
        assertThat(found(named("R33: success is 204"), 5).promise()).isEqualTo(Promise.NEVER_WEDGED);
    }

    @Test
    void whatOneMutationWroteIsSeenTogether() {
        Mutant halves = new WireMutants.Pulls("R6", "one half of each pair comes never") {
            @Override
            void change(ObjectNode answer, JsonNode received) {
                answer.path("patch").forEach(operation -> halve((ObjectNode) operation));
            }

            private void halve(ObjectNode operation) {
                if (operation.path("key").asText().endsWith("/b")) {
                    operation.put("op", "del");
                    operation.remove("value");
                }
            }
        };
        assertThat(found(halves, 20).promise()).isEqualTo(Promise.ATOMIC);
    }

    @Test
    void inTheEndAllSeeWhatThereIs() {
        Mutant forgetful = new Mutant("R5", "who begins after the end sees nothing") {
            @Override
            Storage<MemoryTx> storage(MemoryStorage right) {
                return new DecoratedStorage<>(right) {
                    @Override
                    public Optional<VersionedReads> versioned() {
                        return super.versioned().map(Blind::new);
                    }
                };
            }
        };
        assertThat(found(forgetful, 20).promise()).isEqualTo(Promise.CONVERGENCE);
    }

    @Test
    void whatAServerWritesIsHeardOf() {
        Mutant silent = new Mutant("R5", "a write without a client moves no version") {
            @Override
            Storage<MemoryTx> storage(MemoryStorage right) {
                return new DecoratedStorage<>(right) {
                    @Override
                    public PushTx<MemoryTx> open(OpenPush what) {
                        return new Tx<>(super.open(what)) {
                            @Override
                            public void commit(Closing closing) {
                                super.commit(
                                        closing.clients().isEmpty()
                                                ? new Closing(closing.clients(), new TreeSet<>())
                                                : closing);
                            }
                        };
                    }
                };
            }
        };
        assertThat(found(silent, 60).promise()).isEqualTo(Promise.CONFIRMED_STATE);
    }

    /** A client that waits for a poke must get one, after the commit, in each space, and for what it sees no more. */
    @TestFactory
    Stream<DynamicTest> whoIsConcernedIsPoked() {
        Map<Mutant, Integer> wrong = new LinkedHashMap<>();
        wrong.put(PokeMutants.beforeTheCommit(), 5);
        wrong.put(PokeMutants.onlyOneOfTwoSpaces(), 60);
        wrong.put(PokeMutants.notThoseWhoLoseIt(), 20);
        wrong.put(PokeMutants.notThoseWhoGainIt(), 20);
        return wrong.entrySet().stream()
                .map(mutant -> DynamicTest.dynamicTest(
                        mutant.getKey().toString(),
                        () -> assertThat(found(mutant.getKey(), mutant.getValue())
                                        .promise())
                                .isEqualTo(Promise.POKES)));
    }

    @Test
    void whoPokesJustThoseWhoSeeAnEntityIsRight() {
        Histories<MemoryTx> histories = new Histories<>(PokeMutants.right().setup());
        for (long seed = 1; seed <= 60; seed++) {
            assertThat(histories.run(seed)).isNull();
        }
    }

    /** Shows nothing to the group that the end compares with. */
    private static final class Blind extends DecoratedStorage.Reads {
        Blind(VersionedReads real) {
            super(real);
        }

        @Override
        public Snapshot open(Request request) {
            Snapshot real = super.open(request);
            if (!request.clientGroupID().equals("g-reset")) {
                return real;
            }
            return new Snapshot() {
                @Override
                public State state() {
                    return real.state();
                }

                @Override
                public void changes(PatchSink sink) {}

                @Override
                public void everything(PatchSink sink) {}

                @Override
                public void close() {
                    real.close();
                }
            };
        }
    }

    @Test
    void aFailingHistoryIsShortenedAndNamesItsSeed() {
        Histories<MemoryTx> histories =
                new Histories<>(named("R41: a row is changed").setup());
        long seed = 1;
        SimulationFailure failure = histories.run(seed);
        while (failure == null) {
            failure = histories.run(++seed);
        }
        Histories.Failed shortened = histories.shorten(seed, failure);
        assertThat(shortened.steps()).hasSizeLessThan(HistoryStep.history(seed).size() / 4);
        assertThat(shortened.report()).contains("seed " + seed).contains("from here on nothing goes wrong");
        assertThat(histories.shorten(seed, failure).steps()).isEqualTo(shortened.steps());
    }

    @Test
    void aSeedIsOneHistory() throws Exception {
        for (long seed = 1; seed < 30; seed++) {
            assertThat(trace(seed)).as("history of seed %s", seed).isEqualTo(trace(seed));
        }
    }

    private static List<String> trace(long seed) throws Exception {
        List<String> trace = new ArrayList<>();
        ServerSetup<MemoryTx> setup = named("R41: a row is changed").setup();
        try (SyncFixture<MemoryTx> fixture = setup.store().get()) {
            new Simulation<>(setup, List.of(), fixture, seed, trace).run(HistoryStep.history(seed));
        } catch (SimulationFailure e) {
            trace.add(String.valueOf(e.getMessage()));
        }
        // Epochs, users and records are named at random.
        trace.replaceAll(line -> line.replaceAll("\"[eur]\":\"[^\"]*\"", ""));
        return trace;
    }

    private static SimulationFailure found(Mutant mutant, int histories) {
        Histories<MemoryTx> all = new Histories<>(mutant.setup());
        SimulationFailure failure = null;
        for (long seed = 1; seed <= histories && failure == null; seed++) {
            failure = all.run(seed);
        }
        assertThat(failure)
                .as("what %s histories find in '%s'", histories, mutant)
                .isNotNull();
        return Objects.requireNonNull(failure);
    }

    private static Mutant named(String name) {
        return MutantsTest.mutants()
                .filter(mutant -> mutant.toString().startsWith(name))
                .findFirst()
                .orElseThrow();
    }
}
