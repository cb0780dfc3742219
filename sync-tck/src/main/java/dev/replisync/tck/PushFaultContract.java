package dev.replisync.tck;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.replisync.SyncServerBuilder;
import dev.replisync.protocol.Caller;
import dev.replisync.protocol.Mutation;
import dev.replisync.storage.Storage.Failure;
import dev.replisync.tck.FaultyStorage.Fault;
import dev.replisync.tck.FaultyStorage.Point;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/**
 * Pushes whose datastore fails, at each call in turn, in each way: nothing is lost, nothing is done twice, nothing is
 * booked on a mutation that had no part in it, and no client waits for ever.
 *
 * @param <T> the storage's handle
 */
public abstract class PushFaultContract<T> extends ServerContract<T> {
    private static final Duration SOON = Duration.ofMillis(20);

    /**
     * For subclasses.
     *
     * @param setup what is tested
     */
    protected PushFaultContract(ServerSetup<T> setup) {
        super(setup);
    }

    @Test
    @Rule({"R22", "R23", "R24", "R28"})
    final void aPassingFaultAtAnyCallIsRetriedAndChangesNothing() {
        AtomicInteger countdown = new AtomicInteger(Integer.MAX_VALUE);
        Consumer<Point> plan = point -> {
            if (countdown.decrementAndGet() == 0) {
                throw Fault.at(point);
            }
        };
        Node<T> node = node(new FaultyStorage<>(store().node(), plan), builder -> builder);
        mutators().beforeEach = mutation -> {
            if (countdown.decrementAndGet() == 0) {
                throw new IllegalStateException("wrapped", new Fault(Failure.TRANSIENT, "a mutator's own statement"));
            }
        };
        int faults = 0;
        boolean reached = true;
        while (reached) {
            countdown.set(++faults);
            String key = "item/" + faults;
            ModelClient client = node.client("ann").increment(key);
            client.mutate("failHalfway", Map.of("key", key, "value", 100)).increment(key);
            client.mutate("touch", Map.of("key", key)).mutate("canSee", Map.of("key", key, "into", key + "/seen"));
            client.increment(key).mutate("effect", Map.of("name", key)).push();
            reached = countdown.get() <= 0;
            assertThat(stored(key))
                    .as("counter with a fault at call %s", faults)
                    .isEqualTo("3");
            assertThat(stored(key + "/seen"))
                    .as("what was seen with a fault at call %s", faults)
                    .isEqualTo("true");
            assertLastMutationID(client).isEqualTo(7);
            assertThat(mutators().effects)
                    .as("effects with a fault at call %s", faults)
                    .hasSizeLessThanOrEqualTo(faults);
            client.converges();
        }
        assertThat(faults).as("calls of the port that failed once").isGreaterThan(10);
    }

    @Test
    @Rule({"R22", "R24"})
    final void aCommitWhoseAnswerIsLostIsNotDoneAgain() {
        AtomicInteger commits = new AtomicInteger();
        Observed observed = new Observed();
        Node<T> node = node(
                new FaultyStorage<>(store().node(), point -> {
                    if (point == Point.COMMITTED && commits.incrementAndGet() % 2 == 1) {
                        throw Fault.at(point);
                    }
                }),
                builder -> builder.observer(observed));
        ModelClient client = node.client("ann").mutate("fail", Map.of());
        for (int i = 0; i < 10; i++) {
            client.increment("item/1");
        }
        client.mutate("fail", Map.of()).sync();
        assertThat(observed.failed)
                .as("mutations that the observer hears have failed")
                .extracting(Mutation::id)
                .containsExactly(1L, 12L);
        assertStored("item/1").isEqualTo("10");
        assertPending(client).isEmpty();
    }

