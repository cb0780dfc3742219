package dev.replisync.tck;

import dev.replisync.WriteContext;
import dev.replisync.protocol.Json;
import dev.replisync.storage.OpenPush;
import dev.replisync.storage.PushTx;
import dev.replisync.storage.Storage;
import dev.replisync.tck.MemoryState.RowKey;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** Faults that one test is there for: others of its rule do not see them. Only that test is run. */
final class SingleTestMutants {
    private static final long A_MOMENT = 2_000_000;

    private SingleTestMutants() {}

    static List<Mutant> all() {
        return List.of(
                new Wrong(
                        "R5", "mutatorsOfASpaceRunOneAfterTheOther", false, "version first does not lock the version") {
                    @Override
                    OpenPush opening(OpenPush what) {
                        return Port.last(what);
                    }
                },
                new Wrong("R5", "mutatorsRunSideBySide", true, "version last locks the version first") {
                    @Override
                    OpenPush opening(OpenPush what) {
                        return new OpenPush(what.groups(), what.clientIDs(), what.spaces(), true, what.createSpaces());
                    }
                },
                new Wrong("R5", "whoPullsWhileOthersPush", true, "some commits have the version of the one before") {
                    private final AtomicInteger commits = new AtomicInteger();

                    @Override
                    void commit(Transaction tx, PushTx.Closing closing) {
                        tx.real().commit(closing);
                        if (commits.incrementAndGet() % 5 == 0) {
                            long mine = tx.handle().versions.getOrDefault("global", 0L);
                            tx.store()
                                    .change(next -> next.rows.replaceAll(
                                            (key, row) -> row.version() == mine ? row.stamped(mine - 1) : row));
                        }
                    }
                },
                new Wrong("R24", "mutatorsThatLockRowsCrosswise", true, "a deadlock is the mutation's own fault") {
                    private final AtomicInteger calls = new AtomicInteger();

                    @Override
                    Storage.Failure classify(Storage.Failure right) {
                        return Storage.Failure.PERMANENT;
                    }

                    @Override
                    KitHandle kit(KitHandle right, MemoryTx tx, WriteContext ctx) {
                        // There are real ones too, but not always.
                        if (calls.incrementAndGet() % 7 == 0) {
                            throw new MemoryConflict("deadlock");
                        }
                        return right;
                    }
                },
                new Unlocked("R27", "aRowThatIsWritten"),
                new Mutant("R22", "a joined transaction commits by itself") {
                    @Override
                    String test() {
                        return "aJoinedTransaction";
                    }

                    @Override
                    Storage<MemoryTx> storage(MemoryStorage right) {
                        return new DecoratedStorage<>(right) {
                            @Override
                            public PushTx<MemoryTx> join(MemoryTx handle, OpenPush what) {
                                return new DecoratedStorage.Tx<>(super.join(handle, what)) {
                                    @Override
                                    public void commit(Closing closing) {
                                        super.commit(closing);
                                        handle.commit();
                                    }
                                };
                            }
                        };
                    }
                },
                new Wrong("R27", "spacesNamedInAnyOrder", false, "spaces are locked in any order") {
                    private final AtomicInteger opens = new AtomicInteger();

                    @Override
                    OpenPush opening(OpenPush what) {
                        boolean inOrder = opens.incrementAndGet() % 2 == 0;
                        SortedSet<String> first = new TreeSet<>(Set.of(
                                inOrder ? what.spaces().first() : what.spaces().last()));
                        return new OpenPush(
                                what.groups(), what.clientIDs(), first, what.lockVersions(), what.createSpaces());
                    }

                    @Override
                    void opened(Transaction tx) {
                        LockSupport.parkNanos(A_MOMENT);
                        try {
                            tx.what().spaces().forEach(id -> tx.handle().lock(MemoryLocks.Kind.SPACE, id, ""));
                        } catch (RuntimeException e) {
                            tx.close();
                            throw e;
                        }
                    }
                },
                new Wrong("R53", "aCommitMovesOnly", false, "a commit moves all clients of its group") {
                    @Override
                    void commit(Transaction tx, PushTx.Closing closing) {
                        tx.real().commit(closing);
                        String group = tx.what().groups().stream()
                                .map(OpenPush.Group::id)
                                .findFirst()
                                .orElse("");
                        long last = closing.clients().values().stream()
                                .map(PushTx.Client::lastMutationID)
                                .findAny()
                                .orElse(0L);
                        tx.store()
                                .change(next -> next.clients.replaceAll(
                                        (id, c) -> c.groupID().equals(group)
                                                ? new MemoryState.Client(group, last, c.version())
                                                : c));
                    }
                },
                new Wrong("R2", "spacesHaveVersions", false, "a commit moves the versions of all spaces") {
                    @Override
                    void commit(Transaction tx, PushTx.Closing closing) {
                        tx.real().commit(closing);
                        tx.store()
                                .change(next -> next.spaces.replaceAll(
                                        (id, space) -> closing.spaces().contains(id)
                                                ? space
                                                : new MemoryState.Space(space.version() + 1, space.floor())));
                    }
                },
                new WireMutants.Answers("R30", "members that nobody knows are refused") {
                    @Override
                    String test() {
                        return "unknownMembers";
                    }

                    @Override
                    Wire.Answer push(Wire.Answer right, String body) {
                        return Bodies.read(body).has("x") ? new Wire.Answer(400, right.headers(), "") : right;
                    }
                });
    }

    /** A mutant of transactions that one test notices. */
    private abstract static class Wrong extends TxMutant {
        private final String test;
        private final boolean last;

        Wrong(String rule, String test, boolean last, String name) {
            super(rule, name);
            this.test = test;
            this.last = last;
        }

        @Override
        String test() {
            return test;
        }

        @Override
        boolean versionLast() {
            return last;
        }
    }

    /** Writes rows without a lock. */
    private static final class Unlocked extends Mutant {
        private final String test;

        Unlocked(String rule, String test) {
            super(rule, "a row that is written is not locked");
            this.test = test;
        }

        @Override
        String test() {
            return test;
        }

        @Override
        KitHandle kit(KitHandle right, MemoryTx tx, WriteContext ctx) {
            return new DecoratedKit(right) {
                @Override
                public void put(String key, Json value) {
                    RowKey row = new RowKey(tx.home(), key);
                    tx.rows.put(row, tx.row(row).written(value, tx.home()));
                }
            };
        }
    }
}
