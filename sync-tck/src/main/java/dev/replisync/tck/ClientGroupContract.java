package dev.replisync.tck;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.replisync.storage.OpenPush;
import dev.replisync.storage.PushTx;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/**
 * Client groups: whose they are, how they fork, are recovered, collected, and what a restored store may tell them. Nothing
 * here may lose a client's work, show it to another user, or leave a client for ever with answers that it drops.
 *
 * @param <T> the storage's handle
 */
public abstract class ClientGroupContract<T> extends ServerContract<T> {

    /**
     * For subclasses.
     *
     * @param setup what is tested
     */
    protected ClientGroupContract(ServerSetup<T> setup) {
        super(setup);
    }

    @Test
    @Rule("R35")
    final void aForkedGroupContinuesWithTheOldCookieAndWithoutItsIds() {
        ModelClient old = node().client("ann").set("item/1", 1).set("item/2", 2).sync();
        old.set("item/2", 3).push();
        ModelClient fork = old.fork();
        PullAnswer answer = fork.pull();
        assertThat(answer.ids()).as("ids of the old group").isEmpty();
        fork.converges();
        assertThat(fork.set("item/3", 1).push().pull().ids())
                .as("last mutation ids in the answer")
                .isEqualTo(Map.of(fork.clientID(), 1L));
        old.converges();
    }

    @Test
    @Rule({"R34", "R39"})
    final void aGroupIsRecoveredWithItsOldCookieAgainAndAgain() {
        Node<T> node = node(builder -> builder.schemaVersions(Set.of("", "2"), Set.of("1")));
        ModelClient old = node.client("ann").schema("").set("item/1", 1).sync();
        JsonNode oldCookie = old.view().cookie();
        old.set("item/1", 2).push();
        node.client("bob").set("item/2", 2).push();
        for (int i = 0; i < 2; i++) {
            old.push();
            PullAnswer recovery =
                    PullAnswer.of(old.sendPull(oldCookie), old.view().copy()).taken();
            assertThat(recovery.ids()).as("ids that the recovery is for").isEqualTo(Map.of(old.clientID(), 2L));
        }
        assertStored("item/1").isEqualTo("2");
    }

    @Test
    @Rule("R36")
    @Needs(Feature.RESTORE)
    final void aRestoredStoreIsResetToAndNeverClientStateNotFoundToAPull() {
        ModelClient client = node().client("ann").set("item/1", 1).sync();
        Runnable restore = store().operator().backup();
        for (int i = 0; i < 5; i++) {
            client.set("item/2", i).sync();
        }
        restore.run();
        store().operator().newEpoch();
        assertThat(client.pull().patch()).as("a pull after the restore").containsExactly("clear", "put item/1 1");
        client.converges();
    }

    @Test
    @Rule("R36")
    @Needs(Feature.RESTORE)
    final void historiesDoNotMixWhenTheRestoredVersionPassesTheOldCookie() {
        ModelClient client = node().client("ann").set("item/1", 1).sync();
        Runnable restore = store().operator().backup();
        client.set("item/lost", 1).sync();
        restore.run();
        store().operator().newEpoch();
        ModelClient other = node().client("bob");
        for (int i = 0; i < 5; i++) {
            other.set("item/" + i, i).push();
        }
        client.pull();
        assertView(client).doesNotContainKey("item/lost");
        client.converges();
    }

    @Test
    @Rule({"R36", "R37"})
    @Needs(Feature.RESTORE)
    final void aRestoreThatNobodyAnnouncedIsSeenByTheVersion() {
        ModelClient client = node().client("ann").set("item/1", 1).sync();
        Runnable restore = store().operator().backup();
        client.set("item/1", 2).sync();
        restore.run();
        assertPatch(client.pull()).containsExactly("clear", "put item/1 1");
        assertSeen(client, "item/1").isEqualTo(Bodies.read("1"));
    }