    @Test
    @Rule({"R24", "R20"})
    final void afterTheLastTryTheClientIsToldToComeAgainAndNothingIsBooked() {
        AtomicBoolean down = new AtomicBoolean(true);
        Observed observed = new Observed();
        Node<T> node = node(
                new FaultyStorage<>(store().node(), point -> {
                    if (point == Point.COMMIT && down.get()) {
                        throw Fault.at(point);
                    }
                }),
                builder -> patient(builder).observer(observed));
        ModelClient client = node.client("ann").increment("item/1").increment("item/1");
        long version = version();
        assertThat(client.tryPush().status())
                .as("status while the datastore is down")
                .isEqualTo(503);
        assertLastMutationID(client).isZero();
        assertVersion().isEqualTo(version);
        assertThat(observed.failed)
                .as("mutations that the observer hears have failed")
                .isEmpty();
        assertThat(observed.retries)
                .as("attempts that the observer hears are made again")
                .hasPositiveValue();
        down.set(false);
        client.sync();
        assertStored("item/1").isEqualTo("2");
    }

    @Test
    @Rule({"R24", "R67"})
    final void aMutationThatCannotBeDecidedHoldsUpItsOwnClientOnly() {
        Observed observed = new Observed();
        Node<T> node = node(builder -> patient(builder).observer(observed));
        ModelClient stuck = node.client("ann").increment("item/1");
        stuck.mutate("later", Map.of("key", "item/later", "value", 1)).increment("item/1");
        ModelClient well = stuck.tab().increment("item/2");
        assertStatus(stuck.send(ModelClient.interleaved(stuck, well))).isEqualTo(503);
        assertLastMutationID(stuck).isEqualTo(1);
        assertLastMutationID(well).isEqualTo(1);
        assertStored("item/later").isEqualTo("absent");
        assertThat(observed.delayed)
                .as("mutations that the observer hears are delayed")
                .extracting(Mutation::id)
                .containsExactly(2L);
        assertThat(observed.failed)
                .as("mutations that the observer hears have failed")
                .isEmpty();
        assertThat(mutators().effects)
                .as("effects of attempts that were rolled back")
                .isEmpty();

        mutators().laterTimes.set(0);
        stuck.push();
        assertStored("item/later").isEqualTo("1");
        assertStored("item/1").isEqualTo("2");
        assertThat(mutators().effects).as("effects that ran").containsExactly("later");
    }

    @Test
    @Rule({"R20", "R24"})
    final void whatIsStuckForLongerThanThePushMayLastHoldsUpNothingBeforeItAndNoOtherClient() {
        Observed observed = new Observed();
        Node<T> node = node(builder -> builder.observer(observed).timeLimit(Duration.ofNanos(1)));
        ModelClient stuck = node.client("ann").increment("item/1").increment("item/1");
        stuck.mutate("later", Map.of("key", "item/later", "value", 1)).increment("item/1");
        ModelClient well = stuck.tab().increment("item/2");
        for (int i = 0; i < 4; i++) {
            List<ObjectNode> rest = new ArrayList<>(stuck.pending());
            rest.addAll(well.pending());
            assertThat(stuck.send(rest).status())
                    .as("status while a mutation is stuck")
                    .isEqualTo(503);
            stuck.pull();
            well.pull();
        }
        assertThat(lastMutationID(stuck))
                .as("mutations before the one that is stuck")
                .isEqualTo(2);
        assertThat(lastMutationID(well)).as("mutations of another client").isEqualTo(1);
        assertThat(observed.delayed)
                .as("mutations that the observer hears are delayed")
                .extracting(Mutation::id)
                .contains(3L);
        assertThat(node.server().skip(Caller.of("ann", SPACE), stuck.groupID(), stuck.clientID(), 3))
                .as("skipped")
                .isTrue();
        stuck.push();
        assertStored("item/1").isEqualTo("3");
    }

    @Test
    @Rule("R24")
    final void anErrorOfTheVirtualMachinePasses() {
        mutators().laterTimes.set(2);
        ModelClient client = node().client("ann")
                .mutate("error", Map.of("key", "item/1", "value", 1))
                .push();
        assertStored("item/1").isEqualTo("1");
        assertLastMutationID(client).isEqualTo(1);
        assertThat(mutators().runs(client.clientID(), 1))
                .as("runs of the mutation")
                .isEqualTo(3);
    }

