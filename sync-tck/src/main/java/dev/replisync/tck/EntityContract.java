package dev.replisync.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.replisync.storage.OpenPush;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Entities on their way from one client to another: who may see them, that each key and value arrives as it was sent, and
 * that nobody hears of what is not his.
 *
 * @param <T> the storage's handle
 */
public abstract class EntityContract<T> extends ServerContract<T> {

    /**
     * For subclasses.
     *
     * @param setup what is tested
     */
    protected EntityContract(ServerSetup<T> setup) {
        super(setup);
    }

    @Test
    @Rule("R55")
    @Needs(value = Feature.READ_RULES, strategy = Trait.DIFFERENCES)
    final void sharingIsAPutAndUnsharingADel() {
        ModelClient ann = node().client("ann");
        ModelClient bob = node().client("bob");
        ann.set("item/1", "secret");
        share(ann, "item/1", "ann").sync();
        bob.pull();
        assertView(bob).isEmpty();
        assertThat(share(ann, "item/1", "ann", "bob").push().entities())
                .as("what its owner sees")
                .isNotEmpty();
        assertThat(bob.pull().patch()).as("shared").containsExactly("put item/1 \"secret\"");
        share(ann, "item/1", "ann").push();
        assertThat(bob.pull().patch()).as("unshared").containsExactly("del item/1");
        assertThat(bob.pull().patch()).as("once is enough").isEmpty();
        ann.set("item/1", "more").push();
        assertThat(bob.pull().patch()).as("changed after that").isEmpty();
        ann.converges();
        bob.converges();
    }

    @Test
    @Rule("R55")
    @Needs(value = Feature.READ_RULES, strategy = Trait.DIFFERENCES)
    final void aDeletionIsTheBusinessOfThoseWhoCouldSeeIt() {
        ModelClient ann = node().client("ann").set("item/1", 1).set("item/2", 2);
        share(ann, "item/1", "ann", "bob").sync();
        ModelClient bob = node().client("bob").set("item/bob", 1).sync();
        ModelClient eve = node().client("eve").set("item/eve", 1).sync();
        bob.pull();
        ann.delete("item/1").delete("item/2").push();
        assertThat(bob.pull().keys()).as("keys sent to a reader").contains("item/1", "item/2");
        PullAnswer toEve = eve.pull();
        assertThat(toEve.keys())
                .as("keys sent to a stranger")
                .doesNotContain("item/1")
                .contains("item/2");
        assertThat(toEve.answer().body()).as("whole answer to a stranger").doesNotContain("item/1");
        ann.converges();
        bob.converges();
        eve.converges();
    }

    @Test
    @Rule({"R44", "R55"})
    @Needs(Feature.READ_RULES)
    final void aCookieOfAnotherUserIsAResetThatNamesNoKeyOfHis() {
        ModelClient ann =
                node().client("ann").set("item/anns", 1).set("item/gone", 1).set("item/all", 1);
        share(ann, "item/anns", "ann");
        share(ann, "item/gone", "ann").sync();
        JsonNode cookie = ann.view().cookie();
        ann.delete("item/gone").push();
        ModelClient bob = node().client("bob");
        bob.view().cookie(cookie);
        PullAnswer answer = bob.pull();
        assertPatch(answer).containsExactly("clear", "put item/all 1");
        assertThat(answer.answer().body())
                .as("body of the answer")
                .doesNotContain("anns")
                .doesNotContain("gone");
    }

    @Test
    @Rule("R55")
    final void aMutatorCanAskWhatItsUserMaySee() {
        ModelClient ann = node().client("ann").set("item/1", 1);
        ann.mutate("canSee", Map.of("key", "item/1", "into", "item/seen")).push();
        assertStored("item/seen").isEqualTo("true");
        ann.mutate("canSee", Map.of("key", "item/missing", "into", "item/seen")).push();
        assertThat(stored("item/seen")).as("a missing entity").isEqualTo("false");
    }

