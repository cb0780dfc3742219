package dev.replisync.jdbi;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiPredicate;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Answers questions that come at once together. One that comes alone is answered at once. Those that come while another
 * of the same key is being answered wait for it, and are then answered all in one; so no answer is older than its
 * question. A question that would wait for too long does not wait, and one whose batch fails is answered alone: nobody
 * suffers for what others ask.
 *
 * <p>Safe for use by several threads; has none of its own.
 */
final class Batches<K, Q, A> {
    private final Function<List<Q>, List<A>> answers;
    private final BiPredicate<List<Q>, Q> joins;
    private final Duration patience;
    private final Duration longest;
    private final Map<K, Lane> lanes = new HashMap<>();

    /**
     * Nobody asks yet.
     *
     * @param answers gives an answer for each question, in their order
     * @param joins whether a question may be answered with these
     * @param patience how long to wait for others' answers
     * @param longest how long to wait, after that, for an answer that another has begun to look for with one's own
     */
    Batches(Function<List<Q>, List<A>> answers, BiPredicate<List<Q>, Q> joins, Duration patience, Duration longest) {
        this.answers = answers;
        this.joins = joins;
        this.patience = patience;
        this.longest = longest;
    }

    /** What is asked by one thread. */
    private final class Asked {
        private final Q question;
        /** What became of it: an answer, or the batch that it is to answer itself. */
        private final CompletableFuture<Turn> turn = new CompletableFuture<>();

        Asked(Q question) {
            this.question = question;
        }

        /** Waits; null if it took too long. An interrupt is kept for whoever asked. */
        @Nullable
        Turn await(Duration time) {
            try {
                return turn.get(time.toNanos(), TimeUnit.NANOSECONDS);
            } catch (TimeoutException e) {
                return null;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return null;
            } catch (ExecutionException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** Either an answer or what to answer. */
    private final class Turn {
        private final @Nullable A answer;
        private final List<Asked> batch;

        Turn(@Nullable A answer, List<Asked> batch) {
            this.answer = answer;
            this.batch = batch;
        }
    }

    /** Who answers and who waits for one key. */
    private final class Lane {
        private final Deque<Asked> waiting = new ArrayDeque<>();
        private int answering;

        /** Those that go with the first, in the order in which they came. */
        List<Asked> take(Asked first) {
            List<Asked> batch = new ArrayList<>(List.of(first));
            List<Q> questions = new ArrayList<>(List.of(first.question));
            for (Iterator<Asked> others = waiting.iterator(); others.hasNext(); ) {
                Asked other = others.next();
                if (joins.test(questions, other.question)) {
                    others.remove();
                    batch.add(other);
                    questions.add(other.question);
                }
            }
            return batch;
        }
    }

    /** Answers a question, alone or together with others of the same key. */
    A ask(K key, Q question) {
        Asked mine = new Asked(question);
        Lane lane;
        synchronized (lanes) {
            lane = lanes.computeIfAbsent(key, k -> new Lane());
            if (lane.answering == 0) {
                lane.answering = 1;
                mine.turn.complete(new Turn(null, List.of(mine)));
            } else {
                lane.waiting.add(mine);
            }
        }
        Turn turn = mine.await(patience);
        if (turn == null) {
            synchronized (lanes) {
                if (lane.waiting.remove(mine)) {
                    lane.answering++;
                    mine.turn.complete(new Turn(null, lane.take(mine)));
                }
            }
            turn = mine.await(longest);
        }
        if (turn == null) {
            return one(question); // whoever has it may hang, on a connection that is silent
        }
        if (!turn.batch.isEmpty()) {
            return lead(key, lane, turn.batch);
        }
        A answer = turn.answer;
        return answer == null ? one(question) : answer;
    }

    /** Answers a batch, of which the first is one's own. */
    private A lead(K key, Lane lane, List<Asked> batch) {
        List<A> all = List.of();
        try {
            all = answers.apply(batch.stream().map(asked -> asked.question).toList());
        } catch (RuntimeException | Error e) {
            if (batch.size() == 1) {
                throw e;
            }
        } finally {
            next(key, lane);
            for (int i = 1; i < batch.size(); i++) {
                batch.get(i).turn.complete(new Turn(all.isEmpty() ? null : all.get(i), List.of()));
            }
        }
        return all.isEmpty() ? one(batch.get(0).question) : all.get(0);
    }

    private A one(Q question) {
        return answers.apply(List.of(question)).get(0);
    }

    private void next(K key, Lane lane) {
        synchronized (lanes) {
            Asked first = lane.waiting.poll();
            if (first != null) {
                first.turn.complete(new Turn(null, lane.take(first)));
            } else if (--lane.answering == 0) {
                lanes.remove(key);
            }
        }
    }
}
