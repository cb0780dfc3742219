package dev.replisync.tck;

import dev.replisync.storage.KeptViews;
import dev.replisync.storage.KeptViews.Position;
import dev.replisync.storage.KeptViews.Pull;
import dev.replisync.storage.KeptViews.Request;
import dev.replisync.storage.KeptViews.State;
import dev.replisync.storage.OpenPush;
import dev.replisync.storage.PatchSink;
import dev.replisync.storage.ViewReads;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

/** Wrong records that the storage keeps itself; the port's contract of them notices. */
final class KeptMutants {
    private KeptMutants() {}

    static List<Mutant> all() {
        return List.of(
                new Wrong("R4", "positions that differ by ids only are one") {
                    @Override
                    Pull open(MemoryStorage store, KeptViews right, Request asked) {
                        Pull pull = right.open(asked);
                        return pull.state().continued()
                                        && Port.lines(pull::changes).isEmpty()
                                ? told(pull, s -> at(s, asked.held().orElseThrow()))
                                : pull;
                    }
                },
                new Wrong("R6", "the bookkeeping is read after the view") {
                    @Override
                    Pull open(MemoryStorage store, KeptViews right, Request asked) {
                        Pull pull = right.open(asked);
                        ViewMutant.aMoment();
                        return told(
                                pull,
                                s -> new State(
                                        s.epoch(),
                                        s.group(),
                                        s.continued(),
                                        s.position(),
                                        clients(store, asked),
                                        s.told()));
                    }
                },
                new Wrong("R12", "deleted rows are told to who holds nothing") {
                    @Override
                    void changes(MemoryStorage store, Request asked, Pull right, PatchSink sink) {
                        right.changes(sink);
                        store.state().rows.forEach((key, row) -> {
                            if (row.value() == null && asked.held().isEmpty()) {
                                sink.del(key.key());
                            }
                        });
                    }
                },
                new Wrong("R14", "each pull makes a position, with news or without") {
                    @Override
                    Pull open(MemoryStorage store, KeptViews right, Request asked) {
                        return renumbered(store, right.open(asked), numbers.incrementAndGet());
                    }
                },
                new Wrong("R35", "what another group was told counts for a fork") {
                    @Override
                    Pull open(MemoryStorage store, KeptViews right, Request asked) {
                        Optional<Map<String, Long>> told =
                                asked.held().map(store.state().kept::get).map(MemoryState.SentView::told);
                        return told(
                                right.open(asked),
                                s -> new State(s.epoch(), s.group(), s.continued(), s.position(), s.clients(), told));
                    }
                },
                new Wrong("R36", "a number above the latest stands for the latest") {
                    @Override
                    Pull open(MemoryStorage store, KeptViews right, Request asked) {
                        Optional<Position> latest = asked.held()
                                .flatMap(held -> store.state().kept.keySet().stream()
                                        .filter(kept ->
                                                kept.view().equals(held.view()) && kept.number() < held.number())
                                        .max(Comparator.comparingLong(Position::number)));
                        boolean there = asked.held()
                                .filter(store.state().kept::containsKey)
                                .isPresent();
                        return right.open(there ? asked : holding(asked, latest.or(asked::held)));
                    }
                },
                new Wrong("R37", "what was told in another epoch is forgotten") {
                    @Override
                    Pull open(MemoryStorage store, KeptViews right, Request asked) {
                        return told(
                                right.open(asked),
                                s -> new State(
                                        s.epoch(),
                                        s.group(),
                                        s.continued(),
                                        s.position(),
                                        s.clients(),
                                        s.told().filter(ids -> s.continued())));
                    }
                },
                new Wrong("R39", "a new position takes the place of the one before") {
                    @Override
                    Pull open(MemoryStorage store, KeptViews right, Request asked) {
                        Pull pull = right.open(asked);
                        store.change(next -> next.kept
                                .keySet()
                                .removeIf(kept -> kept.view()
                                                .equals(pull.state().position().view())
                                        && !kept.equals(pull.state().position())));
                        return pull;
                    }
                },
                new Wrong("R40", "each history counts for itself") {
                    @Override
                    Pull open(MemoryStorage store, KeptViews right, Request asked) {
                        Pull pull = right.open(asked);
                        Position position = pull.state().position();
                        long before = pull.state().continued()
                                ? asked.held().orElseThrow().number()
                                : 0;
                        return asked.held().equals(Optional.of(position)) ? pull : renumbered(store, pull, before + 1);
                    }
                },
                new Wrong("R40", "the number is drawn after the view was read") {
                    @Override
                    Pull open(MemoryStorage store, KeptViews right, Request asked) {
                        Pull pull = right.open(asked);
                        ViewMutant.aMoment();
                        return asked.held().equals(Optional.of(pull.state().position()))
                                ? pull
                                : renumbered(store, pull, numbers.incrementAndGet());
                    }
                },
                new Wrong("R41", "what is gone is not told") {
                    @Override
                    void changes(MemoryStorage store, Request asked, Pull right, PatchSink sink) {
                        right.changes(new PatchSink() {
                            @Override
                            public void put(String key, byte[] json) {
                                sink.put(key, json);
                            }

                            @Override
                            public void del(String key) {}
                        });
                    }
                },
                new Wrong("R44", "a position is anybody's") {
                    @Override
                    Pull open(MemoryStorage store, KeptViews right, Request asked) {
                        List<String> asking = List.of(asked.userID(), asked.spaceID(), asked.profileID(), viewVersion);
                        store.change(next -> next.kept.replaceAll((position, sent) -> new MemoryState.SentView(
                                asking, sent.groupID(), sent.epoch(), sent.told(), sent.view())));
                        return right.open(asked);
                    }
                },
                new Wrong("R45", "nobody looks whose group it is") {
                    @Override
                    Pull open(MemoryStorage store, KeptViews right, Request asked) {
                        OpenPush.Group asking =
                                new OpenPush.Group(asked.clientGroupID(), asked.userID(), asked.spaceID());
                        return told(
                                right.open(asked),
                                s -> new State(s.epoch(), asking, s.continued(), s.position(), s.clients(), s.told()));
                    }
                },
                new Wrong("R55", "rows that another user may see are told to all") {
                    @Override
                    void changes(MemoryStorage store, Request asked, Pull right, PatchSink sink) {
                        List<String> told = Port.lines(right::changes);
                        right.changes(sink);
                        store.state().rows.forEach((key, row) -> {
                            boolean mine =
                                    row.valueFor(asked.userID()).isPresent() || told.contains("del " + key.key());
                            if (row.value() != null && !mine) {
                                sink.put(key.key(), row.value().toString().getBytes(StandardCharsets.UTF_8));
                            }
                        });
                    }
                });
    }

