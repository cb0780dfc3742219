package dev.replisync.jdbi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class BatchesTest {
    private static final Duration LONG = Duration.ofMinutes(1);

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<List<String>> asked = Collections.synchronizedList(new ArrayList<>());
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch released = new CountDownLatch(1);

    @AfterEach
    void stop() {
        threads.shutdownNow();
    }

    /** The first batch takes until it is released; each answer is its question with {@code !}. */
    private Batches<String, String, String> batches(Function<String, String> answer, int most, Duration patience) {
        return new Batches<>(
                questions -> {
                    asked.add(questions);
                    if (begun.getCount() > 0 && released.getCount() > 0) {
                        begun.countDown();
                        await(released);
                    }
                    return questions.stream().map(answer).toList();
                },
                (others, question) -> others.size() < most,
                patience,
                LONG);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private CompletableFuture<String> ask(Batches<String, String, String> batches, String key, String question) {
        Thread[] thread = new Thread[1];
        CountDownLatch running = new CountDownLatch(1);
        CompletableFuture<String> answer = CompletableFuture.supplyAsync(
                () -> {
                    thread[0] = Thread.currentThread();
                    running.countDown();
                    return batches.ask(key, question);
                },
                threads);
        await(running);
        // Until it waits for others, or has its answer.
        while (!answer.isDone() && thread[0].getState() == Thread.State.RUNNABLE) {
            Thread.onSpinWait();
        }
        return answer.orTimeout(20, TimeUnit.SECONDS);
    }

    @Test
    void whatComesMeanwhileIsAnsweredTogetherAndNotBefore() {
        Batches<String, String, String> batches = batches(q -> q + "!", 10, LONG);
        CompletableFuture<String> first = ask(batches, "k", "a");
        await(begun);
        List<CompletableFuture<String>> others =
                List.of(ask(batches, "k", "b"), ask(batches, "k", "c"), ask(batches, "k", "d"));
        assertThat(asked).as("nothing joins what has begun").containsExactly(List.of("a"));
        assertThat(ask(batches, "other", "e").join())
                .as("another key does not wait")
                .isEqualTo("e!");
        released.countDown();
        assertThat(first.join()).isEqualTo("a!");
        assertThat(others.stream().map(CompletableFuture::join)).containsExactly("b!", "c!", "d!");
        assertThat(asked).containsExactly(List.of("a"), List.of("e"), List.of("b", "c", "d"));
        assertThat(batches.ask("k", "f")).isEqualTo("f!");
    }

    @Test
    void whatDoesNotJoinIsAnsweredAfterwards() {
        Batches<String, String, String> batches = batches(q -> q + "!", 2, LONG);
        CompletableFuture<String> first = ask(batches, "k", "a");
        await(begun);
        List<CompletableFuture<String>> others =
                List.of(ask(batches, "k", "b"), ask(batches, "k", "c"), ask(batches, "k", "d"));
        released.countDown();
        assertThat(first.join()).isEqualTo("a!");
        assertThat(others.stream().map(CompletableFuture::join)).containsExactly("b!", "c!", "d!");
        assertThat(asked).containsExactly(List.of("a"), List.of("b", "c"), List.of("d"));
    }

    @Test
    void whoWaitsForTooLongDoesNotWait() {
        Batches<String, String, String> batches = batches(q -> q + "!", 10, Duration.ofMillis(5));
        CompletableFuture<String> stuck = ask(batches, "k", "a");
        await(begun);
        assertThat(ask(batches, "k", "b").join()).isEqualTo("b!");
        assertThat(ask(batches, "k", "c").join()).isEqualTo("c!");
        assertThat(stuck).isNotDone();
        released.countDown();
        assertThat(stuck.join()).isEqualTo("a!");
        assertThat(batches.ask("k", "d")).isEqualTo("d!");
    }

    @Test
    void whoseBatchHangsAnswersItself() {
        CountDownLatch hangs = new CountDownLatch(1);
        Batches<String, String, String> batches = new Batches<>(
                questions -> {
                    asked.add(questions);
                    if (asked.size() == 1) {
                        begun.countDown();
                        await(released);
                    } else if (questions.size() > 1) {
                        await(hangs);
                    }
                    return questions.stream().map(q -> q + "!").toList();
                },
                (others, question) -> true,
                Duration.ofSeconds(1),
                Duration.ofMillis(5));
        CompletableFuture<String> first = ask(batches, "k", "a");
        await(begun);
        CompletableFuture<String> leads = ask(batches, "k", "b");
        CompletableFuture<String> led = ask(batches, "k", "c");
        released.countDown();
        assertThat(first.join()).isEqualTo("a!");
        assertThat(led.join()).isEqualTo("c!");
        assertThat(asked).containsExactly(List.of("a"), List.of("b", "c"), List.of("c"));
        assertThat(leads).isNotDone();
        hangs.countDown();
        assertThat(leads.join()).isEqualTo("b!");
        assertThat(batches.ask("k", "d")).isEqualTo("d!");
    }

    @Test
    void aQuestionThatFailsFailsAlone() {
        Batches<String, String, String> batches = batches(
                q -> {
                    if (q.equals("bad")) {
                        throw new IllegalStateException("refused");
                    }
                    return q + "!";
                },
                10,
                LONG);
        CompletableFuture<String> first = ask(batches, "k", "a");
        await(begun);
        CompletableFuture<String> good = ask(batches, "k", "b");
        CompletableFuture<String> bad = ask(batches, "k", "bad");
        CompletableFuture<String> alsoGood = ask(batches, "k", "c");
        released.countDown();
        assertThat(first.join()).isEqualTo("a!");
        assertThat(good.join()).isEqualTo("b!");
        assertThat(alsoGood.join()).isEqualTo("c!");
        assertThatThrownBy(bad::join).isInstanceOf(CompletionException.class).hasRootCauseMessage("refused");
        assertThatThrownBy(() -> batches.ask("k", "bad")).hasMessage("refused");
        assertThat(batches.ask("k", "d")).isEqualTo("d!");
    }

    @Test
    void anInterruptIsKept() {
        Batches<String, String, String> batches = batches(q -> q + "!", 10, LONG);
        CompletableFuture<String> first = ask(batches, "k", "a");
        await(begun);
        Thread.currentThread().interrupt();
        assertThat(batches.ask("k", "b")).as("without waiting").isEqualTo("b!");
        assertThat(Thread.interrupted()).isTrue();
        released.countDown();
        assertThat(first.join()).isEqualTo("a!");
    }
}