    @Test
    @Rule("R55")
    @Needs(Feature.READ_RULES)
    final void aMutatorCanAskWhatItsUserMayNotSee() {
        ModelClient ann = node().client("ann").set("item/1", 1);
        share(ann, "item/1", "ann").push();
        node().client("eve")
                .mutate("canSee", Map.of("key", "item/1", "into", "item/seen"))
                .push();
        assertThat(stored("item/seen")).as("somebody else's entity").isEqualTo("false");
    }

    @Test
    @Rule("R57")
    @Needs(strategy = Trait.DIFFERENCES)
    final void createdAndDeletedBetweenTwoPullsIsNothingOrAHarmlessDel() {
        ModelClient reader = node().client("bob");
        reader.pull();
        ModelClient writer =
                node().client("ann").set("item/1", 1).push().delete("item/1").push();
        assertPatch(reader.pull()).isIn(List.of(), List.of("del item/1"));
        writer.set("item/1", 2).push().delete("item/1").set("item/1", 3).push();
        assertPatch(reader.pull()).containsExactly("put item/1 3");
        reader.converges();
        writer.converges();
    }

    @Test
    @Rule("R58")
    final void deletingWhatIsGoneFailsNobodyAndADeletedOneComesBack() {
        Observed observed = new Observed();
        ModelClient client = node(builder -> builder.observer(observed)).client("ann");
        client.delete("item/never").set("item/1", 5).sync();
        client.delete("item/1").delete("item/1").increment("item/1").sync();
        assertThat(client.value("item/1")).as("counts from nothing again").isEqualTo(Bodies.read("1"));
        assertLastMutationID(client).isEqualTo(5);
        assertThat(observed.failed).as("mutations that failed").isEmpty();
        client.converges();
    }

    @Test
    @Rule({"R60", "R62"})
    final void keysArriveAsTheyWereSent() {
        List<String> keys = List.of(
                "item/\ud83d\ude00",
                "item/\uff5e",
                "item/é",
                "item/e\u0301",
                "item/I",
                "item/ı",
                "item/İ",
                "item/i",
                "item/",
                "item/ ",
                "item/\"\\",
                "item/__proto__",
                "item/\u2028",
                "item/%",
                "item/_");
        ModelClient client = node().client("ann");
        keys.forEach(key -> client.set(key, key));
        client.sync();
        assertView(client).containsOnlyKeys(keys);
        keys.forEach(key -> assertThat(client.value(key)).isEqualTo(Bodies.tree(key)));
        client.delete("item/_").delete("item/i").sync();
        assertView(client).hasSize(keys.size() - 2);
        client.converges();
    }

    @Test
    @Rule("R61")
    final void aNulCharacterIsKeptOrFailsThatMutationForGood() {
        boolean kept = store().operator().features().contains(Feature.NUL_CHARACTERS);
        ModelClient client = node().client("ann")
                .set("item/a\0b", "v")
                .set("item/1", "a\0b")
                .set("item/2", 2)
                .sync();
        assertLastMutationID(client)
                .as("last processed mutation: those with U+0000 in a key or a value are kept or fail for good")
                .isEqualTo(3);
        assertView(client).containsEntry("item/2", Bodies.read("2"));
        if (kept) {
            assertSeen(client, "item/a\0b").isEqualTo(Bodies.tree("v"));
            assertSeen(client, "item/1").isEqualTo(Bodies.tree("a\0b"));
        } else {
            // A value may be kept where a key is not: as JSON it has no such character, only an escape.
            assertThat(client.value("item/a\0b").isMissingNode())
                    .as("the key with U+0000 is not in the view, as features() lacks NUL_CHARACTERS")
                    .isTrue();
            assertSeen(client, "item/1").isIn(MissingNode.getInstance(), Bodies.tree("a\0b"));
        }
    }

