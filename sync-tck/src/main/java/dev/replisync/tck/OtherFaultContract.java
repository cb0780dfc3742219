package dev.replisync.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replisync.protocol.Json;
import dev.replisync.storage.Storage.Failure;
import dev.replisync.tck.FaultyReads.Point;
import dev.replisync.tck.FaultyStorage.Fault;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Pulls and writes of the server whose datastore fails, at each call in turn: a pull that fails tells nothing, and the next
 * one tells all; a write is done once.
 *
 * @param <T> the storage's handle
 */
public abstract class OtherFaultContract<T> extends ServerContract<T> {
    private final AtomicInteger countdown = new AtomicInteger(Integer.MAX_VALUE);
    private final Set<Object> points = new HashSet<>();
    private boolean lasting;
    private Object first = "";

    /**
     * For subclasses.
     *
     * @param setup what is tested
     */
    protected OtherFaultContract(ServerSetup<T> setup) {
        super(setup);
    }

    /** Fails when the count is at its end: once, or from then on. */
    private void plan(Object point) {
        int left = countdown.decrementAndGet();
        // A commit whose answer is lost is another matter.
        if ((left == 0 || (left < 0 && lasting)) && point != FaultyStorage.Point.COMMITTED) {
            first = left == 0 ? point : first;
            points.add(point);
            throw new Fault(Failure.TRANSIENT, point);
        }
    }

    private Node<T> failingInPulls() {
        return node(new FaultyReads<>(store().node(), this::plan), builder -> builder);
    }

    /** Whether the count came to its end, so that the next call is worth a try. */
    private boolean failed() {
        return countdown.getAndSet(Integer.MAX_VALUE) <= 0;
    }

    @Test
    @Tag("long")
    @Rule({"R36", "R38", "R50"})
    final void aPullThatFailsAtAnyCallTellsNothingAndTheNextOneTellsAll() {
        lasting = true;
        pullsFailAtEachCall(503);
    }

    @Test
    @Rule("R50")
    final void aPullWhoseDatastoreFailsOnceAtAnyCallIsAnsweredAllTheSame() {
        pullsFailAtEachCall(200);
    }

    private void pullsFailAtEachCall(int status) {
        Node<T> node = failingInPulls();
        ModelClient writer = node().client("ann");
        ModelClient client = node.client("ann");
        ModelClient secondTab = client.tab();
        writer.set("item/0", 0).set("item/ever", 1).push();
        client.pull();
        boolean failed = true;
        for (int call = 1; failed; call++) {
            writer.set("item/" + call, call).delete("item/" + (call - 1)).increment("item/ever");
            writer.push();
            Map<String, ?> before = client.entities();
            countdown.set(call);
            PullAnswer answer = client.tryPull();
            failed = failed();
            // A record that is not written costs the next pull, and not this one.
            boolean recordOnly = first == Point.WRITE_RECORD || first == Point.WROTE_RECORD;
            assertThat(answer.status())
                    .as("status of a pull whose call %s failed: %s", call, first)
                    .isEqualTo(failed && !recordOnly ? status : 200);
            if (answer.status() == 200) {
                answer.taken();
            } else {
                assertThat(answer.answer().body()).as("body of the answer").doesNotContain("error", "fault");
                assertView(client).isEqualTo(before);
            }
            client.push().converges();
            secondTab.converges();
            assertThat(client.value("item/ever").asInt())
                    .as("value in the client's view")
                    .isEqualTo(call + 1);
        }
        assertThat(points).as("where pulls failed").hasSizeGreaterThanOrEqualTo(4);
    }

    @Test
    @Tag("long")
    @Rule({"R10", "R50"})
    final void aFirstPullThatFailsAtAnyCallLeavesNothingThatIsInTheWay() {
        lasting = true;
        Node<T> node = failingInPulls();
        node().client("ann").set("item/1", 1).push();
        boolean failed = true;
        for (int call = 1; failed; call++) {
            ModelClient client = node.client("ann");
            countdown.set(call);
            client.tryPull();
            failed = failed();
            client.increment("item/1").sync();
            assertThat(client.value("item/1").asInt())
                    .as("value in the client's view")
                    .isEqualTo(call + 1);
        }
        assertThat(points).as("where pulls failed").hasSizeGreaterThanOrEqualTo(4);
    }