    @Test
    @Rule({"R37", "R21"})
    @Needs(Feature.RESTORE)
    final void aRestoredStoreDoesNotTellLowerIdsAndTheClientStartsAgainWithItsNextPush() {
        ModelClient client = node().client("ann").set("item/1", 1).sync();
        ModelClient tab = client.tab().set("item/1", 2).sync();
        client.pull();
        Runnable restore = store().operator().backup();
        client.set("item/1", 3).set("item/1", 4).sync();
        restore.run();
        store().operator().newEpoch();

        PullAnswer answer = client.pull();
        assertThat(answer.ids()).as("ids after the restore").doesNotContainEntry(client.clientID(), 1L);
        Wire.Answer push = client.set("item/1", 5).tryPush();
        assertStatus(push).isEqualTo(200);
        assertThat(Bodies.read(push.body()).path("error").asText())
                .as("error in the body of the answer")
                .isEqualTo("ClientStateNotFound");
        assertThat(stored("item/1")).as("nothing of it ran").isEqualTo("2");
        assertLastMutationID(client).isEqualTo(1);

        // Who lost nothing goes on, and hears of it.
        tab.set("item/1", 6).push();
        assertThat(tab.pull().ids()).as("last mutation ids in the answer").containsEntry(tab.clientID(), 2L);
        tab.converges();
    }

    @Test
    @Rule({"R37", "R4"})
    @Needs(Feature.RESTORE)
    final void whatWasProcessedBeforeTheBackupIsConfirmedAfterTheRestore() {
        ModelClient client = node().client("ann").set("item/1", 1).sync();
        client.set("item/2", 2).push();
        Runnable restore = store().operator().backup();
        node().client("bob").set("item/3", 3).sync();
        restore.run();
        store().operator().newEpoch();
        assertThat(client.pull().ids()).as("last mutation ids in the answer").containsEntry(client.clientID(), 2L);
        assertPending(client).isEmpty();
        client.converges();
    }

    @Test
    @Rule("R37")
    @Needs(Feature.RESTORE)
    final void afterARestoreToBeforeAnotherNoIdIsTakenBack() {
        ModelClient client = node().client("ann").set("item/1", 1).sync();
        Runnable restore = store().operator().backup();
        store().operator().newEpoch();
        client.pull();
        client.set("item/1", 2).sync();
        restore.run();
        store().operator().newEpoch();
        // The store has never heard of the epoch that the cookie is of.
        assertThat(client.pull().ids()).as("last mutation ids in the answer").doesNotContainKey(client.clientID());
        assertSeen(client, "item/1").isEqualTo(Bodies.read("1"));
    }

    @Test
    @Rule("R37")
    @Needs(Feature.RESTORE)
    final void whatWasKeptBackAfterARestoreIsKeptBackAfterTheNext() {
        ModelClient client = node().client("ann").set("item/1", 1).sync();
        Runnable restore = store().operator().backup();
        client.set("item/1", 2).sync();
        restore.run();
        store().operator().newEpoch();
        assertThat(client.pull().ids()).as("last mutation ids in the answer").doesNotContainKey(client.clientID());
        store().operator().newEpoch();
        // The client still knows the higher id, and the cookie alone tells that this epoch never told one.
        assertThat(client.pull().ids()).as("last mutation ids in the answer").doesNotContainKey(client.clientID());
        assertSeen(client, "item/1").isEqualTo(Bodies.read("1"));
    }

    @Test
    @Rule("R37")
    @Needs(value = Feature.RESTORE, strategy = Trait.VERSIONS)
    final void anEpochFromBeforeTheFirstWriteIsRememberedToo() {
        ModelClient client = node().client("ann");
        client.pull();
        store().operator().newEpoch();
        client.set("item/1", 1).tryPush();
        store().operator().newEpoch();
        assertThat(client.pull().ids()).as("last mutation ids in the answer").containsEntry(client.clientID(), 1L);
        client.converges();
    }

