package dev.replisync.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.replisync.SyncServerBuilder;
import dev.replisync.error.RequestException;
import dev.replisync.protocol.Caller;
import dev.replisync.storage.OpenPush;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * Spaces with versions of their own: what happens in one is nobody's business in another, groups stay in theirs, and none
 * comes into being unasked.
 *
 * @param <T> the storage's handle
 */
@Needs(
        value = Feature.SPACES,
        strategy = {Trait.VERSIONS, Trait.SEPARATE_SPACES})
public abstract class SpaceContract<T> extends ServerContract<T> {
    private static final String UNKNOWN = "nowhere";

    /**
     * For subclasses.
     *
     * @param setup what is tested
     */
    protected SpaceContract(ServerSetup<T> setup) {
        super(setup);
    }

    private long version(String space) {
        return store().look().version(space);
    }

    @Test
    @Rule("R2")
    final void aPushMovesTheVersionOfItsOwnSpaceOnly() {
        long here = version(SPACE);
        long there = version(OTHER);
        node().client("ann").set("item/1", 1).push();
        assertThat(version(SPACE)).as("version of the space").isEqualTo(here + 1);
        assertThat(version(OTHER)).as("version of another space").isEqualTo(there);
        assertThat(version("global")).as("version of all spaces together").isZero();
    }

    @Test
    @Rule({"R14", "R53"})
    @Needs(strategy = Trait.DIFFERENCES)
    final void whatHappensInOneSpaceIsNoNewsInAnother() {
        Node<T> node = node();
        ModelClient here = node.client("ann").set("item/1", 1).sync();
        ModelClient there = node.client("ann", OTHER).set("item/2", 2).sync();
        JsonNode cookie = here.view().cookie();
        for (int i = 0; i < 5; i++) {
            there.set("item/2", i).delete("item/3").set("item/4", i).sync();
        }
        PullAnswer answer = here.pull();
        assertThat(answer.cookie()).as("cookie").isEqualTo(cookie);
        assertPatch(answer).isEmpty();
        assertPatch(here.set("item/1", 3).push().pull()).containsExactly("put item/1 3");
        assertThat(node.client("bob").pull().patch()).as("a first pull").containsExactly("put item/1 3");
        assertView(there).containsOnlyKeys("item/2", "item/4");
        there.converges();
    }

    @Test
    @Rule({"R11", "R12"})
    final void aCookieOfAnotherSpaceIsAReset() {
        Node<T> node = node();
        node.client("bob", OTHER).set("item/2", 2).push();
        ModelClient here = node.client("ann").set("item/1", 1).sync();
        ModelClient there = node.client("ann", OTHER);
        there.view().cookie(here.view().cookie());
        assertPatch(there.pull()).containsExactly("clear", "put item/2 2");
        there.converges();
    }

    @Test
    @Rule({"R45", "R46", "R53"})
    @Needs(strategy = Trait.DIFFERENCES)
    final void groupsAndClientsStayInTheirSpace() {
        Node<T> node = node();
        ModelClient here = node.client("ann").set("item/1", 1).sync();
        ModelClient there = node.client("ann", OTHER).set("item/2", 2).sync();
        assertGroups()
                .containsEntry(here.groupID(), new OpenPush.Group(here.groupID(), "ann", SPACE))
                .containsEntry(there.groupID(), new OpenPush.Group(there.groupID(), "ann", OTHER));
        // Another space's client in a push to this one.
        Wire.Answer answer = here.send(List.of(there.mutation(2, "set", Map.of("key", "item/3", "value", 3))));
        assertStatus(answer).isEqualTo(403);
        assertThat(mutators().runs(there.clientID(), 2)).as("runs").isZero();
        assertLastMutationID(there).isEqualTo(1);
        // The group of one space in a request to the other.
        ModelClient moved = here.posing("ann", OTHER).set("item/4", 4);
        assertStatus(moved.tryPush()).isEqualTo(403);
        assertStatus(moved.tryPull().answer()).isEqualTo(403);
        assertThat(mutators().runs(moved.clientID(), 1)).as("runs").isZero();
        assertThat(version(OTHER)).as("version of the other space").isEqualTo(1);
        assertPatch(here.set("item/5", 5).push().pull()).containsExactly("put item/5 5");
    }

    @Test
    @Rule({"R47", "R48"})
    final void anUnknownGroupMayPullAndIsNotStored() {
        node().client("bob", OTHER).set("item/2", 2).push();
        var groups = store().look().groups();
        PullAnswer answer = node().client("ann", OTHER).pull();
        assertPatch(answer).containsExactly("put item/2 2");
        assertThat(answer.ids()).as("last mutation ids in the answer").isEmpty();
        assertGroups().isEqualTo(groups);
    }

    @Test
    @Rule({"R18", "R48"})
    final void aSpaceThatDoesNotExistIsNotFoundAndNotCreated() {
        Node<T> node = node();
        ModelClient client = node.client("ann", UNKNOWN).set("item/1", 1);
        assertThat(client.tryPull().status()).as("status of a pull").isEqualTo(404);
        assertThat(client.tryPush().status()).as("status of a push").isEqualTo(404);
        assertThatThrownBy(
                        () -> node.server()
                                .write(
                                        UNKNOWN,
                                        (tx, ctx) -> store().kit(tx, ctx).delete("item/1")),
                        "a write of the server to a space that does not exist")
                .isInstanceOfSatisfying(
                        RequestException.class,
                        e -> assertThat(e.status())
                                .as("status of the exception")
                                .isEqualTo(404));
        assertThat(mutators().runs(client.clientID(), 1)).as("runs").isZero();
        assertThat(store().look().groups()).as("groups").isEmpty();
        assertThat(client.tryPull().status()).as("status of another pull").isEqualTo(404);
        // Once there is one, the client goes on by itself.
        store().operator().createSpace(UNKNOWN);
        assertPatch(client.push().pull()).containsExactly("put item/1 1");
    }

