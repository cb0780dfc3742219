package dev.replisync.tck;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/**
 * Two nodes, several clients at once, answers that get lost: each effect exactly once, each pull one moment, all views
 * alike in the end.
 *
 * @param <T> the storage's handle
 */
public abstract class ConcurrencyContract<T> extends ServerContract<T> {
    private static final int WRITERS = 4;
    private static final int MUTATIONS = 30;

    /**
     * For subclasses.
     *
     * @param setup what is tested
     */
    protected ConcurrencyContract(ServerSetup<T> setup) {
        super(setup);
    }

    @Test
    @Rule({"R5", "R17", "R20"})
    final void incrementsOverALossyNetworkCountExactlyOnce() {
        List<Wire> nodes = List.of(lossy(node().wire(), 1), lossy(node().wire(), 2));
        List<Future<ModelClient>> writers = new ArrayList<>();
        for (int i = 0; i < WRITERS; i++) {
            ModelClient client = node().client("user" + i % 2);
            int seed = i;
            writers.add(start(() -> incrementing(client, nodes, new Random(seed))));
        }
        List<ModelClient> clients = writers.stream().map(StoreContract::result).toList();
        assertThat(stored("item/all")).as("the counter of everybody").isEqualTo(String.valueOf(WRITERS * MUTATIONS));
        Node<T> calm = node();
        for (ModelClient client : clients) {
            client.via(calm.wire());
            assertThat(stored("item/" + client.clientID()))
                    .as("a client's own counter")
                    .isEqualTo(String.valueOf(MUTATIONS));
            assertLastMutationID(client).isEqualTo(2L * MUTATIONS);
            client.converges();
            assertPending(client).isEmpty();
        }
    }

    /** Pushes to any node, again and again, as long as anything is pending, and pulls now and then. */
    private static ModelClient incrementing(ModelClient client, List<Wire> nodes, Random random) {
        int made = 0;
        for (int tries = 0; made < MUTATIONS || !client.pending().isEmpty(); tries++) {
            assertThat(tries).as("pushes until everything is confirmed").isLessThan(50 * MUTATIONS);
            for (int i = random.nextInt(4); i > 0 && made < MUTATIONS; i--, made++) {
                client.increment("item/all").increment("item/" + client.clientID());
            }
            client.via(nodes.get(random.nextInt(nodes.size())));
            client.tryPush();
            PullAnswer answer = client.tryPull();
            assertThat(answer.status() == 200 ? answer.dropped() : null)
                    .as("why an answer is dropped")
                    .isNull();
        }
        return client;
    }

    @Test
    @Rule({"R17", "R16"})
    final void theSamePushOfANewClientOnTwoNodesRunsOnceAndSucceedsTwice() {
        Node<T> one = node();
        Node<T> two = node();
        for (int round = 1; round <= 20; round++) {
            ModelClient client = one.client("ann").increment("item/1").increment("item/1");
            List<ObjectNode> same = client.pending();
            Gates gates = new Gates();
            List<Future<Integer>> pushes = new ArrayList<>();
            for (Node<T> node : List.of(one, two)) {
                ModelClient sender = client.posing("ann", SPACE).via(node.wire());
                pushes.add(start(() -> {
                    gates.pass("start");
                    return sender.send(same).status();
                }));
            }
            gates.open("start");
            assertThat(pushes.stream().map(StoreContract::result))
                    .as("statuses")
                    .containsExactly(200, 200);
            assertStored("item/1").isEqualTo(String.valueOf(2 * round));
            assertLastMutationID(client).isEqualTo(2);
        }
    }

