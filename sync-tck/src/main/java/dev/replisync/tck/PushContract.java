package dev.replisync.tck;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.replisync.protocol.Mutation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * What a push processes, what it leaves, and what it answers: duplicates, gaps, lost clients, several tabs, failing
 * mutators, limits, time limits.
 *
 * @param <T> the storage's handle
 */
public abstract class PushContract<T> extends ServerContract<T> {

    /**
     * For subclasses.
     *
     * @param setup what is tested
     */
    protected PushContract(ServerSetup<T> setup) {
        super(setup);
    }

    @Test
    @Rule("R15")
    final void eachClientsSequenceIsItsOwn() {
        ModelClient one = node().client("ann");
        ModelClient two = one.tab();
        one.increment("item/1");
        two.increment("item/1").increment("item/2");
        assertStatus(one.send(ModelClient.interleaved(one, two))).isEqualTo(200);
        assertStored("item/1").isEqualTo("2");
        assertStored("item/2").isEqualTo("1");
        assertLastMutationID(one).isEqualTo(1);
        assertLastMutationID(two).isEqualTo(2);
        assertThat(two.pull().ids())
                .as("last mutation ids in the answer")
                .isEqualTo(Map.of(one.clientID(), 1L, two.clientID(), 2L));
    }

    @Test
    @Rule("R16")
    final void duplicatesInsideOnePushRunOnce() {
        ModelClient client = node().client("ann").increment("item/1").increment("item/1");
        List<ObjectNode> mutations = client.pending();
        List<ObjectNode> doubled = List.of(mutations.get(0), mutations.get(0), mutations.get(1), mutations.get(0));
        assertStatus(client.send(doubled)).isEqualTo(200);
        assertStored("item/1").isEqualTo("2");
        assertLastMutationID(client).isEqualTo(2);
    }

    @Test
    @Rule({"R16", "R18"})
    final void duplicatesOfAnEarlierPushAreNoReasonToDoAnything() {
        Node<T> node = node();
        ModelClient client =
                node.client("ann").increment("item/1").increment("item/1").push();
        long version = version();
        var pokes = node.countPokes();
        for (int i = 0; i < 3; i++) {
            assertThat(client.tryPush().status())
                    .as("status of a repeated push")
                    .isEqualTo(200);
        }
        assertStored("item/1").isEqualTo("2");
        assertThat(version()).as("version after a repeated push").isEqualTo(version);
        assertThat(becomes(() -> pokes.get() > 0, A_WHILE))
                .as("poked for nothing")
                .isFalse();
    }

    @Test
    @Rule("R18")
    final void anEmptyPushDoesNothing() {
        Node<T> node = node();
        var pokes = node.countPokes();
        ModelClient client = node.client("ann");
        long version = version();
        assertStatus(client.tryPush()).isEqualTo(200);
        assertVersion().isEqualTo(version);
        assertGroups().isEmpty();
        assertClients().isEmpty();
        assertThat(becomes(() -> pokes.get() > 0, A_WHILE))
                .as("poked for nothing")
                .isFalse();
    }

    @Test
    @Rule("R19")
    final void errorModeChecksTheIdAgain() {
        ModelClient client = node().client("ann");
        client.mutate("failsAtFirst", Map.of("key", "item/1", "value", "by the other node"));
        ModelClient other = client;
        List<ObjectNode> same = client.pending();
        Node<T> second = node();
        int[] opened = {0};
        long[] version = {0};
        Node<T> first = node(
                new FaultyStorage<>(store().node(), point -> {
                    if (point == FaultyStorage.Point.OPEN && ++opened[0] == 2) {
                        // The first attempt has failed here; meanwhile another node gets the same mutation.
                        Wire.Answer answer = other.via(second.wire()).send(same);
                        assertStatus(answer).isEqualTo(200);
                        version[0] = version();
                    }
                }),
                builder -> builder);
        assertStatus(client.via(first.wire()).send(same)).isEqualTo(200);
        assertLastMutationID(client).isEqualTo(1);
        assertThat(version()).as("version, which only the other node moved").isEqualTo(version[0]);
        assertStored("item/1").isEqualTo("\"by the other node\"");
        assertThat(mutators().runs(client.clientID(), 1))
                .as("runs of the mutator")
                .isEqualTo(2);
    }

    @Test
    @Rule({"R3", "R19", "R22", "R23"})
    final void aFailedMutationLeavesNothingAndHoldsUpNothing() {
        ModelClient client = node().client("ann").set("item/1", 1);
        client.mutate("failHalfway", Map.of("key", "item/2", "value", 2));
        client.set("item/3", 3).mutate("fail", Map.of()).mutate("overflow", Map.of("key", "item/5", "value", 5));
        client.set("item/6", 6).sync();
        assertView(client).containsOnlyKeys("item/1", "item/3", "item/6");
        assertLastMutationID(client).isEqualTo(6);
        assertEntities(kept(SPACE)).isEqualTo(3);
        client.converges();
    }

