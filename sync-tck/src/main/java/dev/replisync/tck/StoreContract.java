package dev.replisync.tck;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.replisync.protocol.Json;
import dev.replisync.storage.OpenPush;
import dev.replisync.storage.PushTx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.api.AbstractIntegerAssert;
import org.assertj.core.api.AbstractLongAssert;
import org.assertj.core.api.IterableAssert;
import org.assertj.core.api.ListAssert;
import org.assertj.core.api.MapAssert;
import org.assertj.core.api.OptionalAssert;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * What all contracts share: a fresh store for each test, threads, and skipping what a store does not have. The tests are
 * final: a backend may only say what it is, not what it must do.
 *
 * @param <T> the storage's handle
 */
@ExtendWith(FixtureWatch.class)
public abstract class StoreContract<T> {
    /** System property: how long anything may take before a test fails, as in {@code PT30S}, the default. */
    static final String DEADLINE = "replisync.tck.deadline";

    /** How the reason why a test is skipped begins. */
    static final String SKIPPED = "skipped: ";

    /** Long enough for what must not happen to happen, on a busy machine too; a right store waits it out. */
    static final Duration A_WHILE = Duration.ofMillis(100);

    private @Nullable SyncFixture<T> fixture;
    private @Nullable ExecutorService threads;
    private final List<AutoCloseable> open = new ArrayList<>();

    /**
     * Makes a fresh, empty store.
     *
     * @return the store, to be closed by the kit
     */
    protected abstract SyncFixture<T> fixture();

    /** Fails as {@link FixtureCheck.WrongFixture} if no rule can be tested with the fixture. */
    final void checkFixture() {
        try (SyncFixture<T> fresh = FixtureCheck.given("fixture()", this::fixture)) {
            FixtureCheck.of(fresh, places(fresh));
        }
    }

    /** Where the entities are that tests write. */
    FixtureCheck.Places places(SyncFixture<T> fresh) {
        return new FixtureCheck.Places(Port.SPACE, Port.SPACE, null, true, true);
    }

    @BeforeEach
    final void openStore(TestInfo test) {
        List<Needs> needs = test.getTestMethod().stream()
                .flatMap(method -> Stream.of(method, method.getDeclaringClass()))
                .flatMap(part -> Stream.ofNullable(part.getAnnotation(Needs.class)))
                .toList();
        needs.forEach(this::skipWithoutTraits);
        fixture = fixture();
        Set<Feature> has = fixture.operator().features();
        needs.stream()
                .flatMap(need -> Stream.of(need.value()))
                .forEach(feature ->
                        Assumptions.assumeTrue(has.contains(feature), () -> SKIPPED + "the store lacks " + feature));
    }

    /** Skips a test of a strategy that is something else. */
    void skipWithoutTraits(Needs needs) {}

    @AfterEach
    final void closeStore() throws Exception {
        if (threads != null) {
            threads.shutdownNow();
        }
        for (AutoCloseable closeable : open) {
            closeable.close();
        }
        if (fixture != null) {
            fixture.close();
        }
    }

    final SyncFixture<T> store() {
        if (fixture == null) {
            throw new IllegalStateException("no test is running");
        }
        return fixture;
    }

    /** What happened in the test that its failure may come from, each on a line of its own. */
    List<String> happened() {
        return List.of();
    }

    /** Closes something after the test, before the store. */
    final <C extends AutoCloseable> C closeLater(C closeable) {
        open.add(0, closeable);
        return closeable;
    }

    /** The keys of many items. */
    static List<String> items(int from, int end) {
        return IntStream.range(from, end).mapToObj(i -> "item/" + i).toList();
    }

    /** Nothing is expected to take nearly as long. */
    static Duration deadline() {
        return Duration.parse(System.getProperty(DEADLINE, "PT30S"));
    }

    /** Starts something on a thread of its own. */
    final <R> Future<R> start(Callable<R> work) {
        if (threads == null) {
            threads = Executors.newCachedThreadPool(task -> {
                Thread thread = new Thread(task, "kit");
                thread.setDaemon(true);
                return thread;
            });
        }
        return threads.submit(work);
    }

    /** Waits for what was started, and fails the test as it failed. */
    static <R> R result(Future<R> future) {
        try {
            return future.get(deadline().toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw new AssertionError("failed on another thread: " + e.getCause(), e.getCause());
        } catch (TimeoutException e) {
            throw new AssertionError("still not done after " + deadline() + "; is somebody waiting for a lock?", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /** Does something with 1, 2, 3 and so on until it is enough; no longer than anything may take. */
    static void repeat(BooleanSupplier enough, IntConsumer action) {
        long began = System.nanoTime();
        for (int i = 1;
                !enough.getAsBoolean() && System.nanoTime() - began < deadline().toNanos();
                i++) {
            action.accept(i);
        }
    }

    /** Whether something becomes true within a time; looked at again and again. */
    static boolean becomes(BooleanSupplier condition, Duration within) {
        long deadline = System.nanoTime() + within.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                return false;
            }
            try {
                TimeUnit.MILLISECONDS.sleep(1);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
        return true;
    }

    /** The client groups in the store, to be compared; so are the others below. */
    final MapAssert<String, OpenPush.Group> assertGroups() {
        return assertThat(store().look().groups()).as("client groups in the store");
    }

    final MapAssert<String, PushTx.Client> assertClients() {
        return assertThat(store().look().clients()).as("clients in the store");
    }

    final AbstractLongAssert<?> assertVersion(String kept) {
        return assertThat(store().look().version(kept)).as("version of space '%s' in the store", kept);
    }

    final AbstractLongAssert<?> assertEntities(String kept) {
        return assertThat(store().look().entities(kept)).as("number of entities in space '%s' of the store", kept);
    }

    final OptionalAssert<Json> assertValue(String kept, String key) {
        return assertThat(store().look().value(kept, key)).as("%s in space '%s' of the store", key, kept);
    }

    static AbstractIntegerAssert<?> assertStatus(Wire.Answer answer) {
        String body = answer.body();
        return assertThat(answer.status())
                .as("status of the answer '%s'", body.length() <= 200 ? body : body.substring(0, 200) + "…");
    }

    static ListAssert<ObjectNode> assertPending(ModelClient client) {
        return assertThat(client.pending()).as("mutations of the client that no pull has confirmed");
    }

    static ListAssert<String> assertPatch(PullAnswer answer) {
        return assertThat(answer.patch()).as("patch of the pull");
    }

    static MapAssert<String, JsonNode> assertView(ModelClient client) {
        return assertThat(client.entities()).as("entities in the client's view");
    }

    static IterableAssert<JsonNode> assertSeen(ModelClient client, String key) {
        return assertThat(client.value(key)).as("%s in the client's view", key);
    }

    static void eventually(String what, BooleanSupplier condition) {
        assertThat(becomes(condition, deadline())).as(what).isTrue();
    }
}
