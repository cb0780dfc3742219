package dev.replisync.tck;

import static dev.replisync.tck.Port.SPACE;
import static dev.replisync.tck.Port.closing;
import static dev.replisync.tck.Port.last;
import static dev.replisync.tck.Port.pushOf;
import static dev.replisync.tck.Port.writeTo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.replisync.protocol.Json;
import dev.replisync.storage.OpenPush;
import dev.replisync.storage.PushTx;
import dev.replisync.storage.PushTx.Client;
import dev.replisync.storage.Storage.Failure;
import dev.replisync.storage.Storage.Where;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/**
 * The storage port itself, without any strategy: what a transaction locks, in which order it reads, what its commit makes
 * visible, and that nothing stays of one that was given up.
 *
 * @param <T> the storage's handle
 */
public abstract class StorageContract<T> extends StoreContract<T> {
    /** For subclasses. */
    protected StorageContract() {}

    @Test
    @Rule({"R1", "R2"})
    final void theFixtureGivesAnEmptyStoreAndNodesThatShareIt() {
        Port<T> node = new Port<>(store());
        assertThat(store().look().groups()).as("groups of an empty store").isEmpty();
        assertThat(store().look().clients()).as("clients of an empty store").isEmpty();
        assertThat(store().look().entities(SPACE))
                .as("entities of an empty store")
                .isZero();
        long before = store().look().version(SPACE);

        node.push("u", "g", "c", 1, kit -> kit.put("item/1", Json.parse("{\"a\":1}")));

        assertThat(store().look().version(SPACE)).as("version after a commit").isEqualTo(before + 1);
        assertThat(store().look().groups()).isEqualTo(Map.of("g", new OpenPush.Group("g", "u", SPACE)));
        assertThat(store().look().clients()).isEqualTo(Map.of("c", new Client("g", 1)));
        assertThat(store().look().value(SPACE, "item/1")).contains(Json.parse("{\"a\":1}"));
        assertThat(store().look().entities(SPACE)).isEqualTo(1);
        try (PushTx<T> tx = new Port<>(store()).open(pushOf("u", "g", "c"))) {
            assertThat(tx.state().clients())
                    .as("clients seen by a second node")
                    .isEqualTo(Map.of("c", new Client("g", 1)));
            assertThat(tx.state().versions()).isEqualTo(Map.of(SPACE, before + 1));
        }
    }

    @Test
    @Rule({"R18", "R23"})
    final void nothingStaysOfATransactionThatIsClosedWithoutCommit() {
        Port<T> node = new Port<>(store());
        long before = store().look().version(SPACE);
        try (PushTx<T> tx = node.open(pushOf("u", "g", "c"))) {
            node.kit(tx).put("item/1", Json.of(1));
            tx.touch(SPACE, "item/2", Set.of());
        }
        assertThat(store().look().groups()).isEmpty();
        assertThat(store().look().clients()).isEmpty();
        assertThat(store().look().entities(SPACE)).isZero();
        assertThat(store().look().version(SPACE)).isEqualTo(before);
        // Nor does it hold a lock.
        node.push("v", "g", "c", 1, kit -> kit.put("item/1", Json.of(2)));
        assertThat(store().look().groups().get("g")).isEqualTo(new OpenPush.Group("g", "v", SPACE));
    }

    @Test
    @Rule("R22")
    final void aCommitShowsEverythingAtOnceAndNothingBefore() {
        Port<T> node = new Port<>(store());
        try (PushTx<T> tx = node.open(pushOf("u", "g", "c"))) {
            node.kit(tx).put("item/1", Json.of(1));
            assertThat(node.kit(tx).get("item/1")).as("its own write").contains(Json.of(1));
            assertThat(store().look().value(SPACE, "item/1"))
                    .as("its write, seen by others")
                    .isEmpty();
            tx.commit(closing("g", Map.of("c", 1L)));
            assertThat(store().look().value(SPACE, "item/1")).contains(Json.of(1));
            assertThat(store().look().clients().get("c")).isEqualTo(new Client("g", 1));
        }
        assertThat(store().look().clients().get("c")).as("after close").isEqualTo(new Client("g", 1));
    }

