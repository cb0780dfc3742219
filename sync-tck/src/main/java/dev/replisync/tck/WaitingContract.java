package dev.replisync.tck;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.replisync.storage.Storage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * Pushes that wait for another one, all at the same node: whatever a server makes of the wait, each comes out as if it had
 * been alone.
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
                .allSatisfy(answer -> assertThat(answer.status()).isEqualTo(200));
        assertThat(stored("item/all")).isEqualTo(String.valueOf(WAITING));
        for (int i = 0; i < WAITING; i++) {
            assertThat(stored("item/" + i)).isEqualTo("[\"user" + i + "\",\"" + SPACE + "\"]");
            assertThat(lastMutationID(clients.get(i))).isEqualTo(3);
            assertThat(mutators().effects).containsOnlyOnce("effect " + i);
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
        assertThat(stored("item/all")).isEqualTo("5");
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
        List<Callable<Wire.Answer>> pushes = new ArrayList<>(List.of(
                failing::tryPush,
                later::tryPush,
                () -> gone.send(List.of(gone.mutation(58, "set", Map.of("key", "item/58", "value", 1)))),
                () -> empty.send(List.of()),
                () -> thief.send(List.of(thief.mutation(1, "set", Map.of("key", "item/stolen", "value", 1)))),
                () -> owner.send(owner.pending())));
        for (int i = 1; i <= WAITING; i++) {
            ModelClient client = node.client("user" + i).set("item/" + i, i);
            right.add(client);
            pushes.add(i % 2 == 0 ? pushes.size() : 0, client::tryPush);
        }
        List<Wire.Answer> answers = whileAnotherRuns(node, pushes);
        assertThat(answers.stream().map(Wire.Answer::status)).containsOnlyOnce(403);
        assertThat(answers.stream().filter(answer -> answer.status() == 200)).hasSize(pushes.size() - 1);
        assertThat(answers.stream().filter(answer -> answer.body().contains("ClientStateNotFound")))
                .hasSize(1);
        right.forEach(client -> assertThat(lastMutationID(client)).isEqualTo(1));
        for (int i = 0; i <= WAITING; i++) {
            assertThat(stored("item/" + i)).isEqualTo(String.valueOf(i));
        }
        assertThat(lastMutationID(failing)).isEqualTo(2);
        assertThat(stored("item/bad")).isEqualTo("absent");
        assertThat(stored("item/good")).isEqualTo("1");
        assertThat(stored("item/later")).isEqualTo("1");
        assertThat(stored("item/stolen")).isEqualTo("absent");
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
                .allSatisfy(answer -> assertThat(answer.status()).isEqualTo(200));
        assertThat(stored("item/all")).isEqualTo(String.valueOf(WAITING));
        clients.forEach(client -> {
            assertThat(lastMutationID(client)).isEqualTo(1);
            client.converges();
        });
    }
}