    /** Right but for what it overrides. */
    static class Wrong extends ViewMutant {
        final AtomicLong numbers = new AtomicLong();
        String viewVersion = "";

        Wrong(String rule, String name) {
            super(rule, name);
        }

        @Override
        final String contract() {
            return "KeptViewsContract";
        }

        @Override
        final boolean keepsViews() {
            return true;
        }

        @Override
        final ViewReads views(MemoryStorage store, ViewReads right) {
            viewVersion = right.viewVersion();
            return new DecoratedStorage.Views(right) {
                @Override
                public Optional<KeptViews> kept() {
                    return super.kept().map(kept -> asked -> pull(store, kept, asked));
                }
            };
        }

        private Pull pull(MemoryStorage store, KeptViews right, Request asked) {
            Pull pull = open(store, right, asked);
            return new Decorated(pull, pull.state()) {
                @Override
                public void changes(PatchSink sink) {
                    Wrong.this.changes(store, asked, pull, sink);
                }
            };
        }

        Pull open(MemoryStorage store, KeptViews right, Request asked) {
            return right.open(asked);
        }

        void changes(MemoryStorage store, Request asked, Pull right, PatchSink sink) {
            right.changes(sink);
        }
    }

    private static class Decorated implements Pull {
        private final Pull real;
        private final State state;

        Decorated(Pull real, State state) {
            this.real = real;
            this.state = state;
        }

        @Override
        public State state() {
            return state;
        }

        @Override
        public void changes(PatchSink sink) {
            real.changes(sink);
        }

        @Override
        public void close() {
            real.close();
        }
    }

    private interface Change {
        State of(State right);
    }

    private static Pull told(Pull right, Change change) {
        return new Decorated(right, change.of(right.state()));
    }

    private static State at(State s, Position position) {
        return new State(s.epoch(), s.group(), s.continued(), position, s.clients(), s.told());
    }

    /** Gives the record that was kept another number, as if it had been kept under that one. */
    private static Pull renumbered(MemoryStorage store, Pull right, long number) {
        Position before = right.state().position();
        Position after = new Position(before.view(), number);
        store.change(next -> {
            MemoryState.SentView sent = next.kept.get(before);
            if (sent != null) {
                next.kept.put(after, sent);
            }
        });
        return told(right, s -> at(s, after));
    }

    private static Request holding(Request asked, Optional<Position> held) {
        return new Request(asked.userID(), asked.spaceID(), asked.clientGroupID(), asked.profileID(), held);
    }

    private static Map<String, Long> clients(MemoryStorage store, Request asked) {
        return store.state().clients.entrySet().stream()
                .filter(client -> client.getValue().groupID().equals(asked.clientGroupID()))
                .collect(Collectors.toMap(
                        Map.Entry::getKey, client -> client.getValue().lastMutationID()));
    }
}
