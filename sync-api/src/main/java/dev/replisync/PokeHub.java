package dev.replisync;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells subscribers of this process that something changed. Pokes that come while one is still waiting to be delivered
 * are one poke: it carries nothing but "pull now". A subscriber hears one at a time.
 */
final class PokeHub {
    private static final Logger LOG = LoggerFactory.getLogger(PokeHub.class);

    private final Executor executor;
    private final ConcurrentMap<String, Set<Subscriber>> channels = new ConcurrentHashMap<>();

    PokeHub(Executor executor) {
        this.executor = executor;
    }

    SyncServer.Subscription subscribe(Set<String> names, Runnable onPoke) {
        Subscriber subscriber = new Subscriber(onPoke);
        Set<String> joining = Set.copyOf(names);
        for (String name : joining) {
            channels.compute(name, (c, subscribers) -> {
                Set<Subscriber> joined = subscribers == null ? ConcurrentHashMap.newKeySet() : subscribers;
                joined.add(subscriber);
                return joined;
            });
        }
        return () -> joining.forEach(name -> channels.computeIfPresent(name, (c, subscribers) -> {
            subscribers.remove(subscriber);
            return subscribers.isEmpty() ? null : subscribers;
        }));
    }

    void poke(Set<String> names) {
        names.stream()
                .flatMap(name -> channels.getOrDefault(name, Set.of()).stream())
                .distinct()
                .forEach(Subscriber::poke);
    }

    private enum State {
        IDLE,
        WAITING,
        RUNNING,
        RUNNING_AND_POKED
    }

    private final class Subscriber {
        private final Runnable onPoke;
        private final AtomicReference<State> state = new AtomicReference<>(State.IDLE);

        Subscriber(Runnable onPoke) {
            this.onPoke = onPoke;
        }

        void poke() {
            State before = state.getAndUpdate(
                    s -> s == State.IDLE ? State.WAITING : s == State.RUNNING ? State.RUNNING_AND_POKED : s);
            if (before == State.IDLE) {
                submit();
            }
        }

        private void submit() {
            try {
                executor.execute(this::deliver);
            } catch (RejectedExecutionException e) {
                LOG.debug("a poke was dropped because the server is closed", e);
            }
        }

        private void deliver() {
            state.set(State.RUNNING);
            Quietly.run("a poke subscriber", onPoke);
            // A commit that came while the subscriber ran must poke again, behind the others that wait.
            State after = state.updateAndGet(s -> s == State.RUNNING_AND_POKED ? State.WAITING : State.IDLE);
            if (after == State.WAITING) {
                submit();
            }
        }
    }
}