    @Test
    @Rule({"R20", "R67"})
    final void aPushThatRunsOutOfTimeHasProcessedSomethingAndSaysSo() {
        Node<T> node = node(builder -> builder.timeLimit(Duration.ofNanos(1)).batch(Math.min(setup().batch(), 4)));
        var pokes = node.countPokes();
        ModelClient client = node.client("ann");
        for (int i = 0; i < 10; i++) {
            client.increment("item/1");
        }
        long before = 0;
        int exits = 0;
        while (before < 10) {
            int poked = pokes.get();
            int status = client.tryPush().status();
            long now = lastMutationID(client);
            assertThat(now).as("mutations processed by one push").isGreaterThan(before);
            assertThat(status).as("status with %s of 10 processed", now).isEqualTo(now == 10 ? 200 : 503);
            eventually("poked", () -> pokes.get() > poked);
            exits += status == 503 ? 1 : 0;
            before = now;
            client.pull();
        }
        assertThat(exits).as("early exits").isPositive();
        assertStored("item/1").isEqualTo("10");
    }

    @Test
    @Rule({"R20", "R21"})
    final void aGapInsideAPushStopsThatClientOnly() {
        ModelClient one = node().client("ann");
        ModelClient two = one.tab();
        Wire.Answer answer = one.send(List.of(
                increment(one, 1, "item/1"),
                increment(one, 3, "item/1"),
                increment(two, 1, "item/2"),
                increment(one, 4, "item/1"),
                increment(two, 2, "item/2")));
        assertThat(answer.status()).as("status with a gap").isEqualTo(503);
        assertLastMutationID(one).isEqualTo(1);
        assertLastMutationID(two).isEqualTo(2);
        assertStored("item/1").isEqualTo("1");
        assertStored("item/2").isEqualTo("2");
    }

    @Test
    @Rule({"R21", "R33"})
    final void aClientWhoseStateIsGoneIsToldSoAfterTheOthersWereProcessed() {
        ModelClient known = node().client("ann").increment("item/1").sync();
        ModelClient unknown = known.tab();
        ModelClient well = known.tab();
        for (ModelClient lost : List.of(known, unknown)) {
            long before = lastMutationID(well);
            Wire.Answer answer = known.send(List.of(
                    increment(lost, 5, "item/1"), increment(well, before + 1, "item/2"), increment(lost, 6, "item/1")));
            assertThat(answer.status())
                    .as("status for a client whose state is gone")
                    .isEqualTo(200);
            assertThat(Bodies.read(answer.body()).path("error").asText())
                    .as("error in the body of the answer")
                    .isEqualTo("ClientStateNotFound");
            assertThat(lastMutationID(well)).as("a client that is well").isEqualTo(before + 1);
        }
        assertLastMutationID(known).isEqualTo(1);
        assertLastMutationID(unknown).isZero();
        assertStored("item/1").isEqualTo("1");
    }

    @Test
    @Rule("R29")
    final void anUnknownMutatorFailsOrWaitsAsThePolicySays() {
        ModelClient client = node().client("ann")
                .set("item/1", 1)
                .mutate("nobody knows me", Map.of())
                .set("item/2", 2);
        List<ObjectNode> mutations = client.pending();
        Node<T> rolling = node(builder -> builder.unknownMutatorsLater().timeLimit(Duration.ofMillis(20)));
        assertThat(client.via(rolling.wire()).send(mutations).status())
                .as("status by policy")
                .isEqualTo(503);
        assertLastMutationID(client).isEqualTo(1);
        assertThat(client.via(node().wire()).send(mutations).status())
                .as("status by default")
                .isEqualTo(200);
        assertLastMutationID(client).isEqualTo(3);
        assertStored("item/2").isEqualTo("2");
        client.set("item/3", 3);
        assertThat(client.via(rolling.wire()).send(client.pending()).status())
                .as("status by policy when the unknown one is processed already")
                .isEqualTo(200);
        assertStored("item/3").isEqualTo("3");
    }

    @Test
    @Rule({"R21", "R29"})
    final void anUnknownMutatorThatWaitsHoldsUpItsOwnClientOnly() {
        Observed observed = new Observed();
        Node<T> rolling = node(builder -> builder.unknownMutatorsLater().observer(observed));
        ModelClient waiting = rolling.client("ann").mutate("nobody knows me", Map.of());
        waiting.increment("item/1");
        ModelClient well = waiting.tab().increment("item/2");
        List<ObjectNode> all = new ArrayList<>(waiting.pending());
        all.addAll(well.pending());
        assertStatus(waiting.send(all)).isEqualTo(503);
        assertLastMutationID(waiting).isZero();
        assertThat(lastMutationID(well)).as("mutations of another client").isEqualTo(1);
        assertThat(observed.delayed)
                .as("mutations that the observer hears are delayed")
                .extracting(Mutation::id)
                .containsExactly(1L);
        assertThat(observed.retries)
                .as("attempts that the observer hears are made again")
                .hasValue(0);
    }