    @Test
    @Rule({"R17", "R45"})
    final void whoWaitedForTheGroupSeesWhatItsHolderCommitted() {
        Port<T> one = new Port<>(store());
        Port<T> two = new Port<>(store());
        Future<PushTx.State> waiting;
        try (PushTx<T> tx = one.open(last(pushOf("first", "g", "c")))) {
            waiting = start(() -> {
                try (PushTx<T> second = two.open(last(pushOf("second", "g", "c")))) {
                    return second.state();
                }
            });
            assertThat(becomes(waiting::isDone, A_WHILE))
                    .as("a second push of the group did not wait")
                    .isFalse();
            tx.commit(closing("g", Map.of("c", 1L)));
        }
        PushTx.State seen = result(waiting);
        assertThat(seen.clients()).as("clients, read after the lock").isEqualTo(Map.of("c", new Client("g", 1)));
        assertThat(seen.groups()).as("owner").containsEntry("g", new OpenPush.Group("g", "first", SPACE));
    }

    @Test
    @Rule({"R5", "R17"})
    final void whoWaitedForTheVersionSeesTheNextOne() {
        Port<T> one = new Port<>(store());
        Port<T> two = new Port<>(store());
        Future<Long> waiting;
        long before;
        try (PushTx<T> tx = one.open(pushOf("u", "g1", "c1"))) {
            before = tx.state().versions().getOrDefault(SPACE, -1L);
            waiting = start(() -> {
                try (PushTx<T> second = two.open(pushOf("u", "g2", "c2"))) {
                    return second.state().versions().getOrDefault(SPACE, -1L);
                }
            });
            assertThat(becomes(waiting::isDone, A_WHILE))
                    .as("a second writer of the space did not wait")
                    .isFalse();
            tx.commit(closing("g1", Map.of("c1", 1L)));
        }
        assertThat(result(waiting)).as("version, read after the lock").isEqualTo(before + 1);
    }

    @Test
    @Rule({"R5", "R27"})
    final void versionLastLetsWritersOfASpaceRunSideBySide() {
        Port<T> node = new Port<>(store());
        long before = store().look().version(SPACE);
        try (PushTx<T> one = node.open(last(pushOf("u", "g1", "c1")));
                PushTx<T> two = new Port<>(store()).open(last(pushOf("u", "g2", "c2")))) {
            assertThat(one.state().versions())
                    .as("versions that are not locked")
                    .isEmpty();
            node.kit(one).put("item/1", Json.of(1));
            node.kit(two).put("item/2", Json.of(2));
            two.commit(closing("g2", Map.of("c2", 1L)));
            one.commit(closing("g1", Map.of("c1", 1L)));
        }
        assertThat(store().look().version(SPACE)).isEqualTo(before + 2);
        assertThat(node.changes("u", before)).containsExactly("put item/1 1", "put item/2 2");
        assertThat(node.changes("u", before + 1))
                .as("the later commit has the later version")
                .containsExactly("put item/1 1");
    }

    @Test
    @Rule("R27")
    final void aRowThatIsWrittenIsLockedToTheEnd() {
        Port<T> one = new Port<>(store());
        Port<T> two = new Port<>(store());
        one.put("item/1", "0");
        Future<Boolean> waiting;
        try (PushTx<T> tx = one.open(last(writeTo(SPACE)))) {
            one.kit(tx).put("item/1", Json.of(1));
            waiting = start(() -> {
                try (PushTx<T> second = two.open(last(writeTo(SPACE)))) {
                    two.kit(second).put("item/1", Json.of(2));
                    second.commit(closing(SPACE));
                    return true;
                }
            });
            assertThat(becomes(waiting::isDone, A_WHILE))
                    .as("a second writer of the row did not wait")
                    .isFalse();
            tx.commit(closing(SPACE));
        }
        assertThat(result(waiting)).isTrue();
        assertThat(store().look().value(SPACE, "item/1")).contains(Json.of(2));
    }

    @Test
    @Rule("R27")
    final void aNamedLockIsHeldToTheEndAndLetsTheNextSeeItsWrites() {
        Port<T> one = new Port<>(store());
        Port<T> two = new Port<>(store());
        Future<Optional<Json>> waiting;
        try (PushTx<T> tx = one.open(last(writeTo(SPACE)))) {
            tx.lock(SPACE, "ı İ 'name'");
            waiting = start(() -> {
                try (PushTx<T> second = two.open(last(writeTo(SPACE)))) {
                    two.kit(second).get("item/1");
                    second.lock(SPACE, "ı İ 'name'");
                    return two.kit(second).get("item/1");
                }
            });
            assertThat(becomes(waiting::isDone, A_WHILE))
                    .as("a second holder of the lock did not wait")
                    .isFalse();
            tx.lock(SPACE, "another name is another lock, and a name can be locked twice");
            tx.lock(SPACE, "ı İ 'name'");
            one.kit(tx).put("item/1", Json.of(1));
            tx.commit(closing(SPACE));
        }
        assertThat(result(waiting)).as("read after the lock, at READ COMMITTED").contains(Json.of(1));
    }

