package dev.replisync.jdbi;

import dev.replisync.storage.KeptViews;
import dev.replisync.storage.PatchSink;
import dev.replisync.storage.ViewReads;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Lets a few pulls of client views have a connection at a time, in the order in which they came. Each keeps the database
 * busy for as long as it takes, so that more of them at once are not faster: they would only take the connections and
 * the processors that pushes wait for.
 *
 * <p>Safe for use by several threads. Nothing but a pull waits here, so who holds a connection waits for none that does;
 * a pull that is asked for inside another one waits no longer than all others do.
 */
final class PullGate {
    /** As long as pools wait for a connection by default. */
    static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Semaphore free;
    private final int most;
    private final Duration patience;

    PullGate(int most, Duration patience) {
        if (most < 1) {
            throw new IllegalArgumentException("pullsAtOnce was '" + most + "' but it must be 1 or more");
        }
        this.most = most;
        this.patience = patience;
        this.free = new Semaphore(most, true);
    }

    KeptViews.Pull kept(Supplier<? extends KeptViews.Pull> open) {
        return through(pass -> new Kept(open.get(), pass));
    }

    ViewReads.Pull view(Supplier<? extends ViewReads.Pull> open) {
        return through(pass -> new View(open.get(), pass));
    }

    private interface Opening<P> {
        P open(Pass pass);
    }

    private <P> P through(Opening<P> opening) {
        Pass pass = enter();
        try {
            return opening.open(pass);
        } catch (RuntimeException | Error e) {
            pass.leave();
            throw e;
        }
    }

    private Pass enter() {
        try {
            if (free.tryAcquire(patience.toNanos(), TimeUnit.NANOSECONDS)) {
                return new Pass();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StorageException("a pull was interrupted while it waited for others", e);
        }
        throw new StorageException("a pull waited for " + patience + ", because " + most
                + " others were reading all that time; allow more with pullsAtOnce, or see what they wait for");
    }

    /** Given back once, however often. */
    private final class Pass {
        private final AtomicBoolean left = new AtomicBoolean();

        void leave() {
            if (left.compareAndSet(false, true)) {
                free.release();
            }
        }
    }

    private record Kept(KeptViews.Pull pull, Pass pass) implements KeptViews.Pull {
        @Override
        public KeptViews.State state() {
            return pull.state();
        }

        @Override
        public void changes(PatchSink sink) {
            pull.changes(sink);
        }

        @Override
        public void close() {
            try {
                pull.close();
            } finally {
                pass.leave();
            }
        }
    }

    private record View(ViewReads.Pull pull, Pass pass) implements ViewReads.Pull {
        @Override
        public ViewReads.State state() {
            return pull.state();
        }

        @Override
        public void changes(ViewReads.ViewSink sink) {
            pull.changes(sink);
        }

        @Override
        public @Nullable String commit(long counter) {
            return pull.commit(counter);
        }

        @Override
        public void close() {
            try {
                pull.close();
            } finally {
                pass.leave();
            }
        }
    }
}