    @Test
    @Rule("R37")
    @Needs(value = Feature.RESTORE, strategy = Trait.VERSIONS)
    final void whatWasConfirmedAfterAnEpochThatIsLostIsTold() {
        node().client("bob").set("item/1", 1).sync();
        Runnable restore = store().operator().backup();
        store().operator().newEpoch();
        ModelClient client = node().client("ann");
        client.pull();
        restore.run();
        store().operator().newEpoch();
        client.set("item/2", 1).tryPush();
        store().operator().newEpoch();
        // The store has never heard of the cookie's epoch, and the id was confirmed in one that is over, too.
        assertThat(client.pull().ids()).as("last mutation ids in the answer").containsEntry(client.clientID(), 1L);
        client.converges();
    }

    @Test
    @Rule("R45")
    final void anotherUsersGroupIsForbiddenAndUnchanged() {
        ModelClient owner = node().client("ann").set("item/1", 1).sync();
        var groups = store().look().groups();
        var clients = store().look().clients();
        long version = version();
        ModelClient thief = owner.posing("eve", SPACE);
        List<ObjectNode> mutations = List.of(
                owner.mutation(2, "set", Map.of("key", "item/1", "value", "stolen")), thief.mutation(1, "noop", ""));
        assertThat(thief.send(mutations).status()).as("status of a push").isEqualTo(403);
        assertThat(thief.send(List.of(thief.mutation(1, "noop", ""))).status())
                .as("status of a push with a client of its own")
                .isEqualTo(403);
        assertThat(thief.send(List.of()).status()).as("status of an empty push").isEqualTo(403);
        Wire.Answer pull = thief.sendPull(owner.view().cookie());
        assertThat(pull.status()).as("status of a pull").isEqualTo(403);
        assertThat(pull.body()).as("body of a pull").doesNotContain("item/1");
        assertGroups().isEqualTo(groups);
        assertClients().isEqualTo(clients);
        assertVersion().isEqualTo(version);
        assertStored("item/1").isEqualTo("1");
        owner.set("item/1", 2).sync();
    }

    @Test
    @Rule("R45")
    @Needs(value = Feature.SPACES, strategy = Trait.SEPARATE_SPACES)
    final void aGroupOfAnotherSpaceIsForbiddenAndUnchanged() {
        ModelClient owner = node().client("ann").set("item/1", 1).sync();
        var groups = store().look().groups();
        ModelClient elsewhere = owner.posing("ann", "other");
        assertThat(elsewhere.set("item/1", 2).tryPush().status())
                .as("status of a push")
                .isEqualTo(403);
        assertThat(elsewhere.tryPull().status()).as("status of a pull").isEqualTo(403);
        assertGroups().isEqualTo(groups);
        assertVersion(kept("other")).isZero();
    }

    @Test
    @Rule("R45")
    final void ofTwoUsersThatClaimOneNewGroupExactlyOneWins() {
        for (int round = 0; round < 10; round++) {
            Gates gates = new Gates();
            ModelClient ann = node().client("ann");
            ModelClient eve = ann.posing("eve", SPACE).via(node().wire());
            List<Future<Integer>> pushes = new ArrayList<>();
            for (ModelClient one : List.of(ann, eve)) {
                one.increment("item/claimed");
                pushes.add(start(() -> {
                    gates.pass("start");
                    return one.tryPush().status();
                }));
            }
            gates.open("start");
            assertThat(pushes.stream().map(StoreContract::result))
                    .as("statuses")
                    .containsExactlyInAnyOrder(200, 403);
            assertStored("item/claimed").isEqualTo(String.valueOf(round + 1));
        }
    }