    @Test
    @Rule("R24")
    final void theOperatorCanSkipWhatIsStuckForEver() {
        Observed observed = new Observed();
        Node<T> node =
                node(builder -> builder.observer(observed).timeLimit(SOON).unknownMutatorsLater());
        ModelClient client = node.client("ann")
                .mutate("later", Map.of("key", "item/1", "value", 1))
                .increment("item/2");
        assertStatus(client.tryPush()).isEqualTo(503);
        Mutation stuck = observed.delayed.get(0);
        Caller ann = Caller.of("ann", SPACE);
        assertThat(node.server().skip(ann, client.groupID(), client.clientID(), 2))
                .as("skipping what is not next")
                .isFalse();
        assertThat(node.server().skip(ann, client.groupID(), client.clientID(), stuck.id()))
                .as("skipping what is next")
                .isTrue();
        assertThat(node.server().skip(ann, client.groupID(), client.clientID(), stuck.id()))
                .as("skipping it again")
                .isFalse();
        client.sync();
        assertView(client).containsOnlyKeys("item/2");
        assertLastMutationID(client).isEqualTo(2);
    }

    @Test
    @Rule({"R23", "R24"})
    final void aCommitThatIsRefusedIsBookedOnTheMutationThatIsAtFault() {
        ThreadLocal<Boolean> doomed = ThreadLocal.withInitial(() -> false);
        Node<T> node = node(refusing(doomed, Failure.PERMANENT), builder -> builder);
        mutators().beforeEach =
                mutation -> doomed.set(doomed.get() || mutation.name().equals("touch"));
        ModelClient client = node.client("ann").increment("item/1");
        client.mutate("touch", Map.of("key", "item/1")).increment("item/1").sync();
        assertStored("item/1").isEqualTo("2");
        assertLastMutationID(client).isEqualTo(3);
        assertPending(client).isEmpty();
    }

    @Test
    @Rule({"R23", "R24"})
    final void aPoisonedTransactionIsTriedAgainAndThenBookedOnItsMutation() {
        ThreadLocal<Boolean> doomed = ThreadLocal.withInitial(() -> false);
        AtomicInteger times = new AtomicInteger();
        Node<T> node = node(refusing(doomed, Failure.POISONED), builder -> builder);
        mutators().beforeEach = mutation ->
                doomed.set(doomed.get() || (mutation.name().equals("touch") && times.getAndDecrement() > 0));
        times.set(1);
        ModelClient client = node.client("ann")
                .set("item/1", 1)
                .mutate("touch", Map.of("key", "item/1"))
                .push();
        assertThat(mutators().runs(client.clientID(), 2))
                .as("runs of a mutation that was poisoned once")
                .isEqualTo(2);

        times.set(Integer.MAX_VALUE);
        client.increment("item/2")
                .mutate("touch", Map.of("key", "item/1"))
                .increment("item/2")
                .sync();
        assertStored("item/2").isEqualTo("2");
        assertLastMutationID(client).isEqualTo(5);
    }

    @Test
    @Rule({"R23", "R24"})
    final void aMutationAloneIsPoisonedThriceBeforeItIsBooked() {
        AtomicInteger times = new AtomicInteger(2);
        Observed observed = new Observed();
        Node<T> node = node(
                new FaultyStorage<>(store().node(), point -> {
                    if (point == Point.COMMIT && times.getAndDecrement() > 0) {
                        throw new Fault(Failure.POISONED, point);
                    }
                }),
                builder -> patient(builder).observer(observed));
        ModelClient client = node.client("ann").increment("item/1").push();
        assertThat(observed.failed).as("failed after two times").isEmpty();
        times.set(3);
        client.increment("item/1").push();
        assertThat(observed.failed)
                .as("mutations that the observer hears have failed")
                .extracting(Mutation::id)
                .containsExactly(2L);
        assertThat(mutators().runs(client.clientID(), 2))
                .as("runs of what was poisoned")
                .isEqualTo(3);
        assertStored("item/1").isEqualTo("1");
    }

