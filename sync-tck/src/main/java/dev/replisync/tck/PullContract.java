package dev.replisync.tck;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.replisync.protocol.Json;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Pulls of any strategy, through a whole server: what was pushed is pulled, each answer is one that the real client takes,
 * and any cookie whatsoever ends in a right view.
 *
 * @param <T> the storage's handle
 */
public abstract class PullContract<T> extends ServerContract<T> {
    /** Of other servers, other strategies, other times; each is one that the real client can hold. */
    private static final List<String> FOREIGN_COOKIES = List.of(
            "0",
            "7",
            "1234",
            "-5",
            "1.5",
            "4503599627370497",
            "9007199254740992",
            "\"\"",
            "\"9\"",
            "\"abc\"",
            "\"zzz\"",
            "\"~~~\"",
            "{\"order\":3}",
            "{\"order\":1234,\"cvrID\":\"x\"}",
            "{\"order\":\"9\"}",
            "{\"order\":1234,\"v\":1234,\"s\":\"another-strategy\",\"e\":\"another-epoch\"}",
            "{\"order\":2,\"v\":1,\"e\":\"\",\"p\":\"\",\"s\":\"\",\"w\":\"\"}",
            "{\"order\":\"x/0000000000000007\",\"v\":7}");

    /**
     * For subclasses.
     *
     * @param setup what is tested
     */
    protected PullContract(ServerSetup<T> setup) {
        super(setup);
    }

    @Test
    @Rule({"R1", "R10"})
    @Needs(strategy = Trait.DIFFERENCES)
    final void whatIsPushedIsPulledWithAHigherCookie() {
        ModelClient client = node().client("ann");
        PullAnswer empty = client.pull();
        assertThat(empty.cookie().isNull()).as("the first cookie is null").isFalse();
        assertPatch(empty).isEmpty();
        client.set("item/1", 1).push();

        PullAnswer first = client.emptied().pull();
        assertThat(first.patch()).as("patch of a first pull").containsExactly("put item/1 1");
        assertThat(ClientView.compare(first.cookie(), empty.cookie()))
                .as("cookie grows")
                .isPositive();
        PullAnswer next = client.pull();
        assertPatch(next).containsExactly("put item/1 1");
        assertThat(next.ids()).as("last mutation ids in the answer").isEqualTo(Map.of(client.clientID(), 1L));
    }

    @Test
    @Rule("R3")
    @Needs(strategy = Trait.DIFFERENCES)
    final void aFailedMutationMovesTheCookieAndIsConfirmed() {
        ModelClient client = node().client("ann").set("item/1", 1).sync();
        JsonNode before = client.view().cookie();
        PullAnswer answer = client.mutate("failHalfway", Map.of("key", "item/2", "value", 1))
                .push()
                .pull();
        assertThat(ClientView.compare(answer.cookie(), before))
                .as("cookie grows")
                .isPositive();
        assertPatch(answer).isEmpty();
        assertThat(answer.ids()).as("last mutation ids in the answer").isEqualTo(Map.of(client.clientID(), 2L));
        assertPending(client).isEmpty();
    }

    @Test
    @Rule("R4")
    @Needs(strategy = Trait.DIFFERENCES)
    final void aMutationThatChangesNothingIsConfirmed() {
        ModelClient client = node().client("ann").set("item/1", 1).sync();
        JsonNode before = client.view().cookie();
        PullAnswer answer = client.mutate("noop", Map.of()).push().pull();
        assertThat(ClientView.compare(answer.cookie(), before))
                .as("cookie grows")
                .isPositive();
        assertPatch(answer).isEmpty();
        assertThat(answer.ids()).as("last mutation ids in the answer").isEqualTo(Map.of(client.clientID(), 2L));
    }

    @Test
    @Rule({"R7", "R8"})
    final void eachAnswerIsOneThatTheClientTakes() {
        ModelClient client = node().client("ann");
        ModelClient other = node().client("bob");
        for (int i = 1; i <= 12; i++) {
            client.set("item/" + i % 3, i).delete("item/" + (i + 1) % 3).sync();
            other.set("item/other", i).push();
            client.pull();
        }
        client.converges();
        other.converges();
    }

    @Test
    @Rule("R9")
    final void ordersAreNumbersThatJavaScriptCountsExactly() {
        ModelClient client = node().client("ann").set("item/1", 1).sync();
        JsonNode order = client.view().cookie().path("order");
        assertThat(order.isIntegralNumber())
                .as("order is a whole number: %s", order)
                .isTrue();
        assertThat(order.longValue()).as("order of the cookie").isBetween(0L, 1L << 53);
    }

