package dev.replisync.tck;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.replisync.protocol.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Pulls by client view records, through a whole server: records are found by the cookie alone, belong to one user, can be
 * lost, and are kept for answers that were lost.
 *
 * @param <T> the storage's handle
 */
@Needs(strategy = Trait.VIEW_RECORDS)
public abstract class RowVersionContract<T> extends ServerContract<T> {
    private static final int ROUNDS = 100;
    /** The member of a cookie that names a record. */
    private static final String RECORD = "r";

    /**
     * For subclasses.
     *
     * @param setup what is tested
     */
    protected RowVersionContract(ServerSetup<T> setup) {
        super(setup);
    }

    @Test
    @Rule({"R41", "R57"})
    final void aRowThatIsDeletedAndCreatedAgainIsSentWhateverItsVersion() {
        ModelClient client = node().client("ann").set("item/1", 1).push();
        client.set("item/1", 2).push().set("item/1", 3).sync();
        ModelClient other = node().client("bob");
        other.delete("item/1").push().set("item/1", 4).push();
        assertPatch(client.pull()).containsExactly("put item/1 4");
        client.converges();
    }

    @Test
    @Rule({"R35", "R40"})
    final void aForkedGroupIsSentADiffAboveItsCookie() {
        ModelClient old = node().client("ann").set("item/1", 1).set("item/2", 2);
        for (int i = 0; i < 5; i++) {
            old.set("item/1", i).sync();
        }
        ModelClient fork = old.fork();
        ModelClient tab = fork.tab();
        old.set("item/2", 3).push();
        assertThat(fork.pull().patch()).as("first pull of the fork").containsExactly("put item/2 3");
        assertThat(tab.pull().patch()).as("first pull of its other tab").containsExactly("put item/2 3");
        assertThat(ClientView.compare(tab.view().cookie(), fork.view().cookie()))
                .as("the later of two pulls with one cookie has the higher order")
                .isPositive();
        fork.set("item/3", 3).push();
        assertThat(fork.pull().ids()).as("last mutation ids in the answer").isEqualTo(Map.of(fork.clientID(), 1L));
        assertThat(ClientView.compare(fork.view().cookie(), tab.view().cookie()))
                .as("and so has the next")
                .isPositive();
        fork.converges();
        tab.converges();
    }

    @Test
    @Rule({"R39", "R50"})
    final void earlierRecordsAreStillAnswered() {
        ModelClient client = node().client("ann").set("item/0", 0).sync();
        List<ModelClient> behind = new ArrayList<>();
        for (int i = 1; i <= 5; i++) {
            behind.add(client.tab());
            client.set("item/" + i, i).sync();
        }
        client.delete("item/0").sync();
        for (int i = 0; i < behind.size(); i++) {
            PullAnswer answer = behind.get(i).pull();
            assertThat(answer.patch())
                    .as("patch of a tab that is behind by %s answers", behind.size() - i)
                    .hasSize(behind.size() - i + 1)
                    .doesNotContain("clear")
                    .contains("del item/0");
            behind.get(i).converges();
        }
    }

    @Test
    @Rule({"R11", "R38", "R50"})
    final void aLostRecordIsAFullPullAboveTheCookie() {
        ModelClient client =
                node().client("ann").set("item/1", 1).set("item/2", 2).sync();
        JsonNode before = client.view().cookie();
        node().client("bob").delete("item/2").push();
        client.set("item/1", 3).push();
        lose(client);
        PullAnswer answer = client.pull();
        assertStatus(answer.answer()).isEqualTo(200);
        assertPatch(answer).containsExactly("clear", "put item/1 3");
        assertThat(answer.ids()).as("what was processed since is confirmed").isEqualTo(Map.of(client.clientID(), 3L));
        assertThat(ClientView.compare(answer.cookie(), before))
                .as("order above the one of the lost record")
                .isPositive();
        assertPatch(client.set("item/3", 3).push().pull()).containsExactly("put item/3 3");
        client.converges();
    }

    @Test
    @Rule({"R40", "R50"})
    final void aTabThatLostItsRecordStaysInOrderWithTheOthers() {
        ModelClient origin = node().client("ann").set("item/1", 0).sync();
        ModelClient one = origin.fork();
        one.set("item/1", 1).sync();
        ModelClient two = one.tab();
        for (int i = 2; i < 8; i++) {
            one.set("item/1", i).push();
            ModelClient now = i % 2 == 0 ? one : two;
            if (i % 3 == 0) {
                lose(now);
            }
            ModelClient before = i % 2 == 0 ? two : one;
            now.pull();
            assertThat(ClientView.compare(now.view().cookie(), before.view().cookie()))
                    .as("order of the later view, in round %s", i)
                    .isPositive();
        }
    }

