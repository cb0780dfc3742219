package dev.replisync.example.todo;

import dev.replisync.SyncServer.Subscription;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * One client that listens for pokes, as server-sent events. No thread waits for it: what cannot be written now is written
 * when the connection takes it, and events that wait are one.
 */
final class PokeStream implements WriteListener {
    private final ServletOutputStream out;
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private boolean writable;
    private boolean unflushed;
    private boolean poke;
    private boolean beat = true; // the first bytes tell the client that it is connected

    PokeStream(ServletOutputStream out) {
        this.out = out;
    }

    /**
     * Serves the client, from within an asynchronous request.
     *
     * @param subscribe given what to call on a poke, subscribes to them
     * @return done when the connection has ended, and with it the subscription and the heartbeats
     */
    CompletableFuture<Void> serve(
            Function<Runnable, Subscription> subscribe, ScheduledExecutorService timer, Duration heartbeats) {
        Subscription subscription = subscribe.apply(this::poke);
        long period = heartbeats.toMillis();
        Future<?> heartbeat = timer.scheduleAtFixedRate(this::beat, period, period, TimeUnit.MILLISECONDS);
        out.setWriteListener(this);
        return ended.whenComplete((nothing, thrown) -> {
            subscription.close();
            heartbeat.cancel(false);
        });
    }

    void end() {
        ended.complete(null);
    }

    private synchronized void poke() {
        poke = true;
        write();
    }

    private synchronized void beat() {
        beat = true;
        write();
    }

    @Override
    public synchronized void onWritePossible() {
        writable = true;
        write();
    }

    @Override
    public void onError(Throwable thrown) {
        end();
    }

    private void write() {
        if (!writable || ended.isDone()) {
            return;
        }
        try {
            // When it is not ready any more, onWritePossible is called again.
            while (out.isReady()) {
                if (unflushed) {
                    unflushed = false;
                    out.flush();
                } else if (poke || beat) {
                    String event = poke ? "event: poke\ndata: {}\n\n" : ":\n\n";
                    poke = false;
                    beat = false;
                    unflushed = true;
                    out.write(event.getBytes(StandardCharsets.UTF_8));
                } else {
                    return;
                }
            }
        } catch (IOException e) {
            end();
        }
    }
}
