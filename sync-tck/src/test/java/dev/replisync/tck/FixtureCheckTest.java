package dev.replisync.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import dev.replisync.WriteContext;
import dev.replisync.protocol.Json;
import dev.replisync.storage.OpenPush;
import dev.replisync.storage.PushTx;
import dev.replisync.storage.Storage;
import dev.replisync.strategy.global.GlobalVersion;
import dev.replisync.tck.FixtureCheck.Places;
import dev.replisync.tck.FixtureCheck.WrongFixture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/** A fixture that is wrong is told so, by the method that is wrong, before any rule is blamed for it. */
class FixtureCheckTest {
    private static final Places GLOBAL = new Places("default", "global", null, true, true);
    private static final Places SPACES = new Places("default", "default", "other", true, false);

    static Stream<Arguments> wrong() {
        return Stream.of(
                wrong(GLOBAL, "look() returned null", new DecoratedFixture() {
                    @Override
                    public @Nullable StoreView look() {
                        return null;
                    }
                }),
                wrong(
                        GLOBAL,
                        "look().entities(\"global\") of a new fixture gave 1; expected: 0 (nothing: each fixture is a"
                                + " fresh, empty store)",
                        new DecoratedFixture() {
                            @Override
                            public StoreView look() {
                                return new DecoratedFixture.Look(super.look()) {
                                    @Override
                                    public long entities(String spaceID) {
                                        return super.entities(spaceID) + 1;
                                    }
                                };
                            }
                        }),
                wrong(
                        SPACES,
                        "space 'default' is not there: operator().createSpace(\"default\") was called, and node().open(…)"
                                + " still names it among its unknownSpaces",
                        new DecoratedFixture() {
                            @Override
                            public Operator<MemoryTx> operator() {
                                return new DecoratedFixture.Verbs(super.operator()) {
                                    @Override
                                    public void createSpace(String spaceID) {}
                                };
                            }
                        }),
                wrong(
                        SPACES,
                        "space 'default' is not there: operator().features() lacks SPACES, so the fixture has to make"
                                + " this space itself",
                        having(Feature.PURGE)),
                wrong(
                        SPACES,
                        "operator().features() has STRATEGY_CHANGE, but operator().changeStrategy(…) threw"
                                + " java.lang.UnsupportedOperationException: changeStrategy; expected: leave the feature"
                                + " out, or override the method",
                        having(Feature.SPACES, Feature.STRATEGY_CHANGE)),
                wrong(
                        GLOBAL,
                        "operator().features() has READ_RULES, but kit(tx, ctx).readers(…) threw"
                                + " java.lang.UnsupportedOperationException: the store has no read rules; expected: leave"
                                + " the feature out, or override the method",
                        new DecoratedFixture() {
                            @Override
                            public KitHandle kit(MemoryTx tx, WriteContext ctx) {
                                return new DecoratedKit(super.kit(tx, ctx)) {
                                    @Override
                                    public void readers(String key, Set<String> users) {
                                        throw new UnsupportedOperationException("the store has no read rules");
                                    }
                                };
                            }
                        }),
                wrong(
                        GLOBAL,
                        "operator().transaction(work) did not run the work; expected: once, then a commit",
                        new DecoratedFixture() {
                            @Override
                            public Operator<MemoryTx> operator() {
                                return new DecoratedFixture.Verbs(super.operator()) {
                                    @Override
                                    public void transaction(Consumer<MemoryTx> work) {}
                                };
                            }
                        }),
                wrong(
                        GLOBAL,
                        "kit(tx, ctx).put(\"item/1\", …) threw java.lang.UnsupportedOperationException: later",
                        new DecoratedFixture() {
                            @Override
                            public KitHandle kit(MemoryTx tx, WriteContext ctx) {
                                return new DecoratedKit(super.kit(tx, ctx)) {
                                    @Override
                                    public void put(String key, Json value) {
                                        throw new UnsupportedOperationException("later");
                                    }
                                };
                            }
                        }),
                wrong(
                        GLOBAL,
                        "kit(tx, ctx).get(\"item/1\") after kit(tx, ctx).put in the same transaction gave"
                                + " Optional.empty; expected: Optional[{\"a\":1}] (the value)",
                        new DecoratedFixture() {
                            @Override
                            public KitHandle kit(MemoryTx tx, WriteContext ctx) {
                                return new DecoratedKit(super.kit(tx, ctx)) {
                                    @Override
                                    public void put(String key, Json value) {}
                                };
                            }
                        }),
                wrong(
                        GLOBAL,
                        "kit(tx, ctx) keeps entities in space 'default', as ctx.space() says; expected: in space"
                                + " 'global', where the strategy keeps those of all spaces; a transaction with that in it failed"
                                + " with java.lang.IllegalStateException: space 'default' was touched, but its version"
                                + " is not to be moved",
                        new DecoratedFixture() {
                            @Override
                            public KitHandle kit(MemoryTx tx, WriteContext ctx) {
                                return new DecoratedKit(super.kit(tx, ctx)) {
                                    @Override
                                    public Optional<Json> get(String key) {
                                        return tx.get(ctx.space(), key);
                                    }

                                    @Override
                                    public void put(String key, Json value) {
                                        tx.put(ctx.space(), key, value);
                                    }
                                };
                            }
                        }),
                wrong(
                        SPACES,
                        "kit(tx, ctx).move(\"item/1\", \"other\", …) did not call ctx.touchIn(\"other\", \"item/1\", …);"
                                + " expected: it begins with that, so that the other space is locked and its version"
                                + " moves",
                        new DecoratedFixture() {
                            @Override
                            public KitHandle kit(MemoryTx tx, WriteContext ctx) {
                                return new DecoratedKit(super.kit(tx, ctx)) {
                                    @Override
                                    public void move(String key, String space, Json value) {
                                        tx.move(ctx.space(), space, key, value, space);
                                    }
                                };
                            }
                        }),
                wrong(
                        GLOBAL,
                        "another node() after a commit by the first gave Seen[value=Optional.empty, client=null];"
                                + " expected: Seen[value=Optional[{\"a\":1}], client=Client[groupID=fixture-g,"
                                + " lastMutationID=1]] (the same: all nodes of a fixture are on one store)",
                        new DecoratedFixture() {
                            private int nodes;

                            @Override
                            public Storage<MemoryTx> node() {
                                return nodes++ == 0 ? super.node() : new MemoryFixture().node();
                            }
                        }),
                wrong(
                        GLOBAL,
                        "look().value(\"global\", \"item/1\") after a commit gave Optional.empty; expected:"
                                + " Optional[{\"a\":1}] (what the storage has committed, read past it)",
                        new DecoratedFixture() {
                            @Override
                            public StoreView look() {
                                return new MemoryFixture().look();
                            }
                        }),
                wrong(
                        GLOBAL,
                        "look().version(\"global\") after a commit gave 0; expected: 1, as node().open(…) reads it (what the"
                                + " storage has committed, read past it)",
                        new DecoratedFixture() {
                            @Override
                            public StoreView look() {
                                return new DecoratedFixture.Look(super.look()) {
                                    @Override
                                    public long version(String spaceID) {
                                        return 0;
                                    }
                                };
                            }
                        }));
    }