    @Test
    @Rule({"R15", "R17", "R27"})
    final void tabsThatSendEachOthersMutationsAtOnceLoseNothing() {
        for (int round = 1; round <= 10; round++) {
            ModelClient one = node().client("ann").increment("item/1").increment("item/1");
            ModelClient two = one.tab().increment("item/1").increment("item/1").via(node().wire());
            List<ObjectNode> all = ModelClient.interleaved(one, two);
            List<Future<Integer>> pushes = List.of(
                    start(() -> one.send(all).status()),
                    start(() -> two.send(all).status()));
            assertThat(pushes.stream().map(StoreContract::result))
                    .as("statuses")
                    .containsExactly(200, 200);
            assertStored("item/1").isEqualTo(String.valueOf(4 * round));
        }
    }

    @Test
    @Rule({"R5", "R6"})
    final void whoPullsWhileOthersPushMissesNothing() {
        AtomicBoolean done = new AtomicBoolean();
        List<Future<Integer>> writers = new ArrayList<>();
        for (int i = 0; i < WRITERS; i++) {
            ModelClient client = node().client("user" + i);
            writers.add(start(() -> {
                for (int n = 1; n <= MUTATIONS; n++) {
                    client.set("item/" + client.clientID(), n).push();
                    client.pull();
                    assertThat(client.value("item/" + client.clientID()).intValue())
                            .as("value in the client's view")
                            .isEqualTo(n);
                    assertThat(client.pending()).as("after a push and a pull").isEmpty();
                }
                return MUTATIONS;
            }));
        }
        ModelClient reader = node().client("reader");
        Future<ModelClient> pulling = start(() -> {
            while (!done.get()) {
                reader.pull();
            }
            return reader;
        });
        try {
            writers.forEach(writer -> assertThat(result(writer))
                    .as("mutations that the writer pushed")
                    .isEqualTo(MUTATIONS));
        } finally {
            done.set(true);
        }
        result(pulling).converges();
    }

    @Test
    @Rule("R6")
    final void aPullShowsAMutationWithItsIdOrNeither() {
        AtomicBoolean done = new AtomicBoolean();
        ModelClient writer = node().client("ann");
        ModelClient tab = writer.tab().via(node().wire());
        Future<Integer> reading = start(() -> {
            int pulls = 0;
            while (!done.get() || pulls == 0) {
                tab.pull();
                JsonNode value = tab.value("item/1/a");
                JsonNode twin = tab.value("item/1/b");
                long seen = value.asLong();
                assertThat(twin.asLong()).as("written by the same mutations").isEqualTo(seen);
                assertThat(tab.view().lastMutationID(writer.clientID()))
                        .as("id that goes with the value")
                        .isEqualTo(seen);
                pulls++;
            }
            return pulls;
        });
        try {
            for (int n = 1; n <= 2 * MUTATIONS; n++) {
                writer.mutate("pair", Map.of("key", "item/1", "by", n)).push();
                if (n % 10 == 0) {
                    writer.pull();
                }
            }
        } finally {
            done.set(true);
        }
        assertThat(result(reading)).as("pulls meanwhile").isPositive();
    }

    @Test
    @Rule({"R5", "R27"})
    final void ofTwoThatTakeTheNextFreePlaceBothGetOne() {
        List<Future<ModelClient>> writers = new ArrayList<>();
        for (int i = 0; i < WRITERS; i++) {
            ModelClient client = node().client("user" + i);
            writers.add(start(() -> {
                for (int n = 0; n < 10; n++) {
                    client.mutate("maxPlusOne", Map.of("key", "item/list"));
                    if (n % 3 == 0) {
                        client.push();
                    }
                }
                return client.sync();
            }));
        }
        writers.forEach(StoreContract::result);
        ModelClient reader = node().client("reader");
        reader.pull();
        Set<JsonNode> owners = new HashSet<>(reader.entities().values());
        assertThat(reader.entities()).as("places").hasSize(WRITERS * 10);
        assertThat(owners).as("who got them").hasSize(WRITERS * 10);
    }