    @Test
    @Rule("R24")
    final void aServersWriteIsRetriedUnlessItMayHaveHappened() {
        AtomicReference<FaultyStorage.@Nullable Point> next = new AtomicReference<>();
        Node<T> node = node(
                new FaultyStorage<>(store().node(), point -> {
                    if (next.compareAndSet(point, null)) {
                        throw Fault.at(point);
                    }
                }),
                builder -> builder);
        for (FaultyStorage.Point point : List.of(
                FaultyStorage.Point.OPEN,
                FaultyStorage.Point.OPENED,
                FaultyStorage.Point.COMMIT,
                FaultyStorage.Point.COMMITTED)) {
            String key = "item/" + point;
            boolean told = false;
            next.set(point);
            try {
                node.server().write(SPACE, (tx, ctx) -> {
                    KitHandle kit = store().kit(tx, ctx);
                    long before = kit.get(key)
                            .map(json -> Long.parseLong(json.toString()))
                            .orElse(0L);
                    kit.put(key, Json.of(before + 1));
                });
            } catch (Fault e) {
                told = true;
            }
            assertThat(stored(key)).as("written with a fault at %s", point).isEqualTo("1");
            assertThat(told).as("told of a fault at %s", point).isEqualTo(point == FaultyStorage.Point.COMMITTED);
        }
    }

    @Test
    @Rule({"R24", "R28"})
    final void aWriteOfTheServerThatFailsAtAnyCallIsDoneOnce() {
        Node<T> node = node(new FaultyStorage<>(store().node(), this::plan), builder -> builder);
        ModelClient client = node.client("ann");
        AtomicInteger effects = new AtomicInteger();
        boolean failed = true;
        for (int call = 1; failed; call++) {
            countdown.set(call);
            node.server().write(SPACE, (tx, ctx) -> {
                KitHandle kit = store().kit(tx, ctx);
                int now = kit.get("item/1")
                        .map(value -> Integer.parseInt(value.toString()))
                        .orElse(0);
                kit.put("item/1", Json.of(now + 1));
                ctx.touch("item/1");
                ctx.afterCommit(effects::incrementAndGet);
            });
            failed = failed();
            assertThat(stored("item/1"))
                    .as("writes, the last with a fault at call %s", call)
                    .isEqualTo(Integer.toString(call));
            assertThat(effects).as("effects after the commit").hasValue(call);
            client.converges();
        }
        assertThat(points).as("where writes failed").hasSizeGreaterThanOrEqualTo(4);
    }

    @Test
    @Rule({"R24", "R28"})
    final void aWriteOfTheServerWhoseCommitIsNotAnsweredIsNotDoneAgain() {
        Node<T> node = node(
                new FaultyStorage<>(store().node(), point -> {
                    if (point == FaultyStorage.Point.COMMITTED) {
                        throw Fault.at(point);
                    }
                }),
                builder -> builder);
        ModelClient client = node().client("ann");
        client.pull();
        AtomicInteger runs = new AtomicInteger();
        assertThat(catchFault(() -> node.server().write(SPACE, (tx, ctx) -> {
                    store().kit(tx, ctx).put("item/1", Json.of(runs.incrementAndGet()));
                    ctx.touch("item/1");
                })))
                .as("who writes is told that nobody knows")
                .isTrue();
        client.converges();
        assertThat(client.value("item/1").asInt())
                .as("value in the client's view")
                .isEqualTo(1);
    }

    private static boolean catchFault(Runnable write) {
        try {
            write.run();
            return false;
        } catch (Fault e) {
            return true;
        }
    }
}