    @Test
    @Rule({"R20", "R24"})
    final void aCommitThatIsRefusedWhoeverRanEndsThePushAndIsNobodysFault() {
        for (Failure failure : List.of(Failure.PERMANENT, Failure.POISONED)) {
            FaultyStorage<T> refusing = new FaultyStorage<>(store().node(), point -> {
                if (point == Point.COMMIT) {
                    throw new Fault(failure, point);
                }
            });
            Observed observed = new Observed();
            Node<T> node = node(refusing, builder -> patient(builder).observer(observed));
            ModelClient client = node.client("ann").increment("item/1");
            assertThat(result(start(client::tryPush)).status())
                    .as("status while each commit is refused: %s", failure)
                    .isEqualTo(503);
            assertLastMutationID(client).isZero();
            assertThat(observed.failed).as("booked, though nothing was stored").isEmpty();
        }
    }

    @Test
    @Rule({"R23", "R24"})
    @Needs(Feature.POISONED_TRANSACTIONS)
    final void anErrorThatAMutatorSwallowsFailsThatMutationOnly() {
        Node<T> node = node(builder -> builder.timeLimit(deadline()));
        ModelClient client = node.client("ann").set("item/1", 1);
        client.mutate("swallow", Map.of("key", "item/2", "value", 2))
                .set("item/3", 3)
                .sync();
        assertView(client).containsOnlyKeys("item/1", "item/3");
        assertLastMutationID(client).isEqualTo(3);
    }

    @Test
    @Rule("R67")
    final void aPokeComesAfterTheCommitAndAlsoWhenThePushEndsBadly() {
        Node<T> node = node(builder -> builder.timeLimit(SOON).batch(1));
        ModelClient client = node.client("ann").set("item/1", 1).mutate("later", Map.of("key", "item/2", "value", 1));
        AtomicInteger early = new AtomicInteger();
        AtomicInteger pokes = new AtomicInteger();
        node.onPoke(() -> {
            early.addAndGet(lastMutationID(client) == 0 ? 1 : 0);
            pokes.incrementAndGet();
        });
        assertStatus(client.tryPush()).isEqualTo(503);
        eventually("poked for what was committed", () -> pokes.get() > 0);
        assertThat(early).as("pokes before the commit").hasValue(0);
        int before = pokes.get();
        assertStatus(client.tryPush()).isEqualTo(503);
        assertThat(becomes(() -> pokes.get() > before, A_WHILE))
                .as("poked for what was rolled back")
                .isFalse();
    }

    @Test
    @Rule("R67")
    final void aLostAnswerToACommitPokesToo() {
        AtomicBoolean lost = new AtomicBoolean();
        Node<T> node = node(
                new FaultyStorage<>(store().node(), point -> {
                    if (point == Point.COMMITTED || lost.get()) {
                        lost.set(true);
                        throw Fault.at(point);
                    }
                }),
                builder -> builder.timeLimit(SOON));
        var pokes = node.countPokes();
        ModelClient client = node.client("ann").set("item/1", 1);
        assertThat(client.tryPush().status()).as("status while nobody knows").isEqualTo(503);
        eventually("poked for a commit that happened", () -> pokes.get() > 0);
        lost.set(false);
        client.sync();
        assertPending(client).isEmpty();
        assertThat(mutators().runs(client.clientID(), 1))
                .as("runs of the mutator")
                .isEqualTo(1);
    }

    /** Makes all attempts one after the other, without the waits between them. */
    private static <T> SyncServerBuilder<T> patient(SyncServerBuilder<T> builder) {
        return builder.time(System::nanoTime, time -> {});
    }

    private FaultyStorage<T> refusing(ThreadLocal<Boolean> doomed, Failure failure) {
        return new FaultyStorage<>(store().node(), point -> {
            if (point == Point.OPEN) {
                doomed.set(false);
            }
            if (point == Point.COMMIT && doomed.get()) {
                throw new Fault(failure, point);
            }
        });
    }
}