    @Test
    @Rule("R27")
    @Needs(Feature.SPACES)
    final void spacesNamedInAnyOrderDoNotDeadlock() {
        store().operator().createSpace("a");
        store().operator().createSpace("b");
        int rounds = 50;
        List<Future<Integer>> writers =
                List.of(start(() -> writeBoth(rounds, "a", "b")), start(() -> writeBoth(rounds, "b", "a")));
        writers.forEach(writer -> assertThat(result(writer)).as("conflicts").isZero());
        assertThat(store().look().version("a"))
                .isEqualTo(store().look().version("b"))
                .isEqualTo(2L * rounds);
    }

    private int writeBoth(int rounds, String one, String two) {
        Port<T> node = new Port<>(store());
        int conflicts = 0;
        for (int i = 0; i < rounds; i++) {
            try (PushTx<T> tx = node.open(writeTo(one, two))) {
                node.kit(tx, one).put("item/" + one, Json.of(i));
                tx.commit(closing(one, two));
            } catch (RuntimeException e) {
                conflicts++;
            }
        }
        return conflicts;
    }

    @Test
    @Rule("R46")
    final void clientsOfOtherGroupsAreShownAsSuch() {
        Port<T> node = new Port<>(store());
        node.push("u", "g1", "c1", 1, kit -> {});
        try (PushTx<T> tx = node.open(pushOf("u", "g2", "c1", "c2"))) {
            assertThat(tx.state().clients()).isEqualTo(Map.of("c1", new Client("g1", 1)));
        }
        assertThat(store().look().clients()).isEqualTo(Map.of("c1", new Client("g1", 1)));
    }

    @Test
    @Rule({"R46", "R17"})
    final void ofTwoGroupsThatClaimOneNewClientOneGetsIt() {
        Gates gates = new Gates();
        Future<Boolean> first = start(() -> claims(gates, "g1"));
        Future<Boolean> second = start(() -> claims(gates, "g2"));
        // Where a client can be locked that is not there yet, one waits for the other.
        becomes(() -> gates.hasArrived("g1") && gates.hasArrived("g2"), A_WHILE);
        gates.open("g1");
        gates.open("g2");
        boolean gotIt = result(first);
        assertThat(result(second)).as("whether the second group got it").isNotEqualTo(gotIt);
        assertThat(store().look().clients()).isEqualTo(Map.of("c1", new Client(gotIt ? "g1" : "g2", 1)));
    }

    private boolean claims(Gates gates, String group) throws InterruptedException {
        Port<T> node = new Port<>(store());
        try (PushTx<T> tx = node.open(last(pushOf("u", group, "c1")))) {
            gates.pass(group);
            if (tx.state().clients().isEmpty()) {
                tx.commit(closing(group, Map.of("c1", 1L)));
                return true;
            }
        } catch (RuntimeException e) {
            assertThat(node.storage().classify(e, Where.SDK)).isEqualTo(Failure.TRANSIENT);
        }
        return false;
    }

    @Test
    @Rule("R9")
    final void idsGoAsFarAsJavaScriptCounts() {
        new Port<>(store()).push("u", "g1", "c1", (1L << 53) - 1, kit -> {});
        assertThat(store().look().clients()).isEqualTo(Map.of("c1", new Client("g1", (1L << 53) - 1)));
    }

    @Test
    @Rule("R53")
    final void aCommitMovesOnlyTheClientsThatItNames() {
        Port<T> node = new Port<>(store());
        node.push("u", "g1", "c1", 5, kit -> {});
        node.push("u", "g1", "c2", 7, kit -> {});
        node.push("u", "g2", "c3", 9, kit -> {});
        try (PushTx<T> tx = node.open(pushOf("u", "g1", "c1", "c2"))) {
            tx.commit(closing("g1", Map.of("c1", 6L)));
        }
        assertThat(store().look().clients())
                .isEqualTo(Map.of("c1", new Client("g1", 6), "c2", new Client("g1", 7), "c3", new Client("g2", 9)));
    }

