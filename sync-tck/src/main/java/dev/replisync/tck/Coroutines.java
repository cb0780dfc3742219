package dev.replisync.tck;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Coroutines: tasks of which one runs at a time, each on a thread of its own: one that gives way stops there until it is
 * resumed. So what happens depends on who resumes whom, and on nothing else. Used by one thread, beside those of the tasks.
 */
final class Coroutines {
    private static final ExecutorService THREADS = threads();

    private @Nullable Task running;

    /** Something that stops at each place where it gives way. */
    static final class Task {
        private final Semaphore mayRun = new Semaphore(0);
        private final Semaphore stopped = new Semaphore(0);
        private boolean done;
        private @Nullable Throwable thrown;

        boolean isDone() {
            return done;
        }
    }

    /**
     * Virtual threads where they do not hold on to their carriers in synchronized code: to hand over from one to the next
     * costs a tenth of what it costs between others, which was more than half of what histories cost.
     */
    private static ExecutorService threads() {
        if (Runtime.version().feature() >= 24) {
            try {
                return (ExecutorService) Executors.class
                        .getMethod("newVirtualThreadPerTaskExecutor")
                        .invoke(null);
            } catch (ReflectiveOperationException e) {
                throw new LinkageError("no virtual threads on JDK " + Runtime.version(), e);
            }
        }
        return Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task, "kit-coroutine");
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Runs what starts tasks on a thread of their kind, and waits for it. */
    static <R> R call(Supplier<R> work) {
        try {
            return THREADS.submit(work::get).get();
        } catch (ExecutionException e) {
            throw new AssertionError("a simulation ended with " + e.getCause(), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while a simulation ran", e);
        }
    }

    /** Starts a task, which runs until it gives way for the first time. */
    Task start(Runnable work) {
        Task task = new Task();
        THREADS.execute(() -> {
            task.mayRun.acquireUninterruptibly();
            try {
                work.run();
            } catch (Throwable e) {
                task.thrown = e;
            } finally {
                task.done = true;
                task.stopped.release();
            }
        });
        resume(task);
        return task;
    }

    /** Lets a task go on until it gives way again or ends. */
    void resume(Task task) {
        if (task.done) {
            return;
        }
        running = task;
        task.mayRun.release();
        task.stopped.acquireUninterruptibly();
        running = null;
        if (task.thrown != null) {
            throw new AssertionError("a simulated request ended with " + task.thrown, task.thrown);
        }
    }

    /** Called by a task: stops here until it is resumed. Does nothing outside of tasks. */
    void giveWay() {
        Task task = running;
        if (task != null) {
            task.stopped.release();
            task.mayRun.acquireUninterruptibly();
        }
    }
}
