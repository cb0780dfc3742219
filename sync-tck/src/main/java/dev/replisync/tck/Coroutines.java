package dev.replisync.tck;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * Coroutines: tasks of which one runs at a time, each on a thread of its own: one that gives way stops there until it is
 * resumed. So what happens depends on who resumes whom, and on nothing else. Used by one thread, beside those of the tasks.
 */
final class Coroutines {
    private static final ExecutorService THREADS = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "kit-coroutine");
        thread.setDaemon(true);
        return thread;
    });

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
