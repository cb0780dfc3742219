package dev.replisync.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replisync.MutationContext;
import dev.replisync.Mutators;
import dev.replisync.SyncEndpoint;
import dev.replisync.SyncObserver;
import dev.replisync.SyncServer;
import dev.replisync.error.RejectedException;
import dev.replisync.error.RetryLaterException;
import dev.replisync.protocol.Caller;
import dev.replisync.protocol.Json;
import dev.replisync.protocol.Mutation;
import dev.replisync.storage.Storage.Failure;
import dev.replisync.strategy.global.GlobalVersion;
import dev.replisync.tck.FaultyStorage.Fault;
import dev.replisync.tck.FaultyStorage.Point;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the push loop makes of what a mutator throws (rule R24). */
class MutatorFaultsTest {
    private final MemoryStorage storage = new MemoryStorage();
    private final List<Throwable> failed = new ArrayList<>();
    private final List<Throwable> delayed = new ArrayList<>();
    private int runs;
    private int status;

    /** What the mutator does, at its first run only or at each. */
    private interface Act {
        void run(MutationContext ctx) throws Throwable;
    }

    /** A push of one mutation, by the machine's clock: whoever is interrupted does not sleep. */
    private void push(Act act, boolean always) {
        failed.clear();
        delayed.clear();
        runs = 0;
        FaultyStorage<MemoryTx> knowing = new FaultyStorage<>(storage, point -> {});
        SyncObserver observer = new SyncObserver() {
            @Override
            public void mutationFailed(Caller caller, String group, Mutation mutation, Throwable cause) {
                failed.add(cause);
            }

            @Override
            public void mutationDelayed(Caller caller, String group, Mutation mutation, Throwable cause) {
                delayed.add(cause);
            }
        };
        try (SyncServer<MemoryTx> server = SyncServer.builder(knowing)
                .mutators(new Mutators<MemoryTx>().add("act", Json.class, (tx, args, ctx) -> {
                    if (runs++ == 0 || always) {
                        try {
                            act.run(ctx);
                        } catch (Throwable e) {
                            WaitingPushes.<RuntimeException>raise(e);
                        }
                    }
                }))
                .strategy(new GlobalVersion())
                .observer(observer)
                .build()) {
            SyncEndpoint endpoint =
                    server.endpoint(request -> request.bearerToken().orElseThrow());
            status = new ModelClient(Wire.to(server, endpoint), "ann", "s")
                    .mutate("act", Map.of())
                    .tryPush()
                    .status();
        }
    }

    private void assertPasses(Throwable thrown) {
        push(
                ctx -> {
                    throw thrown;
                },
                false);
        assertThat(status).as("status after %s", thrown).isEqualTo(200);
        assertThat(failed).as("booked after %s", thrown).isEmpty();
        assertThat(runs).as("runs with %s at first", thrown).isEqualTo(2);
    }

    private void assertIsBooked(Throwable thrown) {
        push(
                ctx -> {
                    throw thrown;
                },
                false);
        assertThat(status).as("status after %s", thrown).isEqualTo(200);
        assertThat(failed).as("booked after %s", thrown).containsExactly(thrown);
        assertThat(runs).as("runs with %s at first", thrown).isEqualTo(1);
    }

    @AfterEach
    void isNotInterrupted() {
        assertThat(Thread.interrupted()).as("interrupted").isFalse();
    }

    @Test
    void aRefusalIsBookedUnlessTheStorageKnowsItsCause() {
        assertIsBooked(new RejectedException("never"));
        Fault passing = new Fault(Failure.TRANSIENT, Point.STATEMENT);
        assertPasses(new IllegalStateException("wrapped", passing));
        assertPasses(new RejectedException("never", passing));
        assertIsBooked(new RejectedException("never", new Fault(Failure.PERMANENT, Point.STATEMENT)));
    }

    @Test
    void whoWantsToBeRunLaterIsHoweverDeepItIsWrapped() {
        Throwable later = new RetryLaterException("not now");
        assertPasses(later);
        for (int i = 0; i < 10; i++) {
            later = i % 2 == 0 ? new IllegalStateException(later) : new LinkageError("wrapped", later);
        }
        assertPasses(later);
        assertPasses(new RejectedException("never", new RetryLaterException("not now")));
    }

    @Test
    void errorsPassAndAStackThatIsTooDeepDoesNot() {
        assertPasses(new LinkageError("planted"));
        assertPasses(new OutOfMemoryError("planted"));
        assertIsBooked(new StackOverflowError("planted"));
    }

    @Test
    void causesThatGoInACircleEnd() {
        IllegalStateException one = new IllegalStateException("one");
        one.initCause(new IllegalStateException("two", one));
        assertIsBooked(one);
    }

    /** Stores alter what they cannot keep, so they are not asked for it (rule R62). */
    @Test
    void whatNoStoreKeepsIsNotAskedFor() {
        push(ctx -> ctx.canSee("item/\ud800"), true);
        assertThat(status).isEqualTo(200);
        assertThat(failed)
                .singleElement(InstanceOfAssertFactories.THROWABLE)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a key must not hold lone surrogates");
    }

    /** Whoever is interrupted gives up at once, and nothing is booked: it says nothing about the mutation. */
    @Test
    void whoIsInterruptedGivesUp() {
        List<Act> acts = List.of(
                ctx -> {
                    throw new InterruptedException("planted");
                },
                ctx -> {
                    throw new IllegalStateException("wrapped", new InterruptedException("planted"));
                },
                ctx -> {
                    Thread.currentThread().interrupt();
                    throw new RejectedException("because of it");
                },
                ctx -> {
                    Thread.currentThread().interrupt();
                    throw new StackOverflowError("because of it");
                });
        for (Act act : acts) {
            push(act, true);
            assertThat(Thread.interrupted()).as("still interrupted").isTrue();
            assertThat(status).isEqualTo(503);
            assertThat(runs).isEqualTo(1);
            assertThat(failed).isEmpty();
            assertThat(delayed).isEmpty();
            assertThat(storage.state().clients).isEmpty();
        }
    }
}