    @Test
    @Rule("R5")
    @Needs(strategy = Trait.MUTATORS_IN_TURN)
    final void mutatorsOfASpaceRunOneAfterTheOther() {
        Gates gates = mutators().gates;
        Future<ModelClient> first = start(gated("ann", "one", 1)::push);
        gates.awaitArrival("one");
        Future<ModelClient> second = start(gated("bob", "two", 2)::push);
        assertThat(becomes(() -> gates.hasArrived("two"), A_WHILE))
                .as("a second mutator of the space runs beside the first")
                .isFalse();
        // While one is open nothing is to be seen, and nobody who reads is held up.
        ModelClient reader = node().client("cid");
        assertPatch(reader.pull()).isEmpty();
        gates.open("two");
        gates.open("one");
        result(first);
        result(second);
        reader.converges();
        assertView(reader).containsOnlyKeys("item/1", "item/2");
    }

    @Test
    @Rule("R5")
    @Needs(
            value = Feature.PARALLEL_WRITERS,
            strategy = {Trait.DIFFERENCES, Trait.MUTATORS_SIDE_BY_SIDE})
    final void mutatorsRunSideBySideAndTheFirstToCommitIsTheFirstToBeSeen() {
        Gates gates = mutators().gates;
        Future<ModelClient> first = start(gated("ann", "one", 1)::push);
        gates.awaitArrival("one");
        Future<ModelClient> second = start(gated("bob", "two", 2)::push);
        gates.awaitArrival("two");
        // While both are open nothing is to be seen, and nobody who reads is held up.
        ModelClient reader = node().client("cid");
        assertPatch(reader.pull()).isEmpty();
        gates.open("two");
        result(second);
        assertPatch(reader.pull()).containsExactly("put item/2 2");
        gates.open("one");
        result(first);
        reader.converges();
        assertView(reader).containsOnlyKeys("item/1", "item/2");
    }

    /** A client with a mutation that waits at a gate before it is done. */
    private ModelClient gated(String user, String gate, int id) {
        return node().client(user).mutate("gate", Map.of("gate", gate, "key", "item/" + id, "value", id));
    }

    @Test
    @Rule({"R24", "R27"})
    final void mutatorsThatLockRowsCrosswiseAllSucceed() {
        Observed observed = new Observed();
        List<Future<ModelClient>> writers = new ArrayList<>();
        for (int i = 0; i < WRITERS; i++) {
            ModelClient client = node(builder -> builder.observer(observed)).client("user" + i);
            int offset = i;
            writers.add(start(() -> {
                for (int n = 0; n < 10; n++) {
                    client.set("item/" + (offset + n) % 3, n).set("item/" + (offset + 2 * n + 1) % 3, n);
                    long deadline = System.nanoTime() + deadline().toNanos();
                    while (client.tryPush().status() != 200) {
                        assertThat(System.nanoTime()).as("time").isLessThan(deadline);
                    }
                }
                client.pull();
                return client;
            }));
        }
        List<ModelClient> clients = writers.stream().map(StoreContract::result).toList();
        clients.forEach(client -> {
            client.converges();
            assertLastMutationID(client).isEqualTo(20);
        });
        assertThat(observed.failed).as("mutations booked as failed").isEmpty();
    }

    /** Loses requests and answers, and delivers some requests twice. */
    private static Wire lossy(Wire real, int seed) {
        return new Wire() {
            private final Random random = new Random(seed);
            private final Answer lost = new Answer(599, Map.of(), "the kit's network lost it");

            @Override
            public Answer push(Call call) {
                int dice = roll();
                if (dice == 0) {
                    return lost;
                }
                Answer answer = real.push(call);
                if (dice == 1) {
                    real.push(call);
                }
                return dice == 2 ? lost : answer;
            }

            @Override
            public Answer pull(Call call) {
                int dice = roll();
                Answer answer = dice == 0 ? lost : real.pull(call);
                return dice == 1 ? lost : answer;
            }

            @Override
            public AutoCloseable listen(String user, String space, Runnable onPoke) {
                return real.listen(user, space, onPoke);
            }

            private synchronized int roll() {
                return random.nextInt(8);
            }
        };
    }
}
