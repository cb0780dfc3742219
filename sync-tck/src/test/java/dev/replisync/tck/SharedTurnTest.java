package dev.replisync.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replisync.SyncServer;
import dev.replisync.storage.OpenPush;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which pushes share a transaction, and on whose thread their mutators run. */
class SharedTurnTest extends WaitingPushes {

    @Test
    void thoseThatWaitShareOneTransactionAndRunOnTheirOwnThreads() throws InterruptedException {
        try (SyncServer<MemoryTx> server = server(100)) {
            hold(server);
            for (int i = 0; i < WAITING; i++) {
                push(server, "g" + i, "c" + i, "put", 1);
            }
            letGo();
            assertThat(opened).hasSize(2);
            assertThat(opened.get(1).groups()).hasSize(WAITING);
            assertThat(store.state().spaces.get("global").version()).isEqualTo(2);
            for (int i = 0; i < WAITING; i++) {
                assertThat(ranOn.get("g" + i)).isEqualTo(pushing.get(i + 1));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void noTransactionHoldsMoreMutationsThanABatch(int batch) throws InterruptedException {
        try (SyncServer<MemoryTx> server = server(batch)) {
            hold(server);
            for (int i = 0; i < WAITING; i++) {
                push(server, "g" + i, "c" + i, "put", 2);
            }
            letGo();
            assertThat(opened).hasSize(1 + (batch == 1 ? 2 * WAITING : 3));
            assertThat(store.state().clients).hasSize(WAITING + 1);
        }
    }

    @Test
    void whereConnectionsDifferByUserNothingIsShared() throws InterruptedException {
        connectionsAlike = false;
        try (SyncServer<MemoryTx> server = server(100)) {
            hold(server);
            for (int i = 0; i < WAITING; i++) {
                push(server, "g" + i, "c" + i, "put", 1);
            }
            letGo();
            assertThat(opened)
                    .hasSize(1 + WAITING)
                    .allMatch(what -> what.groups().size() == 1);
        }
    }

    @Test
    void oneClientGroupIsInATransactionOnce() throws InterruptedException {
        try (SyncServer<MemoryTx> server = server(100)) {
            hold(server);
            push(server, "g", "c1", "put", 1);
            push(server, "g", "c2", "put", 1);
            push(server, "h", "c3", "put", 1);
            letGo();
            assertThat(opened).hasSize(3);
            assertThat(opened)
                    .allSatisfy(what -> assertThat(what.groups().stream().map(OpenPush.Group::id))
                            .doesNotHaveDuplicates());
        }
    }

    /** A push that is interrupted leaves the line and gives up; the others go on. */
    @Test
    void whoIsInterruptedWhileWaitingLeaves() throws InterruptedException {
        try (SyncServer<MemoryTx> server = server(100)) {
            hold(server);
            Thread leaving = push(server, "g", "c", "put", 1);
            while (leaving.getState() != Thread.State.TIMED_WAITING) {
                Thread.onSpinWait();
            }
            leaving.interrupt();
            leaving.join(LONG.toMillis());
            assertThat(statuses).containsEntry("g/c", 503);
            statuses.clear();
            pushing.remove(leaving);
            push(server, "h", "d", "put", 1);
            letGo();
        }
    }

    /** After too long, too: what it waits for then is the datastore. */
    @Test
    void whoIsOutOfTimeLeaves() throws InterruptedException {
        try (SyncServer<MemoryTx> server = server(builder -> builder.timeLimit(Duration.ofMillis(100)))) {
            line(server, 2);
            nanoTime.addAndGet(Duration.ofMillis(101).toNanos());
            long began = System.nanoTime();
            while (opened.size() < 3 && System.nanoTime() - began < LONG.toNanos()) {
                Thread.onSpinWait();
            }
            assertThat(opened).as("transactions while one holds the turn").hasSizeGreaterThanOrEqualTo(3);
            finish();
        }
    }
}
