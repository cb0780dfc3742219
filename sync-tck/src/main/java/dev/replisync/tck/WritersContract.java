package dev.replisync.tck;

import static dev.replisync.tck.Port.SPACE;
import static dev.replisync.tck.Port.closing;
import static dev.replisync.tck.Port.last;
import static dev.replisync.tck.Port.pushOf;
import static dev.replisync.tck.Port.writeTo;
import static org.assertj.core.api.Assertions.assertThat;

import dev.replisync.protocol.Json;
import dev.replisync.storage.OpenPush;
import dev.replisync.storage.PushTx;
import dev.replisync.storage.PushTx.Client;
import dev.replisync.storage.Storage.Failure;
import dev.replisync.storage.Storage.Where;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/**
 * Transactions that are open at once: who waits for whom and sees what then, and who does not wait.
 *
 * @param <T> the storage's handle
 */
abstract class WritersContract<T> extends StoreContract<T> {
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
    @Needs(Feature.PARALLEL_WRITERS)
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
        assertVersion(SPACE)
                .as(
                        "version, version last, after two writers that were open at once have committed: each moves it by one")
                .isEqualTo(before + 2);
        assertThat(node.changes("u", before))
                .as("changes since before both")
                .containsExactly("put item/1 1", "put item/2 2");
        assertThat(node.changes("u", before + 1))
                .as("the later commit has the later version")
                .containsExactly("put item/1 1");
    }

    /** Neither is refused, and nothing is lost. */
    @Test
    @Rule({"R5", "R27"})
    final void aSecondWriterSucceedsBesideTheFirstOrAfterIt() {
        boolean parallel = store().operator().features().contains(Feature.PARALLEL_WRITERS);
        Port<T> one = new Port<>(store());
        Port<T> two = new Port<>(store());
        long before = store().look().version(SPACE);
        Future<Boolean> second;
        try (PushTx<T> tx = one.open(last(pushOf("u", "g1", "c1")))) {
            one.kit(tx).put("item/1", Json.of(1));
            second = start(() -> {
                try (PushTx<T> other = two.open(last(pushOf("u", "g2", "c2")))) {
                    two.kit(other).put("item/2", Json.of(2));
                    other.commit(closing("g2", Map.of("c2", 1L)));
                    return true;
                }
            });
            assertThat(becomes(second::isDone, parallel ? deadline() : A_WHILE))
                    .as("whether a second writer is done while the first is open, with PARALLEL_WRITERS %s", parallel)
                    .isEqualTo(parallel);
            tx.commit(closing("g1", Map.of("c1", 1L)));
        }
        assertThat(result(second)).as("whether who waited has committed").isTrue();
        assertVersion(SPACE).isEqualTo(before + 2);
        assertThat(one.changes("u", before))
                .as("changes that a pull reads")
                .containsExactly("put item/1 1", "put item/2 2");
        assertClients().isEqualTo(Map.of("c1", new Client("g1", 1), "c2", new Client("g2", 1)));
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
        assertThat(result(waiting)).as("whether who waited has committed").isTrue();
        assertValue(SPACE, "item/1").contains(Json.of(2));
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
        writers.forEach(writer -> assertThat(result(writer))
                .as("transactions that failed, of those that wrote to the same two spaces")
                .isZero());
        assertVersion("a")
                .as("versions of two spaces after %s commits to both, opened in either order", 2 * rounds)
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
        assertClients().isEqualTo(Map.of("c1", new Client(gotIt ? "g1" : "g2", 1)));
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
            assertThat(node.storage().classify(e, Where.SDK))
                    .as("what it is to lose the race for a client")
                    .isEqualTo(Failure.TRANSIENT);
        }
        return false;
    }

    @Test
    @Rule({"R24", "R25", "R27"})
    @Needs(Feature.PARALLEL_WRITERS)
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
}