    @Test
    @Rule({"R1", "R48"})
    @Needs(value = Feature.SPACES_ON_FIRST_USE, strategy = Trait.DIFFERENCES)
    final void aServerThatIsToldSoCreatesSpacesOnTheirFirstPush() {
        Node<T> node = node(SyncServerBuilder::createSpaces);
        ModelClient client = node.client("ann", UNKNOWN);
        assertThat(client.pull().cookie().isNull())
                .as("the first cookie is null")
                .isFalse();
        assertThat(node().client("ann", UNKNOWN).tryPull().status())
                .as("after a pull it exists")
                .isEqualTo(404);
        assertPatch(client.set("item/1", 1).push().pull()).containsExactly("put item/1 1");
        assertThat(version(UNKNOWN)).as("version of the space that was unknown").isEqualTo(1);
        assertPatch(node().client("bob", UNKNOWN).pull()).containsExactly("put item/1 1");
    }

    @Test
    @Rule("R45")
    final void whoMayNotEnterASpaceIsForbidden() {
        Node<T> node =
                node(builder -> builder.spaceAccess((user, space) -> !user.equals("eve") || space.equals(SPACE)));
        node.client("ann", OTHER).set("item/2", 2).sync();
        ModelClient eve = node.client("eve", OTHER).set("item/2", 3);
        assertThat(eve.tryPush().status()).as("status of a push").isEqualTo(403);
        assertThat(eve.tryPull().status()).as("status of a pull").isEqualTo(403);
        assertThat(node.client("eve", UNKNOWN).tryPull().status())
                .as("who may not enter does not learn what exists")
                .isEqualTo(403);
        assertThatThrownBy(
                        () -> node.server().pokes(Caller.of("eve", OTHER), () -> {}),
                        "a subscription to a space that its user may not enter")
                .isInstanceOfSatisfying(
                        RequestException.class,
                        e -> assertThat(e.status())
                                .as("status of the exception")
                                .isEqualTo(403));
        assertThat(mutators().runs(eve.clientID(), 1)).as("runs").isZero();
        node.client("eve").set("item/1", 1).sync();
    }

    @Test
    @Rule("R45")
    final void theReservedNameIsRefused() {
        Node<T> node = node();
        node.client("ann").set("item/1", 1).push();
        ModelClient everywhere = node.client("ann", "global").set("item/1", 2);
        assertThat(everywhere.tryPush().status()).as("status of a push").isEqualTo(403);
        Wire.Answer pull = everywhere.sendPull(everywhere.view().cookie());
        assertThat(pull.status()).as("status of a pull").isEqualTo(403);
        assertThat(pull.body()).as("body of the answer").doesNotContain("item/");
        assertThat(version("global"))
                .as("version of a space that nobody may use")
                .isZero();
    }

    @Test
    @Rule("R67")
    final void aPushPokesItsOwnSpaceOnly() {
        Node<T> node = node();
        AtomicInteger here = node.countPokes(SPACE);
        AtomicInteger there = node.countPokes(OTHER);
        node.client("ann").set("item/1", 1).push();
        eventually("a poke of the space", () -> here.get() == 1);
        assertThat(becomes(() -> there.get() > 0, A_WHILE))
                .as("another space is poked")
                .isFalse();
    }

    @Test
    @Rule("R51")
    @Needs(value = Feature.PURGE, strategy = Trait.DIFFERENCES)
    final void eachSpaceForgetsItsOwnTombstones() {
        Node<T> node = node();
        ModelClient here = node.client("ann").set("item/1", 1).set("item/2", 2).sync();
        for (int i = 0; i < 5; i++) {
            node.client("bob").set("item/2", i).delete("item/1").push();
        }
        ModelClient there = node.client("ann", OTHER).set("item/3", 3).sync();
        store().operator().purgeTombstones();
        assertThat(there.set("item/4", 4).push().pull().patch())
                .as("of a space with a lower version, of which the client knows everything")
                .containsExactly("put item/4 4");
        assertThat(here.pull().patch()).as("from below the purge").containsExactly("clear", "put item/2 4");
    }

    @Test
    @Rule("R27")
    @Needs(Feature.PARALLEL_WRITERS)
    final void aHotSpaceKeepsNobodyElseWaiting() {
        Gates gates = mutators().gates;
        ModelClient hot = node().client("ann").mutate("gate", Map.of("gate", "hot", "key", "item/1", "value", 1));
        Future<ModelClient> held = start(hot::push);
        gates.awaitArrival("hot");
        Future<ModelClient> behind = start(node().client("bob").set("item/2", 2)::push);
        ModelClient elsewhere = node().client("cid", OTHER);
        result(start(() -> {
            for (int i = 0; i < 10; i++) {
                elsewhere.set("item/3", i).sync();
            }
            return elsewhere;
        }));
        assertThat(held.isDone()).as("the push that holds its space has ended").isFalse();
        assertThat(version(OTHER)).as("version of the other space").isEqualTo(10);
        gates.open("hot");
        result(held);
        result(behind);
        assertThat(version(SPACE)).as("version of the space").isEqualTo(2);
    }
}
