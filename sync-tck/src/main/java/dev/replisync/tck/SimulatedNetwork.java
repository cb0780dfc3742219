package dev.replisync.tck;

import dev.replisync.tck.SimulatedRequest.Delivery;
import dev.replisync.tck.SimulationFailure.Promise;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.ObjIntConsumer;
import java.util.function.Supplier;

/** The way between clients and servers: what is on it, and all that happens to it there. */
final class SimulatedNetwork<T> {
    private static final int MOST_ON_THE_WAY = 8;

    private static final int CROWD = 3;

    private final SimulatedServers<T> servers;
    private final SimulationChecks checks;
    private final Runnable whenIdle;
    private final Consumer<Supplier<String>> trace;

    private final List<SimulatedRequest> requests = new ArrayList<>();
    /** What servers have begun and not finished. */
    private final List<Delivery> deliveries = new ArrayList<>();

    private final List<Delivery> answers = new ArrayList<>();
    private int requestCount;
    private int faultCount;

    /**
     * A network with nothing on it.
     *
     * @param whenIdle run whenever servers have finished all that they had begun
     */
    SimulatedNetwork(
            SimulatedServers<T> servers, SimulationChecks checks, Runnable whenIdle, Consumer<Supplier<String>> trace) {
        this.servers = servers;
        this.checks = checks;
        this.whenIdle = whenIdle;
        this.trace = trace;
    }

    private void note(Supplier<String> what) {
        trace.accept(what);
    }

    void totals(ObjIntConsumer<String> total) {
        total.accept("requests", requestCount);
        total.accept("requests under faults", faultCount);
    }

    /** One of the requests on their way reaches a server. */
    void deliver(HistoryStep step, boolean interleaved) {
        if (!requests.isEmpty()) {
            boolean faulty = step.c() % 8 == 0;
            begin(requests.remove(step.b() % requests.size()), step.a(), interleaved, faulty, step.c());
        }
    }

    /** Pushes on their way reach one server all at once, where they wait in line; until they are enough only pulls arrive. */
    void deliverCrowd(HistoryStep step) {
        List<SimulatedRequest> arriving =
                requests.stream().filter(request -> request.kind().isPush()).toList();
        if (arriving.size() < CROWD) {
            arriving = requests.stream()
                    .filter(request -> !request.kind().isPush())
                    .limit(1)
                    .toList();
        }
        requests.removeAll(arriving);
        for (int i = 0; i < arriving.size(); i++) {
            begin(arriving.get(i), 0, true, (step.c() + i) % 8 == 0, (long) step.c() + i);
        }
    }

    /** A server goes on with one of the requests that it has begun. */
    void resume(HistoryStep step) {
        if (!deliveries.isEmpty()) {
            resume(HistoryStep.pick(deliveries, step.a()));
        }
    }

    /** One of the answers reaches its client. */
    void answer(HistoryStep step) {
        if (!answers.isEmpty()) {
            hear(answers.remove(step.b() % answers.size()));
        }
    }

    void mishap(HistoryStep step) {
        switch (step.kind()) {
            case LOSE_REQUEST -> lose(requests, step.b());
            case LOSE_ANSWER -> lose(answers, step.b());
            case DOUBLE_REQUEST -> twice(requests, step.b());
            default -> twice(answers, step.b());
        }
    }

    /** A server is no more: what it was doing is rolled back, and never answered. */
    void kill(int node) {
        deliveries.stream().filter(delivery -> delivery.node == node).forEach(Delivery::kill);
        finishAll();
    }

    /** All that is on its way is lost. */
    void forget() {
        requests.clear();
        answers.clear();
    }

    /** Puts a request on its way; a push without mutations is not sent. */
    void send(SimulatedRequest request) {
        boolean empty = request.kind().isPush() && request.mutations().isEmpty();
        if (!empty && requests.size() < MOST_ON_THE_WAY) {
            note(() -> "sent: " + request);
            requests.add(request);
        }
    }

    private <M> void lose(List<M> messages, int by) {
        if (!messages.isEmpty()) {
            M lost = messages.remove(by % messages.size());
            note(() -> "lost: " + shown(lost));
        }
    }

    private <M> void twice(List<M> messages, int by) {
        if (!messages.isEmpty() && messages.size() < MOST_ON_THE_WAY) {
            M message = HistoryStep.pick(messages, by);
            note(() -> "on its way twice: " + shown(message));
            messages.add(message);
        }
    }

    private static String shown(Object message) {
        return message instanceof Delivery delivery ? "answer to " + delivery.request : message.toString();
    }

    /** A server begins with a request. */
    Delivery begin(SimulatedRequest request, int node, boolean beside, boolean faulty, long luck) {
        requestCount++;
        Delivery delivery = new Delivery(request, node % servers.count(), beside, faulty, luck);
        note(() -> "server " + delivery.node + " begins: " + request + (faulty ? ", under faults" : ""));
        servers.begin(delivery);
        if (servers.isDone(delivery)) {
            done(delivery);
        } else {
            deliveries.add(delivery);
        }
        return delivery;
    }

    private void resume(Delivery delivery) {
        servers.resume(delivery);
        if (servers.isDone(delivery)) {
            deliveries.remove(delivery);
            done(delivery);
        }
    }

    private void done(Delivery delivery) {
        faultCount += delivery.wasTroubled() ? 1 : 0;
        note(() -> "server " + delivery.node + " answers: " + delivery.request + " -> "
                + delivery.answered().status() + " " + delivery.answered().body());
        checks.answered(delivery);
        if (!delivery.isKilled()) {
            answers.add(delivery);
        }
        if (deliveries.isEmpty()) {
            whenIdle.run();
        }
    }

    /** Servers finish what they have begun. */
    void finishAll() {
        while (!deliveries.isEmpty()) {
            List.copyOf(deliveries).forEach(this::resume);
        }
    }

    /** There and back without trouble. */
    void now(SimulatedRequest request, int node) {
        if (!request.kind().isPush() || !request.mutations().isEmpty()) {
            Delivery delivery = begin(request, node, false, false, 0);
            if (answers.remove(delivery)) {
                hear(delivery);
            }
        }
    }

    /** An answer reaches its client. */
    void hear(Delivery delivery) {
        SimulatedRequest request = delivery.request;
        if (request.kind().isPush()) {
            if (delivery.body.path("error").isTextual() && !request.group().isDisabled()) {
                note(() -> request.group().id + " is disabled by " + delivery.body);
                request.device().disable(request.group());
            }
            return;
        }
        if (delivery.answered().status() != 200) {
            return;
        }
        if (request.kind().isRecovery()) {
            request.device().recovered(request.group(), delivery.body.path("lastMutationIDChanges"));
            return;
        }
        ModelClient tab = request.sender();
        if (!request.group().tabs.contains(tab) || !tab.view().isAt(request.asked())) {
            note(() -> tab.clientID() + " drops an answer that comes too late");
            return;
        }
        PullAnswer answer = PullAnswer.of(delivery.answered(), delivery.body, tab.view());
        SimulationChecks.check(
                Promise.COOKIES,
                answer.dropped() == null,
                () -> tab.clientID() + " drops the answer " + delivery.body + " to " + request + ": "
                        + answer.dropped());
        note(() -> tab.clientID() + " takes the answer: " + answer.patch() + " " + answer.ids());
        checks.taken(delivery, tab);
    }
}
