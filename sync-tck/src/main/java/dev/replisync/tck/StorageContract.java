package dev.replisync.tck;

import static dev.replisync.tck.Port.SPACE;
import static dev.replisync.tck.Port.closing;
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
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * The storage port itself, without any strategy: what a transaction locks, in which order it reads, what its commit makes
 * visible, and that nothing stays of one that was given up.
 *
 * @param <T> the storage's handle
 */
public abstract class StorageContract<T> extends WritersContract<T> {
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
        assertGroups().isEqualTo(Map.of("g", new OpenPush.Group("g", "u", SPACE)));
        assertClients().isEqualTo(Map.of("c", new Client("g", 1)));
        assertValue(SPACE, "item/1").contains(Json.parse("{\"a\":1}"));
        assertEntities(SPACE).isEqualTo(1);
        try (PushTx<T> tx = new Port<>(store()).open(pushOf("u", "g", "c"))) {
            assertThat(tx.state().clients())
                    .as("clients seen by a second node")
                    .isEqualTo(Map.of("c", new Client("g", 1)));
            assertThat(tx.state().versions()).as("versions that open() read").isEqualTo(Map.of(SPACE, before + 1));
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
        assertGroups().isEmpty();
        assertClients().isEmpty();
        assertEntities(SPACE).isZero();
        assertVersion(SPACE).isEqualTo(before);
        // Nor does it hold a lock.
        node.push("v", "g", "c", 1, kit -> kit.put("item/1", Json.of(2)));
        assertThat(store().look().groups().get("g"))
                .as("a client group in the store")
                .isEqualTo(new OpenPush.Group("g", "v", SPACE));
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
            assertValue(SPACE, "item/1").contains(Json.of(1));
            assertThat(store().look().clients().get("c"))
                    .as("a client in the store")
                    .isEqualTo(new Client("g", 1));
        }
        assertThat(store().look().clients().get("c")).as("after close").isEqualTo(new Client("g", 1));
    }

    @Test
    @Rule("R46")
    final void clientsOfOtherGroupsAreShownAsSuch() {
        Port<T> node = new Port<>(store());
        node.push("u", "g1", "c1", 1, kit -> {});
        try (PushTx<T> tx = node.open(pushOf("u", "g2", "c1", "c2"))) {
            assertThat(tx.state().clients())
                    .as("clients that open() read")
                    .isEqualTo(Map.of("c1", new Client("g1", 1)));
        }
        assertClients().isEqualTo(Map.of("c1", new Client("g1", 1)));
    }

    @Test
    @Rule("R9")
    final void idsGoAsFarAsJavaScriptCounts() {
        new Port<>(store()).push("u", "g1", "c1", (1L << 53) - 1, kit -> {});
        assertClients().isEqualTo(Map.of("c1", new Client("g1", (1L << 53) - 1)));
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
        assertClients()
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
            assertThat(kit.get("item/1"))
                    .as("the value, read in the same transaction")
                    .contains(Json.of(2));
        });
        assertValue(SPACE, "item/1").contains(Json.of(2));
    }

    @Test
    @Rule("R24")
    final void anUnknownFaultIsTheMutatorsOnlyInTheMutator() {
        Port<T> node = new Port<>(store());
        RuntimeException any = new IllegalStateException("anything");
        assertThat(node.storage().classify(any, Where.MUTATOR))
                .as("what an unknown exception of a mutator is")
                .isEqualTo(Failure.PERMANENT);
        assertThat(node.storage().classify(any, Where.SDK))
                .as("what an unknown exception of a statement of the SDK is")
                .isEqualTo(Failure.TRANSIENT);
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
        assertVersion(SPACE).isEqualTo(before);
        assertEntities(SPACE).isZero();

        store().operator().transaction(handle -> {
            try (PushTx<T> tx = node.storage().join(handle, writeTo(SPACE))) {
                assertThat(tx.state().versions())
                        .as("versions that open() read")
                        .isEqualTo(Map.of(SPACE, before));
                node.kit(tx).put("item/1", Json.of(1));
                tx.commit(closing(SPACE));
            }
            assertThat(store().look().entities(SPACE))
                    .as("visible before the application commits")
                    .isZero();
        });
        assertVersion(SPACE).isEqualTo(before + 1);
        assertThat(node.changes("u", before)).as("changes that a pull reads").containsExactly("put item/1 1");
    }
}
