package dev.replisync;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells subscribers of this process that something changed. Pokes that come while one is still waiting to be delivered
 * are one poke: it carries nothing but "pull now".
 */
final class PokeHub {
    private static final Logger LOG = LoggerFactory.getLogger(PokeHub.class);

    private final Executor executor;
    private final ConcurrentMap<String, Set<Subscriber>> channels = new ConcurrentHashMap<>();

    PokeHub(Executor executor) {
        this.executor = executor;
    }

    AutoCloseable subscribe(String channel, Runnable onPoke) {
        Subscriber subscriber = new Subscriber(onPoke);
        channels.compute(channel, (c, subscribers) -> {
            Set<Subscriber> joined = subscribers == null ? ConcurrentHashMap.newKeySet() : subscribers;
            joined.add(subscriber);
            return joined;
        });
        return () -> channels.computeIfPresent(channel, (c, subscribers) -> {
            subscribers.remove(subscriber);
            return subscribers.isEmpty() ? null : subscribers;
        });
    }

    void poke(String channel) {
        channels.getOrDefault(channel, Set.of()).forEach(Subscriber::poke);
    }

    private final class Subscriber {
        private final Runnable onPoke;
        private final AtomicBoolean waiting = new AtomicBoolean();

        Subscriber(Runnable onPoke) {
            this.onPoke = onPoke;
        }

        void poke() {
            if (waiting.compareAndSet(false, true)) {
                try {
                    executor.execute(this::deliver);
                } catch (RejectedExecutionException e) {
                    LOG.debug("a poke was dropped because the server is closed", e);
                }
            }
        }

        private void deliver() {
            // Cleared first: a commit that comes while the subscriber runs must poke again.
            waiting.set(false);
            try {
                onPoke.run();
            } catch (RuntimeException e) {
                LOG.warn("a poke subscriber failed", e);
            }
        }
    }
}