    @Test
    @Rule("R58")
    final void aDeletedEntityIsGoneForMutatorsAndCanComeBack() {
        Port<T> node = new Port<>(store());
        node.put("item/1", "1");
        try (PushTx<T> tx = node.open(writeTo(SPACE))) {
            KitHandle kit = node.kit(tx);
            kit.delete("item/1");
            assertThat(kit.get("item/1")).as("deleted in this transaction").isEmpty();
            assertThat(tx.visible("u", SPACE, "item/1"))
                    .as("deleted in this transaction")
                    .isFalse();
            kit.delete("item/never-there");
            tx.commit(closing(SPACE));
        }
        node.write(kit -> {
            assertThat(kit.get("item/1")).as("deleted before").isEmpty();
            kit.delete("item/1");
            kit.put("item/1", Json.of(2));
            assertThat(kit.get("item/1")).contains(Json.of(2));
        });
        assertThat(store().look().value(SPACE, "item/1")).contains(Json.of(2));
    }

    @Test
    @Rule("R24")
    final void anUnknownFaultIsTheMutatorsOnlyInTheMutator() {
        Port<T> node = new Port<>(store());
        RuntimeException any = new IllegalStateException("anything");
        assertThat(node.storage().classify(any, Where.MUTATOR)).isEqualTo(Failure.PERMANENT);
        assertThat(node.storage().classify(any, Where.SDK)).isEqualTo(Failure.TRANSIENT);
    }

    @Test
    @Rule({"R24", "R25", "R27"})
    final void aDeadlockBetweenRowsEndsAndIsKnownAsPassing() {
        Port<T> node = new Port<>(store());
        node.put("item/1", "0");
        node.put("item/2", "0");
        Gates gates = new Gates();
        List<Future<Optional<Failure>>> writers =
                List.of(start(() -> cross(gates, "item/1", "item/2")), start(() -> cross(gates, "item/2", "item/1")));
        gates.awaitArrival("item/1");
        gates.awaitArrival("item/2");
        gates.open("item/1");
        gates.open("item/2");
        List<Optional<Failure>> failures =
                writers.stream().map(StoreContract::result).toList();
        assertThat(failures).as("what the two ended with").contains(Optional.of(Failure.TRANSIENT));
        assertThat(store().look().value(SPACE, "item/1").equals(store().look().value(SPACE, "item/2")))
                .as("both rows were written by the same one")
                .isTrue();
    }

    private Optional<Failure> cross(Gates gates, String first, String second) throws InterruptedException {
        Port<T> node = new Port<>(store());
        try (PushTx<T> tx = node.open(last(writeTo(SPACE)))) {
            node.kit(tx).put(first, Json.of(first));
            gates.pass(first);
            node.kit(tx).put(second, Json.of(first));
            tx.commit(closing(SPACE));
            return Optional.empty();
        } catch (RuntimeException e) {
            return Optional.of(node.storage().classify(new IllegalStateException("wrapped", e), Where.MUTATOR));
        }
    }

    @Test
    @Rule("R22")
    @Needs(Feature.OWN_TRANSACTIONS)
    final void aJoinedTransactionIsTheApplicationsToCommitOrNot() {
        Port<T> node = new Port<>(store());
        long before = store().look().version(SPACE);
        assertThatThrownBy(() -> store().operator().transaction(handle -> {
                    try (PushTx<T> tx = node.storage().join(handle, writeTo(SPACE))) {
                        node.kit(tx).put("item/1", Json.of(1));
                        tx.commit(closing(SPACE));
                    }
                    throw new IllegalStateException("the application rolls back");
                }))
                .hasMessageContaining("the application rolls back");
        assertThat(store().look().version(SPACE)).isEqualTo(before);
        assertThat(store().look().entities(SPACE)).isZero();

        store().operator().transaction(handle -> {
            try (PushTx<T> tx = node.storage().join(handle, writeTo(SPACE))) {
                assertThat(tx.state().versions()).isEqualTo(Map.of(SPACE, before));
                node.kit(tx).put("item/1", Json.of(1));
                tx.commit(closing(SPACE));
            }
            assertThat(store().look().entities(SPACE))
                    .as("visible before the application commits")
                    .isZero();
        });
        assertThat(store().look().version(SPACE)).isEqualTo(before + 1);
        assertThat(node.changes("u", before)).containsExactly("put item/1 1");
    }
}
