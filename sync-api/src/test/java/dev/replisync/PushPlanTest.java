package dev.replisync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replisync.protocol.Json;
import dev.replisync.protocol.Mutation;
import dev.replisync.storage.PushTx;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PushPlanTest {

    @Test
    void leavesClientsInterleavedAndTakesWhatCameTooEarlyInTheNextChunk() {
        PushPlan plan = plan("a2", "b1", "a1", "b2");
        List<Mutation> first = plan.next(10);
        assertThat(names(first)).containsExactly("b1", "a1", "b2");
        first.forEach(plan::processed);
        assertThat(names(plan.next(10))).containsExactly("a2");
    }

    @Test
    void takesEachMutationOnce() {
        PushPlan plan = plan("a1", "a1", "a2", "a2", "a1");
        List<Mutation> next = plan.next(10);
        assertThat(names(next)).containsExactly("a1", "a2");
        next.forEach(plan::processed);
        assertThat(plan.next(10)).isEmpty();
        assertThat(plan.isIncomplete()).isFalse();
    }

    @Test
    void goesOnInChunks() {
        PushPlan plan = plan("a1", "a2", "b1", "a3");
        List<Mutation> first = plan.next(2);
        assertThat(names(first)).containsExactly("a1", "a2");
        assertThat(names(plan.next(2))).as("not processed yet").containsExactly("a1", "a2");
        first.forEach(plan::processed);
        assertThat(plan.clients()).containsExactlyInAnyOrder("a", "b");
        assertThat(names(plan.next(2))).containsExactly("b1", "a3");
    }

    @Test
    void dropsWhatTheStoreHasAlready() {
        PushPlan plan = plan("a1", "a2", "a3");
        plan.look(Set.of("a"), Map.of("a", new PushTx.Client("g", 2)));
        assertThat(names(plan.next(10))).containsExactly("a3");
    }

    @Test
    void stopsAClientAtAGapAndGoesOnWithOthers() {
        PushPlan plan = plan("a1", "a3", "b1", "a4");
        List<Mutation> next = plan.next(10);
        assertThat(names(next)).containsExactly("a1", "b1");
        next.forEach(plan::processed);
        assertThat(plan.next(10)).isEmpty();
        assertThat(plan.isIncomplete()).isTrue();
        assertThat(plan.isStateGone()).isFalse();
    }

    @Test
    void tellsALostClientFromAGap() {
        PushPlan plan = plan("a58", "b1");
        plan.look(Set.of("a", "b"), Map.of("a", new PushTx.Client("g", 3)));
        List<Mutation> next = plan.next(10);
        assertThat(names(next)).containsExactly("b1");
        next.forEach(plan::processed);
        assertThat(plan.isStateGone()).isTrue();
        assertThat(plan.isIncomplete()).isFalse();
    }

    @Test
    void stopsAClientWhereItIsTold() {
        PushPlan plan = plan("a1", "b1", "a2", "a3");
        plan.stopAt(plan.next(10).get(2));
        assertThat(names(plan.next(10))).containsExactly("a1", "b1");
        plan.next(10).forEach(plan::processed);
        assertThat(plan.isIncomplete()).isTrue();
    }

    @Test
    void knowsWhatIsProcessedAndThatNothingIsGoneWhileItCanGoOn() {
        PushPlan plan = plan("a1", "a2");
        assertThat(plan.isStateGone()).isFalse();
        assertThat(plan.isIncomplete()).isTrue();
        List<Mutation> all = plan.next(10);
        plan.look(Set.of("a"), Map.of("a", new PushTx.Client("g", 1)));
        assertThat(plan.isProcessed(all.get(0))).isTrue();
        assertThat(plan.isProcessed(all.get(1))).isFalse();
    }

    /** Another push may have done part of it, and a failing store may have lost what it confirmed. */
    @Test
    void believesTheStoreAndNotItself() {
        PushPlan plan = plan("a1", "a2", "a3", "a4");
        plan.next(4).forEach(plan::processed);
        assertThat(plan.next(4)).isEmpty();

        plan.look(Set.of("a"), Map.of("a", new PushTx.Client("g", 2)));
        assertThat(names(plan.next(4))).containsExactly("a3", "a4");
        plan.look(Set.of("a"), Map.of());
        assertThat(names(plan.next(4))).containsExactly("a1", "a2", "a3", "a4");
        assertThat(plan.isIncomplete()).isTrue();
    }

    @Test
    void asksOnlyForClientsWithSomethingToDo() {
        PushPlan plan = plan("a1", "b1", "b2");
        plan.next(2).forEach(plan::processed);
        assertThat(plan.clients()).containsExactly("b");
    }

    private static PushPlan plan(String... mutations) {
        return new PushPlan(Arrays.stream(mutations)
                .map(m -> new Mutation(m.substring(0, 1), Long.parseLong(m.substring(1)), "m", Json.NULL, 0))
                .toList());
    }

    private static List<String> names(List<Mutation> mutations) {
        return mutations.stream().map(m -> m.clientID() + m.id()).toList();
    }
}
