package dev.replisync.tck;

import dev.replisync.storage.OpenPush.Group;
import dev.replisync.storage.Storage;
import dev.replisync.tck.MemoryState.Client;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/** Wrong changes of the strategy; the contract of them notices. */
final class ChangeMutants {
    private ChangeMutants() {}

    /** A right change. */
    static Mutant right() {
        return new Wrong("R11", "", "a right change of the strategy");
    }

    static List<Mutant> all() {
        return List.of(
                new Wrong("R11", "eachClientStartsAgain", "entities stay where the old strategy kept them") {
                    @Override
                    void changed(MemoryState before, MemoryState next) {
                        next.rows.clear();
                        next.rows.putAll(before.rows);
                    }
                },
                new Wrong("R21", "pendingMutations", "last mutation ids are forgotten") {
                    @Override
                    void changed(MemoryState before, MemoryState next) {
                        next.clients.clear();
                    }
                },
                new Wrong("R37", "", "ids that a restore made doubtful are told") {
                    @Override
                    void changed(MemoryState before, MemoryState next) {
                        long latest = next.space("global").version();
                        next.clients.replaceAll((id, c) -> new Client(c.groupID(), c.lastMutationID(), latest));
                    }
                },
                new Wrong("R45", "", "client groups stay in their former spaces") {
                    @Override
                    void changed(MemoryState before, MemoryState next) {
                        next.groups.putAll(before.groups);
                    }
                },
                new Wrong("R51", "", "cookies from before a change and back go on") {
                    @Override
                    void changed(MemoryState before, MemoryState next) {
                        next.secret = before.secret;
                        next.spaces.putAll(before.spaces);
                    }
                },
                new Wrong("R11", "noServerStarts", "a server starts with any strategy") {
                    @Override
                    List<String> problems(MemoryStorage right, Storage.Check check) {
                        return List.of();
                    }
                },
                new Wrong("R11", "noServerStarts", "a server that was left running goes on") {
                    @Override
                    List<String> problems(MemoryStorage right, Storage.Check check) {
                        return right.node().problems(check);
                    }
                });
    }

    /** Right but for what it overrides. */
    static class Wrong extends Mutant {
        private final String test;

        Wrong(String rule, String test, String name) {
            super(rule, name);
            this.test = test;
        }

        @Override
        final String contract() {
            return "StrategyChangeContract";
        }

        @Override
        final String test() {
            return test;
        }

        /** After a right change. */
        void changed(MemoryState before, MemoryState next) {}

        List<String> problems(MemoryStorage right, Storage.Check check) {
            return right.problems(check);
        }

        @Override
        final Storage<MemoryTx> storage(MemoryStorage right) {
            return new DecoratedStorage<>(right) {
                @Override
                public List<String> problems(Check check) {
                    return Wrong.this.problems(right, check);
                }
            };
        }

        @Override
        final Operator<MemoryTx> operator(Operator<MemoryTx> right, MemoryStorage store) {
            return new DecoratedFixture.Verbs(right) {
                @Override
                public Set<Feature> features() {
                    return EnumSet.of(Feature.SPACES, Feature.RESTORE, Feature.STRATEGY_CHANGE);
                }

                @Override
                public Runnable backup() {
                    return right.backup();
                }

                @Override
                public void newEpoch() {
                    right.newEpoch();
                }

                @Override
                public void changeStrategy(String toStrategyID, Function<Group, String> spaceOfGroup) {
                    MemoryState before = store.state();
                    right.changeStrategy(toStrategyID, spaceOfGroup);
                    store.change(next -> changed(before, next));
                }
            };
        }
    }
}