    /** Both begin with the old group's cookie, and the order of the first answer must not depend on what was lost. */
    @Test
    @Rule({"R35", "R40"})
    final void theFirstAnswersOfAForkAreInOrderThoughARecordIsLost() {
        for (boolean lostFirst : new boolean[] {false, true}) {
            ModelClient origin = node().client("ann");
            for (int i = 0; i < 5; i++) {
                origin.set("item/1", i).sync();
            }
            ModelClient one = origin.fork();
            ModelClient two = one.tab();
            lose(lostFirst ? one : two);
            one.pull();
            origin.set("item/1", 6).push();
            two.pull();
            assertThat(ClientView.compare(two.view().cookie(), one.view().cookie()))
                    .as("order of the later view, with the record of the %s pull lost", lostFirst ? "first" : "second")
                    .isPositive();
            one.converges();
            two.converges();
        }
    }

    @Test
    @Rule({"R37", "R36"})
    @Needs(Feature.RESTORE)
    final void acrossEpochsALostRecordTellsNoIdsUntilTheyMove() {
        ModelClient client =
                node().client("ann").set("item/1", 1).set("item/1", 2).sync();
        store().operator().newEpoch();
        lose(client);
        PullAnswer answer = client.pull();
        assertPatch(answer).containsExactly("clear", "put item/1 2");
        assertThat(answer.ids()).as("ids that the client may know higher").isEmpty();
        assertThat(client.pull().patch()).as("once is enough").isEmpty();
        assertThat(client.set("item/1", 3).push().pull().ids())
                .as("last mutation ids in the answer")
                .isEqualTo(Map.of(client.clientID(), 3L));
        client.converges();
    }

    /** It was told nothing yet, so there is nothing that it may know higher. */
    @Test
    @Rule({"R35", "R37"})
    @Needs(Feature.RESTORE)
    final void acrossEpochsAForkedGroupIsToldItsOwnIds() {
        ModelClient old = node().client("ann").set("item/1", 1).sync();
        store().operator().newEpoch();
        for (boolean lost : new boolean[] {false, true}) {
            ModelClient fork = old.fork().set("item/1", 2).push();
            if (lost) {
                lose(fork);
            }
            assertThat(fork.pull().ids())
                    .as("ids told with the first answer, with the record %s", lost ? "lost" : "found")
                    .isEqualTo(Map.of(fork.clientID(), 1L));
            fork.converges();
        }
    }

    @Test
    @Rule({"R44", "R38"})
    @Needs(Feature.READ_RULES)
    final void aRecordOfAnotherUserIsLostHoweverItIsAskedFor() {
        ModelClient ann = node().client("ann").set("item/anns", 1).set("item/all", 1);
        ann.mutate("readers", Map.of("key", "item/anns", "users", List.of("ann")))
                .sync();
        ModelClient eve = node().client("eve").set("item/eves", 1).sync();
        for (Consumer<ObjectNode> forge : List.<Consumer<ObjectNode>>of(
                cookie -> cookie.set(RECORD, ann.view().cookie().get(RECORD)),
                cookie -> cookie.setAll((ObjectNode) ann.view().cookie()),
                cookie -> cookie.setAll(Map.of(
                        RECORD,
                        ann.view().cookie().get(RECORD),
                        "v",
                        ann.view().cookie().get("v"))))) {
            ObjectNode forged = eve.view().cookie().deepCopy();
            forge.accept(forged);
            Wire.Answer answer = eve.sendPull(forged);
            assertThat(answer.status()).as("status for %s", forged).isEqualTo(200);
            assertThat(answer.body()).as("answer to %s", forged).doesNotContain("anns");
            assertThat(Bodies.read(answer.body()).at("/patch/0/op").asText())
                    .as("first operation for %s", forged)
                    .isEqualTo("clear");
        }
        eve.converges();
    }

    @Test
    @Rule("R56")
    final void aViewDependsOnTheUserAndTheCookieOnly() {
        ModelClient writer =
                node().client("ann").set("item/1", 1).set("item/2", 2).sync();
        JsonNode cookie = writer.view().cookie();
        writer.set("item/2", 3).delete("item/1").push();
        for (ModelClient asking :
                List.of(writer, writer.tab(), writer.fork(), writer.tab().via(node().wire()))) {
            asking.view().cookie(cookie);
            assertThat(asking.tryPull().patch())
                    .as("patch for client %s of group %s", asking.clientID(), asking.groupID())
                    .containsExactlyInAnyOrder("put item/2 3", "del item/1");
        }
    }

    @Test
    @Rule({"R44", "R11"})
    final void aRecordIdThatIsNoneIsLost() {
        ModelClient client = node().client("ann").set("item/1", 1).sync();
        for (String id :
                List.of("", " ", "'; drop", "../../etc", "a".repeat(65), "a".repeat(100_000), "\0", "é", "*")) {
            ObjectNode forged = client.view().cookie().deepCopy();
            forged.put(RECORD, id);
            client.view().cookie(forged);
            assertPatch(client.pull()).containsExactly("clear", "put item/1 1");
        }
    }