    @Test
    @Rule({"R30", "R31"})
    final void argumentsThatDoNotFitAreTheBusinessOfThatMutationOnly() {
        ModelClient client = node().client("ann");
        List<JsonNode> strange = new ArrayList<>(List.of(
                NullNode.getInstance(),
                Bodies.read("[]"),
                Bodies.read("\"text\""),
                Bodies.read("5"),
                Bodies.read("{}"),
                Bodies.read("{\"key\":null,\"by\":1}"),
                Bodies.read("{\"key\":\"item/1\",\"by\":\"1\"}"),
                Bodies.read("{\"key\":\"item/1\",\"by\":1.5}"),
                Bodies.read("{\"key\":[],\"by\":1}"),
                Bodies.read("{\"key\":\"item/1\",\"by\":9223372036854775808}")));
        strange.forEach(args -> client.mutate("increment", args));
        client.mutate("noArgs", NullNode.getInstance());
        client.mutate("noop", NullNode.getInstance());
        client.mutate("increment", Map.of("key", "item/1", "by", 1, "unknown", List.of()));
        ObjectNode withoutArgs = client.mutation(strange.size() + 4L, "noArgs", "");
        withoutArgs.remove("args");
        List<ObjectNode> all = new ArrayList<>(client.pending());
        all.add(withoutArgs);
        assertStatus(client.send(all)).isEqualTo(200);
        assertLastMutationID(client).isEqualTo(strange.size() + 4L);
        assertStored("item/1").isEqualTo("1");
        assertStored("item/no-args").isEqualTo("true");
    }

    @Test
    @Rule("R32")
    final void whatIsTooLargeFailsAloneAndHoldsUpNothing() {
        Node<T> node = node(builder -> builder.maxArgs(1_000, 20).maxKeyBytes(50));
        ModelClient client = node.client("ann").set("item/1", 1);
        client.set("item/2", "x".repeat(2_000));
        client.set("item/3", Bodies.read("[".repeat(30) + "]".repeat(30)));
        client.mutate("touch", Map.of("key", "item/" + "k".repeat(50)));
        client.mutate("x".repeat(100_000), Map.of());
        client.set("item/4", 4).sync();
        assertView(client).containsOnlyKeys("item/1", "item/4");
        assertLastMutationID(client).isEqualTo(6);
    }

    @Test
    @Rule({"R20", "R32"})
    final void aDayOfflineIsOnePush() {
        ModelClient client = node().client("ann");
        for (int i = 0; i < 250; i++) {
            client.increment("item/" + i % 10);
        }
        client.sync();
        assertPending(client).isEmpty();
        assertThat(Collections.nCopies(10, Bodies.read("25")))
                .as("record that is read")
                .isEqualTo(List.copyOf(client.entities().values()));
        client.converges();
    }

    @Test
    @Rule("R15")
    final void mutationsOutOfOrderAreProcessedInOrder() {
        ModelClient client =
                node().client("ann").set("item/1", 1).set("item/1", 2).set("item/1", 3);
        List<ObjectNode> reversed = new ArrayList<>(client.pending());
        Collections.reverse(reversed);
        assertStatus(client.send(reversed)).isEqualTo(200);
        assertStored("item/1").isEqualTo("3");
        assertLastMutationID(client).isEqualTo(3);
    }

    @Test
    @Rule("R28")
    final void effectsRunOnceAfterTheirCommitAndBeforeTheAnswer() {
        ModelClient client = node().client("ann");
        client.mutate("effect", Map.of("name", "one"));
        client.mutate("failingEffect", Map.of("name", "two"));
        client.mutate("failHalfway", Map.of("key", "item/1", "value", 1));
        client.mutate("effect", Map.of("name", "four"));
        client.mutate("effectLooks", Map.of("key", "item/5", "value", 5));
        client.push();
        assertThat(mutators().effects).as("effects that ran").containsExactly("one", "two", "four", "found 5");
        client.tryPush();
        assertThat(mutators().effects).as("after the same push again").hasSize(4);
    }

    @Test
    @Rule("R24")
    final void aMutatorIsToldWhoAsks() {
        ModelClient client =
                node().client("ann").mutate("whoami", Map.of("key", "item/me")).sync();
        assertSeen(client, "item/me").isEqualTo(Bodies.read("[\"ann\",\"" + SPACE + "\"]"));
    }

    private static ObjectNode increment(ModelClient client, long id, String key) {
        return client.mutation(id, "increment", Map.of("key", key, "by", 1));
    }
}