    @Test
    @Rule("R46")
    final void aClientOfAnotherGroupIsRefusedAndNotMoved() {
        ModelClient ann = node().client("ann").set("item/1", 1).sync();
        ModelClient other = node().client("ann");
        Wire.Answer answer = other.send(List.of(
                other.mutation(1, "set", Map.of("key", "item/2", "value", 2)),
                ann.mutation(2, "set", Map.of("key", "item/1", "value", 2))));
        assertStatus(answer).isEqualTo(403);
        assertThat(store().look().clients().get(ann.clientID()))
                .as("a client in the store")
                .isEqualTo(new PushTx.Client(ann.groupID(), 1));
        assertStored("item/1").isEqualTo("1");
        assertStored("item/2").isEqualTo("absent");
        ann.set("item/1", 3).sync();
    }

    @Test
    @Rule({"R47", "R48"})
    final void aPullOfAnUnknownGroupPasses() {
        node().client("bob").set("item/1", 1).push();
        PullAnswer answer = node().client("ann").pull();
        assertPatch(answer).containsExactly("put item/1 1");
        assertThat(answer.ids()).as("ids for clients never seen").isEmpty();
    }

    @Test
    @Rule({"R48", "R14"})
    @Needs(strategy = Trait.VERSIONS)
    final void aPullOfAnUnknownGroupLeavesNothing() {
        node().client("bob").set("item/1", 1).push();
        var groups = store().look().groups();
        long version = version();
        node().client("ann").pull();
        assertGroups().isEqualTo(groups);
        assertVersion().isEqualTo(version);
    }

    @Test
    @Rule({"R49", "R21", "R38"})
    @Needs(Feature.COLLECT_GROUPS)
    final void aClientOfACollectedGroupIsNeverTakenAsNew() {
        ModelClient client = node().client("ann");
        for (int i = 0; i < 5; i++) {
            client.increment("item/1");
        }
        client.sync();
        store().operator().collectClientGroups();
        assertClients().doesNotContainKey(client.clientID());
        client.pull();
        Wire.Answer answer = client.increment("item/1").tryPush();
        assertStatus(answer).isEqualTo(200);
        assertThat(Bodies.read(answer.body()).path("error").asText())
                .as("error in the body of the answer")
                .isEqualTo("ClientStateNotFound");
        assertStored("item/1").isEqualTo("5");
        ModelClient fork = client.fork();
        fork.increment("item/1").sync();
        fork.converges();
    }

    @Test
    @Rule("R53")
    @Needs(strategy = Trait.DIFFERENCES)
    final void groupsDoNotMoveEachOther() {
        ModelClient a = node().client("ann").set("item/1", 1).sync();
        ModelClient b = node().client("ann").set("item/2", 1).push();
        var groups = store().look().groups();
        var clients = store().look().clients();
        assertThat(b.pull().ids()).as("ids for group b").isEqualTo(Map.of(b.clientID(), 1L));
        assertGroups().isEqualTo(groups);
        assertClients().isEqualTo(clients);
        assertThat(a.pull().ids()).as("ids for group a").isEmpty();
        assertThat(a.set("item/1", 2).push().pull().ids())
                .as("last mutation ids in the answer")
                .isEqualTo(Map.of(a.clientID(), 2L));
        assertThat(store().look().clients().get(b.clientID()))
                .as("a client in the store")
                .isEqualTo(new PushTx.Client(b.groupID(), 1));
        assertThat(store().look().groups().get(b.groupID()))
                .as("a client group in the store")
                .isEqualTo(new OpenPush.Group(b.groupID(), "ann", kept(SPACE)));
    }

    @Test
    @Rule({"R15", "R40"})
    final void tabsWithDifferentCookiesBothGoForward() {
        ModelClient one = node().client("ann").set("item/1", 1).sync();
        ModelClient two = one.tab();
        for (int i = 0; i < 6; i++) {
            one.set("item/1", i).push();
            two.set("item/2", i).push();
            assertThat(one.pull().ids())
                    .as("ids of all tabs that changed")
                    .isEqualTo(Map.of(one.clientID(), i + 2L, two.clientID(), i + 1L));
            if (i % 2 == 1) {
                two.pull();
                assertPending(two).isEmpty();
            }
        }
        one.converges();
        two.converges();
    }
}