    @Test
    @Rule("R62")
    final void aLoneSurrogateIsNeverAltered() {
        ModelClient client = node().client("ann");
        String bad = "\ud83d";
        client.set("item/" + bad, 1)
                .set("item/\ufffd", 2)
                .set("item/?", 3)
                .set("item/v", "x" + bad)
                .sync();
        assertThat(lastMutationID(client)).as("refused for good, not for ever").isEqualTo(4);
        assertView(client).containsEntry("item/\ufffd", Bodies.read("2")).containsEntry("item/?", Bodies.read("3"));
        JsonNode value = client.value("item/v");
        if (!value.isMissingNode()) {
            assertThat(value.textValue()).as("a value with half a character").isEqualTo("x" + bad);
        }
    }

    @Test
    @Rule({"R63", "R64"})
    final void valuesArriveByteForByte() {
        List<String> values = List.of(
                "null",
                "true",
                "\"\"",
                "[]",
                "{}",
                "{\"b\":1,\"a\":{\"\":null}}",
                "1e2",
                "1.0",
                "5e-324",
                "1e21",
                "9007199254740993",
                "\"\\u0130\\ud83d\\ude00\"",
                "\"\\u2028\"",
                "{\"__proto__\":1}",
                "[".repeat(200) + "]".repeat(200),
                "\"" + "x".repeat(100_000) + "\"");
        ModelClient client = node().client("ann");
        String clientID = client.clientID();
        for (int i = 0; i < values.size(); i++) {
            // Put together by hand, because a JSON library would write some of them differently.
            Wire.Answer answer =
                    client.sendPush("{\"pushVersion\":1,\"schemaVersion\":\"\",\"profileID\":\"p\",\"clientGroupID\":\""
                            + client.groupID() + "\",\"mutations\":[{\"clientID\":\"" + clientID + "\",\"id\":"
                            + (i + 1)
                            + ",\"name\":\"set\",\"timestamp\":1.5,\"args\":{\"key\":\"item/" + i + "\",\"value\":"
                            + values.get(i)
                            + "}}]}");
            assertStatus(answer).isEqualTo(200);
        }
        String body = client.pull().answer().body();
        for (int i = 0; i < values.size(); i++) {
            assertThat(body).as("value %s", i).contains("\"key\":\"item/" + i + "\",\"value\":" + values.get(i) + "}");
        }
    }

    private static ModelClient share(ModelClient client, String key, String... users) {
        return client.mutate("readers", Map.of("key", key, "users", List.of(users)));
    }

    @Test
    @Rule({"R54", "R55"})
    final void whatTheStoreHasNotFailsLoudlyAndChangesNothing() {
        Set<Feature> has = store().operator().features();
        ModelClient client = node().client("ann").set("item/1", 1).sync();
        List<Feature> tried = new ArrayList<>();
        if (!has.contains(Feature.READ_RULES)) {
            tried.add(Feature.READ_RULES);
            share(client, "item/1", "bob");
        }
        if (!has.contains(Feature.SPACES)) {
            tried.add(Feature.SPACES);
            client.mutate("move", Map.of("key", "item/1", "to", OTHER, "value", 2));
        }
        client.sync();
        assertThat(client.entities())
                .as("entities of a view after %s, which features() of the operator lacks", tried)
                .isEqualTo(Map.of("item/1", Bodies.read("1")));
        long version = version();
        Operator<T> operator = store().operator();
        Map.<Feature, Runnable>of(
                        Feature.PURGE, operator::purgeTombstones,
                        Feature.COLLECT_GROUPS, operator::collectClientGroups,
                        Feature.RESTORE, operator::backup,
                        Feature.STRATEGY_CHANGE, () -> operator.changeStrategy("x", OpenPush.Group::spaceID),
                        Feature.OWN_TRANSACTIONS, () -> operator.transaction(handle -> {}))
                .forEach((feature, verb) -> {
                    if (!has.contains(feature)) {
                        assertThatThrownBy(
                                        verb::run,
                                        "features() of the operator lacks %s, so its method must not do it",
                                        feature)
                                .isInstanceOf(UnsupportedOperationException.class);
                    }
                });
        assertThat(version())
                .as("version after methods of the operator whose features it lacks; it has %s", has)
                .isEqualTo(version);
        assertThat(lastMutationID(client)).as("the client's last mutation").isPositive();
    }
}