    @Test
    @Rule({"R55", "R57"})
    @Needs(Feature.READ_RULES)
    final void whatHappenedOfflineIsOnePull() {
        ModelClient ann = node().client("ann");
        for (String key : List.of("granted", "revoked", "both", "deleted", "same")) {
            ann.set("item/" + key, 1).mutate("readers", readers("item/" + key, "ann", "bob"));
        }
        ann.mutate("readers", readers("item/granted", "ann")).sync();
        ModelClient bob = node().client("bob");
        assertThat(bob.pull().keys())
                .as("keys in the patch")
                .containsExactlyInAnyOrder("item/revoked", "item/both", "item/deleted", "item/same");
        ann.mutate("readers", readers("item/granted", "ann", "bob")).push();
        ann.mutate("readers", readers("item/revoked", "ann")).push();
        ann.mutate("readers", readers("item/both", "ann")).push();
        ann.set("item/both", 2).push();
        ann.mutate("readers", readers("item/both", "ann", "bob")).push();
        ann.delete("item/deleted").set("item/unseen", 1).mutate("readers", readers("item/unseen", "ann"));
        ann.delete("item/unseen").push();
        PullAnswer answer = bob.pull();
        assertPatch(answer)
                .containsExactlyInAnyOrder(
                        "put item/granted 1", "del item/revoked", "put item/both 2", "del item/deleted");
        assertThat(answer.answer().body()).as("body of the answer").doesNotContain("unseen");
        ann.converges();
        bob.converges();
    }

    @Test
    @Rule("R60")
    final void aDiffFollowsTheClientsOrderOfKeys() {
        List<String> keys = List.of("item/\ud83d\ude00", "item/\uff5e", "item/z", "item/\ue000", "item/\ud83d\ude01");
        ModelClient client = node().client("ann");
        keys.forEach(key -> client.set(key, 1));
        client.sync();
        client.pull();
        ModelClient writer = node().client("bob");
        for (String key : keys) {
            writer.set(key, 2).push();
            assertThat(client.pull().patch()).as("only one changed").containsExactly("put " + key + " 2");
        }
        for (String key : keys) {
            writer.delete(key).push();
            assertThat(client.pull().patch()).as("only one is gone").containsExactly("del " + key);
        }
        client.converges();
    }

    /** A client compares orders of its tabs: the higher one wins when a tab catches up. */
    @Test
    @Rule("R40")
    final void tabsThatPullAtOnceAreOrderedAsTheirViews() {
        ModelClient origin = node().client("ann").set("item/n", 0).sync();
        for (int i = 0; i < 5; i++) {
            origin.set("item/first", i).sync();
        }
        ModelClient first = origin.fork();
        List<ModelClient> tabs =
                List.of(first, first.tab().via(node().wire()), first.tab().via(node().wire()));
        ModelClient writer = node().client("bob");
        AtomicBoolean done = new AtomicBoolean();
        Map<Long, Long> seen = new ConcurrentSkipListMap<>();
        List<Future<Void>> all = new ArrayList<>();
        for (ModelClient tab : tabs) {
            all.add(start(() -> {
                for (int round = 1; !done.get(); round++) {
                    JsonNode before = tab.view().cookie();
                    tab.pull();
                    JsonNode now = tab.view().cookie();
                    if (!now.equals(before)) {
                        Long twice = seen.put(
                                now.path("order").longValue(),
                                tab.value("item/n").longValue());
                        assertThat(twice)
                                .as("another view with the order of %s", now)
                                .isNull();
                    }
                    if (round % 10 == 0) {
                        lose(tab);
                    }
                }
                return null;
            }));
        }
        repeat(() -> seen.size() >= ROUNDS || all.stream().anyMatch(Future::isDone), i -> {
            writer.set("item/n", i).push();
            writer.pull();
        });
        done.set(true);
        all.forEach(StoreContract::result);
        assertThat(seen).as("pulls meanwhile").hasSizeGreaterThanOrEqualTo(ROUNDS);
        assertThat(List.copyOf(seen.values())).as("what was seen, by order").isSorted();
        tabs.forEach(ModelClient::converges);
    }

    @Test
    @Tag("long")
    @Rule("R66")
    final void manyRowsChange() {
        int rows = setup().manyRows();
        Node<T> node = node();
        write(node, rows, 1);
        ModelClient client = node.client("ann");
        assertPatch(client.pull()).hasSize(rows);
        assertPatch(client.pull()).isEmpty();
        write(node, rows - 1, 2);
        node.server().write(SPACE, (tx, ctx) -> store().kit(tx, ctx).delete("item/" + (rows - 1)));
        PullAnswer answer = client.pull();
        assertPatch(answer).hasSize(rows).contains("del item/" + (rows - 1), "put item/0 2");
        assertView(client).hasSize(rows - 1);
        assertPatch(client.pull()).isEmpty();
    }

    private void write(Node<T> node, int rows, int value) {
        for (int from = 0; from < rows; from += 10_000) {
            List<String> items = items(from, Math.min(rows, from + 10_000));
            node.server().write(SPACE, (tx, ctx) -> store().kit(tx, ctx).putAll(items, Json.of(value)));
        }
    }

    /** Gives a client the cookie that it would have if its record was not there any more. */
    private static void lose(ModelClient client) {
        ObjectNode cookie = client.view().cookie().deepCopy();
        cookie.put(RECORD, UUID.randomUUID().toString());
        client.view().cookie(cookie);
    }

    private static Map<String, Object> readers(String key, String... users) {
        return Map.of("key", key, "users", List.of(users));
    }
}