    private static Arguments wrong(Places places, String problem, SyncFixture<MemoryTx> fixture) {
        return Arguments.of(problem, places, fixture);
    }

    private static DecoratedFixture having(Feature... features) {
        return new DecoratedFixture() {
            @Override
            public Operator<MemoryTx> operator() {
                return new DecoratedFixture.Verbs(super.operator()) {
                    @Override
                    public Set<Feature> features() {
                        return Set.of(features);
                    }
                };
            }
        };
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void wrong(String problem, Places places, SyncFixture<MemoryTx> fixture) {
        assertThatThrownBy(() -> FixtureCheck.of(fixture, places))
                .isInstanceOf(WrongFixture.class)
                .hasMessage("The kit cannot use this fixture: " + problem);
    }

    @Test
    void aRightOneIsFoundRight() {
        FixtureCheck.of(new MemoryFixture(), GLOBAL);
        FixtureCheck.of(new MemoryFixture(), SPACES);
        FixtureCheck.of(new MemoryFixture(), new Places("default", "default", "other", false, true));
    }

    /** What is wrong with a storage is for the tests to say, by their rules. */
    @Test
    void aStorageThatThrowsIsNotTheFixturesFault() {
        FixtureCheck.of(
                new DecoratedFixture() {
                    @Override
                    public Storage<MemoryTx> node() {
                        return new DecoratedStorage<>(super.node()) {
                            @Override
                            public PushTx<MemoryTx> open(OpenPush what) {
                                throw new IllegalStateException("not written yet");
                            }
                        };
                    }
                },
                SPACES);
    }

    @Test
    void oneTestSaysSoAndTheOthersAreSkipped(@TempDir Path folder) throws IOException {
        SummaryGeneratingListener listener = new SummaryGeneratingListener();
        LauncherFactory.create()
                .execute(
                        LauncherDiscoveryRequestBuilder.request()
                                .selectors(selectClass(WrongServer.class))
                                .configurationParameter(RuleResults.FOLDER, folder.toString())
                                .build(),
                        listener);
        TestExecutionSummary summary = listener.getSummary();
        assertThat(summary.getTestsFoundCount()).isGreaterThan(100);
        assertThat(summary.getTestsSucceededCount()).isZero();
        assertThat(summary.getFailures())
                .singleElement()
                .satisfies(failure -> assertThat(failure.getException())
                        .hasMessage("The kit cannot use this fixture: look() returned null"));
        assertThat(Files.readString(folder.resolve("rules.md")))
                .contains(
                        "| R17 | required | all | skipped because The kit cannot use this fixture: look() returned null |")
                .doesNotContain("failed |");
    }

    /** Run from here only. */
    static final class WrongServer extends ServerCompliance<MemoryTx> {
        WrongServer() {
            super(ServerSetup.of(
                    () -> new DecoratedFixture() {
                        @Override
                        public @Nullable StoreView look() {
                            return null;
                        }
                    },
                    new GlobalVersion(),
                    Trait.VERSIONS));
        }
    }
}
