package dev.replisync.tck;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.replisync.tck.FaultyStorage.Fault;
import dev.replisync.tck.FaultyStorage.Point;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A request on its way through a simulated network, and what a server makes of it.
 *
 * @param kind what it is
 * @param device where it comes from
 * @param group its client group
 * @param sender the tab that sent it; for a recovery nobody who waits for the answer
 * @param mutations what a push holds
 * @param asked the cookie of a pull
 */
record SimulatedRequest(
        Kind kind, Device device, Device.Group group, ModelClient sender, List<ObjectNode> mutations, JsonNode asked) {

    enum Kind {
        PUSH,
        PULL,
        RECOVERY_PUSH,
        RECOVERY_PULL;

        boolean isPush() {
            return this == PUSH || this == RECOVERY_PUSH;
        }

        boolean isRecovery() {
            return this == RECOVERY_PUSH || this == RECOVERY_PULL;
        }
    }

    Wire.Call call() {
        return sender.call(kind.isPush() ? sender.pushBody(mutations) : sender.pullBody(asked));
    }

    @Override
    public String toString() {
        String who =
                kind + " of " + group.id + "/" + sender.clientID() + " (" + device.user() + " in " + device.space();
        String what = kind.isPush()
                ? mutations.stream()
                        .map(m -> m.path("clientID").asText() + ":" + m.path("id"))
                        .collect(Collectors.joining(", ", "[", "]"))
                : "with " + asked;
        return who + ") " + what;
    }

    /** One time that a request reaches a server. */
    static final class Delivery {
        final SimulatedRequest request;
        final int node;
        /** Whether others may run while it is processed. */
        final boolean interleaved;

        private final SplittableRandom random;
        private final int failsFrom;
        private final int failures;
        private int calls;
        private boolean killed;
        private boolean troubled;

        /** The states that the server had at its begin and at its end. */
        int from;

        int to;
        Coroutines.@Nullable Task task;
        Wire.@Nullable Answer answer;
        JsonNode body = Bodies.read("null");

        /**
         * A delivery.
         *
         * @param luck decides on faults, and when it gives way
         * @param faulty whether the datastore may fail under it
         */
        Delivery(SimulatedRequest request, int node, boolean interleaved, boolean faulty, long luck) {
            this.request = request;
            this.node = node;
            this.interleaved = interleaved;
            this.random = new SplittableRandom(luck);
            this.failsFrom = faulty ? random.nextInt(12) : Integer.MAX_VALUE;
            // Once, a few times, or more often than is tried.
            this.failures = random.nextInt(4) == 0 ? 1_000 : 1 + random.nextInt(3);
        }

        /** Whether the datastore gets in its way at this call; counts the call. */
        void call(Point point) {
            int call = calls++;
            if (killed || (call >= failsFrom && call < failsFrom + failures)) {
                troubled = true;
                throw Fault.at(point);
            }
        }

        boolean givesWay() {
            return interleaved && random.nextInt(2) == 0;
        }

        /** The server is no more: nothing that is not committed yet will be. */
        void kill() {
            killed = true;
        }

        boolean isKilled() {
            return killed;
        }

        /** Whether something happened for which it may be answered with 503. */
        boolean hasExcuse() {
            return troubled || killed || interleaved;
        }

        boolean wasTroubled() {
            return troubled;
        }

        void troubled() {
            troubled = true;
        }

        Wire.Answer answered() {
            if (answer == null) {
                throw new IllegalStateException("not answered yet");
            }
            return answer;
        }
    }
}
