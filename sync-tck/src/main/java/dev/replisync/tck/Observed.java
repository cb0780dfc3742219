package dev.replisync.tck;

import dev.replisync.SyncObserver;
import dev.replisync.protocol.Caller;
import dev.replisync.protocol.Mutation;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** What a server told its observer; each call throws in the end, which must change nothing. */
final class Observed implements SyncObserver {
    final List<Mutation> failed = new CopyOnWriteArrayList<>();
    final List<Mutation> delayed = new CopyOnWriteArrayList<>();
    final List<String> gone = new CopyOnWriteArrayList<>();
    final AtomicInteger retries = new AtomicInteger();

    @Override
    public void mutationFailed(Caller caller, String clientGroupID, Mutation mutation, Throwable cause) {
        failed.add(mutation);
        throw new IllegalStateException("an observer fails");
    }

    @Override
    public void mutationDelayed(Caller caller, String clientGroupID, Mutation mutation, Throwable cause) {
        delayed.add(mutation);
        throw new IllegalStateException("an observer fails");
    }

    @Override
    public void stateGone(Caller caller, String clientGroupID) {
        gone.add(clientGroupID);
        throw new IllegalStateException("an observer fails");
    }

    @Override
    public void retried(Caller caller, int attempt, Throwable cause) {
        retries.incrementAndGet();
        throw new IllegalStateException("an observer fails");
    }
}
