package dev.replisync.tck;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.replisync.storage.OpenPush;
import dev.replisync.storage.PushTx;
import dev.replisync.storage.Storage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * Pushes that wait for another one, all at the same node: whatever a server makes of the wait, each comes out as if it had
 * been alone. And what they share for it: a transaction for several client groups.
 *
 * @param <T> the storage's handle
 */
public abstract class WaitingContract<T> extends ServerContract<T> {
    private static final int WAITING = 6;

    /**
     * For subclasses.
     *
     * @param setup what is tested
     */
    protected WaitingContract(ServerSetup<T> setup) {
        super(setup);
    }

    /** Lets all of them come while the mutator of another push runs. */
    private List<Wire.Answer> whileAnotherRuns(Node<T> node, List<Callable<Wire.Answer>> pushes) {
        Gates gates = mutators().gates;
        Future<ModelClient> first = start(
                node.client("first").mutate("gate", Map.of("gate", "first", "key", "item/first", "value", 1))::push);
        gates.awaitArrival("first");
        List<Future<Wire.Answer>> waiting = pushes.stream().map(this::start).toList();
        becomes(() -> false, A_WHILE);
        gates.open("first");
        result(first);
        return waiting.stream().map(StoreContract::result).toList();
    }

    @Test
    @Rule({"R15", "R17", "R28"})
    final void pushesThatWaitRunOnceEachAndAsTheirOwnUsers() {
        Node<T> node = node();
        List<ModelClient> clients = new ArrayList<>();
        List<Callable<Wire.Answer>> pushes = new ArrayList<>();
        for (int i = 0; i < WAITING; i++) {
            ModelClient client = node.client("user" + i)
                    .increment("item/all")
                    .mutate("whoami", Map.of("key", "item/" + i))
                    .mutate("effect", Map.of("name", "effect " + i));
            List<ObjectNode> same = client.pending();
            clients.add(client);
            pushes.add(() -> client.send(same));
            pushes.add(() -> client.send(same));
        }
        assertThat(whileAnotherRuns(node, pushes))
                .as("statuses")
                .allSatisfy(answer -> assertStatus(answer).isEqualTo(200));
        assertStored("item/all").isEqualTo(String.valueOf(WAITING));
        for (int i = 0; i < WAITING; i++) {
            assertStored("item/" + i).isEqualTo("[\"user" + i + "\",\"" + SPACE + "\"]");
            assertLastMutationID(clients.get(i)).isEqualTo(3);
            assertThat(mutators().effects).as("effects that ran").containsOnlyOnce("effect " + i);
            clients.get(i).converges();
            assertThat(clients.get(i).pending()).isEmpty();
        }
    }

    @Test
    @Rule({"R15", "R17"})
    final void tabsThatWaitSendEachOthersMutations() {
        Node<T> node = node();
        ModelClient one = node.client("ann").increment("item/all").increment("item/all");
        ModelClient two = one.tab().increment("item/all").increment("item/all");
        List<ObjectNode> all = ModelClient.interleaved(one, two);
        ModelClient other = node.client("bob").increment("item/all");
        assertThat(whileAnotherRuns(node, List.of(() -> one.send(all), other::tryPush, () -> two.send(all))))
                .extracting(Wire.Answer::status)
                .containsExactly(200, 200, 200);
        assertStored("item/all").isEqualTo("5");
    }

    @Test
    @Rule({"R18", "R21", "R22", "R23", "R24", "R45"})
    final void aPushThatFailsHarmsNoneOfThoseThatWaitWithIt() {
        Observed observed = new Observed();
        Node<T> node = node(builder -> builder.observer(observed));
        ModelClient owner = node.client("ann").set("item/0", 0).push();
        mutators().laterTimes.set(3);
        ModelClient failing = node.client("bob")
                .mutate("failHalfway", Map.of("key", "item/bad", "value", 1))
                .set("item/good", 1);
        ModelClient later = node.client("cid").mutate("later", Map.of("key", "item/later", "value", 1));
        ModelClient gone = node.client("dan");
        ModelClient empty = node.client("eve");
        ModelClient thief = owner.posing("fay", SPACE);
        List<ModelClient> right = new ArrayList<>();
        List<Callable<Wire.Answer>> pushes = new ArrayList<>();
        // Three before those that fail and three behind them.
        for (int i = 1; i <= WAITING; i++) {
            ModelClient client = node.client("user" + i).set("item/" + i, i);
            right.add(client);
            pushes.add(client::tryPush);
        }
        pushes.addAll(
                WAITING / 2,
                List.of(
                        failing::tryPush,
                        later::tryPush,
                        () -> gone.send(List.of(gone.mutation(58, "set", Map.of("key", "item/58", "value", 1)))),
                        () -> empty.send(List.of()),
                        () -> thief.send(List.of(thief.mutation(1, "set", Map.of("key", "item/stolen", "value", 1)))),
                        () -> owner.send(List.of(owner.mutation(1, "set", Map.of("key", "item/0", "value", 0))))));
        List<Wire.Answer> answers = whileAnotherRuns(node, pushes);
        int goneAt = WAITING / 2 + 2;
        int thiefAt = goneAt + 2;
        for (int i = 0; i < answers.size(); i++) {
            assertThat(answers.get(i).status()).as("status of push %s", i).isEqualTo(i == thiefAt ? 403 : 200);
            if (i != thiefAt) {
                assertThat(answers.get(i).body().contains("ClientStateNotFound"))
                        .as("whether push %s is told that its state is gone", i)
                        .isEqualTo(i == goneAt);
            }
        }
        right.forEach(client -> assertLastMutationID(client).isEqualTo(1));
        for (int i = 0; i <= WAITING; i++) {
            assertStored("item/" + i).isEqualTo(String.valueOf(i));
        }
        assertLastMutationID(failing).isEqualTo(2);
        assertStored("item/bad").isEqualTo("absent");
        assertStored("item/good").isEqualTo("1");
        assertStored("item/later").isEqualTo("1");
        assertStored("item/stolen").isEqualTo("absent");
        assertThat(store().look().groups().keySet())
                .as("client groups of pushes of which nothing was processed")
                .doesNotContain(gone.groupID(), empty.groupID());
        assertThat(observed.failed).as("mutations booked as failed").hasSize(1);
        assertThat(mutators().runs(owner.clientID(), 1))
                .as("runs of a duplicate")
                .isEqualTo(1);
        right.forEach(ModelClient::converges);
    }