    @Test
    @Rule({"R9", "R11"})
    final void whatAClientSendsRaisesNobodyElsesCookie() {
        ModelClient client = node().client("ann").set("item/1", 1).sync();
        ModelClient forger = node().client("eve");
        forger.view().cookie(Bodies.read("{\"order\":4503599627370000,\"v\":4503599627370000}"));
        forger.pull();
        forger.set("item/2", 2).sync();
        client.set("item/3", 3).sync();
        assertThat(client.view().cookie().path("order").longValue())
                .as("order of the cookie")
                .isLessThan(1_000);
        assertThat(node().client("bob").pull().cookie().path("order").longValue())
                .as("order of the cookie")
                .isLessThan(1_000);
    }

    @Test
    @Rule({"R8", "R11", "R12", "R35"})
    @Needs(strategy = Trait.DIFFERENCES)
    final void aCookieOfSomebodyElseIsAResetThatTheClientTakes() {
        node().client("bob")
                .set("item/1", 1)
                .set("item/2", 2)
                .push()
                .delete("item/2")
                .push();
        for (String foreign : FOREIGN_COOKIES) {
            ModelClient client = node().client("ann");
            client.view().cookie(Bodies.read(foreign));
            PullAnswer reset = client.pull();
            assertThat(reset.patch())
                    .as("patch for the cookie %s", foreign)
                    .startsWith("clear")
                    .contains("put item/1 1");
            assertThat(reset.patch()).as("patch for the cookie %s", foreign).noneMatch(line -> line.startsWith("del"));
            // Once as many as it takes for a number to get a second digit.
            int answers = foreign.equals(FOREIGN_COOKIES.get(0)) ? 12 : 3;
            for (int i = 0; i < answers; i++) {
                PullAnswer next = client.set("item/3", i).push().pull();
                assertThat(next.patch())
                        .as("a pull after the reset from %s", foreign)
                        .containsExactly("put item/3 " + i);
            }
            client.converges();
        }
    }

    @Test
    @Rule("R11")
    final void whatIsNoCookieAtAllIsAReset() {
        node().client("bob").set("item/1", 1).push();
        for (String strange : List.of("true", "[]", "[1]", "{}", "{\"order\":true}", "{\"order\":null,\"v\":1}")) {
            Wire.Answer answer = node().client("ann").sendPull(Bodies.read(strange));
            assertThat(answer.status()).as("status for the cookie %s", strange).isEqualTo(200);
            assertThat(Bodies.read(answer.body())
                            .path("patch")
                            .path(0)
                            .path("op")
                            .asText())
                    .as("first operation for the cookie %s", strange)
                    .isEqualTo("clear");
        }
    }

    @Test
    @Rule({"R12", "R13"})
    @Needs(strategy = Trait.DIFFERENCES)
    final void aFirstPullHasNoTombstones() {
        ModelClient client =
                node().client("ann").set("item/1", 1).set("item/2", 2).sync();
        client.delete("item/1").push();
        assertPatch(node().client("bob").pull()).containsExactly("put item/2 2");
        assertThat(client.pull().patch()).as("patch of a client that holds it").containsExactly("del item/1");
    }

    @Test
    @Rule({"R13", "R57"})
    @Needs(strategy = Trait.DIFFERENCES)
    final void aPatchHasOneOperationForEachKey() {
        ModelClient client =
                node().client("ann").set("item/1", 1).set("item/2", 2).sync();
        ModelClient writer = node().client("bob");
        writer.delete("item/1").push().set("item/1", 3).push().set("item/1", 4).push();
        writer.set("item/2", 5).delete("item/2").set("item/2", 6).push();
        PullAnswer answer = client.pull();
        assertThat(answer.keys()).as("keys of the patch").doesNotHaveDuplicates();
        assertPatch(answer).containsExactlyInAnyOrder("put item/1 4", "put item/2 6");
        client.converges();
    }

    @Test
    @Rule("R14")
    final void aPullWithoutNewsAnswersWithTheSameCookieAndWritesNothing() {
        ModelClient client = node().client("ann").set("item/1", 1).sync();
        JsonNode cookie = client.view().cookie();
        long version = version();
        var groups = store().look().groups();
        var clients = store().look().clients();
        PullAnswer own = client.pull();
        assertThat(own.cookie()).as("cookie").isEqualTo(cookie);
        assertPatch(own).isEmpty();
        assertThat(own.ids()).as("last mutation ids in the answer").isEmpty();
        assertVersion().isEqualTo(version);
        assertGroups().isEqualTo(groups);
        assertClients().isEqualTo(clients);
    }

    @Test
    @Rule("R43")
    final void aReleaseThatShowsEntitiesDifferentlySendsThemAgain() {
        ModelClient client = node().client("ann").set("item/1", 1).sync();
        Node<T> newRelease = node(DecoratedStorage.ofRelease(store().node(), "next release"), builder -> builder);
        PullAnswer answer = client.via(newRelease.wire()).pull();
        assertPatch(answer).containsExactly("clear", "put item/1 1");
        assertThat(client.pull().patch()).as("once is enough").isEmpty();
    }

    /** Of two snapshots with one order a tab takes whichever another tab stored, and loses what it had seen already. */
    @Test
    @Rule({"R40", "R11"})
    final void tabsThatStartAgainFromOneCookieAreOrderedAsTheirViews() {
        for (String foreign : List.of("1234", "\"abc\"", "{\"order\":99}")) {
            ModelClient one = node().client("ann");
            one.view().cookie(Bodies.read(foreign));
            assertOrdered(one, one.tab(), "from " + foreign);
            // Lifted now, and up to date: some strategies start again with each change.
            assertOrdered(one, one.tab(), "once more, from " + foreign);
        }
    }

    @Test
    @Rule({"R40", "R43"})
    final void tabsThatStartAgainWithANewReleaseAreOrderedAsTheirViews() {
        ModelClient one = node().client("ann").set("item/1", 1).sync();
        ModelClient behind = one.tab();
        one.set("item/1", 2).sync();
        Node<T> newRelease = node(DecoratedStorage.ofRelease(store().node(), "next release"), builder -> builder);
        one.via(newRelease.wire()).pull();
        behind.via(newRelease.wire()).pull();
        assertView(behind).isEqualTo(one.entities());
        node().client("bob").set("item/1", 3).push();
        behind.pull();
        assertThat(ClientView.compare(behind.view().cookie(), one.view().cookie()))
                .as("order of the later view")
                .isPositive();
    }

    private void assertOrdered(ModelClient one, ModelClient two, String from) {
        ModelClient writer = node().client("bob");
        writer.set("item/1", from).push();
        one.pull();
        writer.set("item/1", from + ", later").push();
        two.pull();
        assertThat(ClientView.compare(two.view().cookie(), one.view().cookie()))
                .as("order of the later view, %s", from)
                .isPositive();
    }

    @Test
    @Rule({"R59", "R67"})
    @Needs(strategy = Trait.DIFFERENCES)
    final void writesOfTheServerArePulled() {
        Node<T> node = node();
        ModelClient client = node.client("ann");
        client.pull();
        node.server().write(SPACE, (tx, ctx) -> store().kit(tx, ctx).put("item/1", Json.of("by the server")));
        assertPatch(client.pull()).containsExactly("put item/1 \"by the server\"");
        client.converges();
    }

    @Test
    @Rule({"R59", "R67"})
    @Needs(value = Feature.OWN_TRANSACTIONS, strategy = Trait.DIFFERENCES)
    final void writesWithinTheApplicationsOwnTransactionArePulledOnceItCommits() {
        Node<T> node = node();
        ModelClient client = node.client("ann");
        client.pull();
        store().operator().transaction(handle -> {
            node.server()
                    .writeWithin(
                            handle, SPACE, (tx, ctx) -> store().kit(tx, ctx).put("item/1", Json.of(1)));
            // Not committed yet: nobody may see it.
            assertEntities(kept(SPACE)).isZero();
        });
        assertPatch(client.pull()).containsExactly("put item/1 1");
    }

    @Test
    @Tag("long")
    @Rule("R66")
    final void aViewOfManyRowsIsPulled() {
        int rows = setup().manyRows();
        Node<T> node = node();
        for (int from = 0; from < rows; from += 10_000) {
            List<String> items = items(from, Math.min(rows, from + 10_000));
            node.server().write(SPACE, (tx, ctx) -> store().kit(tx, ctx).putAll(items, Json.of(1)));
        }
        ModelClient client = node.client("ann");
        client.pull();
        assertView(client).hasSize(rows);
    }
}