    @Test
    @Rule({"R22", "R24"})
    final void aCommitWhoseAnswerIsLostIsNotDoneAgainForAnyOfThoseThatWaited() {
        AtomicInteger commits = new AtomicInteger();
        Storage<T> faulty = new FaultyStorage<>(store().node(), point -> {
            if (point == FaultyStorage.Point.COMMITTED && commits.incrementAndGet() == 2) {
                throw FaultyStorage.Fault.at(point);
            }
        });
        Node<T> node = node(faulty, builder -> builder);
        List<ModelClient> clients = new ArrayList<>();
        List<Callable<Wire.Answer>> pushes = new ArrayList<>();
        for (int i = 0; i < WAITING; i++) {
            ModelClient client = node.client("user" + i).increment("item/all");
            clients.add(client);
            pushes.add(client::tryPush);
        }
        assertThat(whileAnotherRuns(node, pushes))
                .allSatisfy(answer -> assertStatus(answer).isEqualTo(200));
        assertStored("item/all").isEqualTo(String.valueOf(WAITING));
        clients.forEach(client -> {
            assertLastMutationID(client).isEqualTo(1);
            client.converges();
        });
    }

    /** A transaction of two groups, named in the wrong order. */
    private static OpenPush both(String userOfFirst, String userOfSecond, boolean lockVersions) {
        return new OpenPush(
                List.of(
                        new OpenPush.Group("g2", userOfSecond, Port.SPACE),
                        new OpenPush.Group("g1", userOfFirst, Port.SPACE)),
                Set.of("c1", "c2"),
                Port.spaces(Port.SPACE),
                lockVersions,
                true);
    }

    @Test
    @Rule({"R17", "R45", "R46"})
    final void groupsThatShareATransactionStayApart() {
        Port<T> node = new Port<>(store());
        node.push("u2", "g2", "c2", 4, kit -> {});
        OpenPush both = both("u1", "thief", true);
        try (PushTx<T> tx = node.open(both)) {
            assertThat(tx.state().groups())
                    .as("owners on record, and of what is new")
                    .isEqualTo(Map.of(
                            "g1",
                            new OpenPush.Group("g1", "u1", Port.SPACE),
                            "g2",
                            new OpenPush.Group("g2", "u2", Port.SPACE)));
            assertThat(tx.state().clients())
                    .as("clients that open() read")
                    .isEqualTo(Map.of("c2", new PushTx.Client("g2", 4)));
            tx.commit(new PushTx.Closing(
                    Map.of("c1", new PushTx.Client("g1", 1), "c2", new PushTx.Client("g2", 5)),
                    Port.spaces(Port.SPACE)));
        }
        assertClients().isEqualTo(Map.of("c1", new PushTx.Client("g1", 1), "c2", new PushTx.Client("g2", 5)));
        assertThat(store().look().groups().get("g1"))
                .as("a client group in the store")
                .isEqualTo(new OpenPush.Group("g1", "u1", Port.SPACE));
        assertThat(store().look().groups().get("g2"))
                .as("a client group in the store")
                .isEqualTo(new OpenPush.Group("g2", "u2", Port.SPACE));
    }

    @Test
    @Rule("R27")
    @Needs(Feature.PARALLEL_WRITERS)
    final void groupsAreLockedInOneOrder() {
        Port<T> one = new Port<>(store());
        Port<T> two = new Port<>(store());
        one.push("u", "g1", "c1", 1, kit -> {});
        one.push("u", "g2", "c2", 1, kit -> {});
        OpenPush both = both("u", "u", false);
        Future<Boolean> waiting;
        try (PushTx<T> first = one.open(Port.last(Port.pushOf("u", "g1", "c1")))) {
            waiting = start(() -> {
                try (PushTx<T> tx = two.open(both)) {
                    return tx.state().groups().size() == 2;
                }
            });
            assertThat(becomes(waiting::isDone, A_WHILE))
                    .as("a push of both groups did not wait for the first")
                    .isFalse();
            Future<Boolean> second = start(() -> {
                try (PushTx<T> tx = new Port<>(store()).open(Port.last(Port.pushOf("u", "g2", "c2")))) {
                    return tx.state().groups().size() == 1;
                }
            });
            assertThat(becomes(second::isDone, deadline()))
                    .as("who waits for the first group has not locked the second one yet")
                    .isTrue();
            first.commit(Port.closing("g1", Map.of("c1", 2L)));
        }
        assertThat(result(waiting)).as("whether who waited has committed").isTrue();
    }
}
