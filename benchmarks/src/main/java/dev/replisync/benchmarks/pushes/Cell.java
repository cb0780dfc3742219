package dev.replisync.benchmarks.pushes;

import dev.replisync.benchmarks.lab.Client;
import dev.replisync.benchmarks.lab.Transport;
import dev.replisync.benchmarks.lab.Writers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Clients that push to one server at once, each a mutation of its own item at a time, and the check afterwards. */
final class Cell {
    private static final String USER = "u";

    private final Transport transport;
    private final Work work;

    /** What the clients push: each mutation adds one to {@code sort} of an item. */
    interface Work {
        /** {@return the mutator} */
        String mutator();

        /** {@return the space of a writer} */
        String space(int writer);

        /** {@return the key of a writer's item} */
        String key(int writer);

        /** {@return the arguments for a writer's item} */
        String args(int writer);
    }

    Cell(Transport transport, Work work) {
        this.transport = transport;
        this.work = work;
    }

    /** Pushes one mutation at a time. */
    Writers.Pace push(int writers, Duration warmUp, Duration time) throws Exception {
        List<Client> clients = new ArrayList<>();
        List<String> keys = new ArrayList<>();
        List<Long> before = new ArrayList<>();
        List<Writers.Task> tasks = new ArrayList<>();
        for (int i = 0; i < writers; i++) {
            Client client = new Client(transport, USER, work.space(i));
            client.pull();
            clients.add(client);
            keys.add(work.key(i));
            before.add(Check.sort(client, work.key(i)));
            String args = work.args(i);
            tasks.add(() -> client.push(work.mutator(), args));
        }
        List<Client> observers = new ArrayList<>();
        for (String space : spaces(writers)) {
            Client observer = new Client(transport, USER, space);
            observer.pull();
            observers.add(observer);
        }
        Writers.Pace pace = Writers.run(tasks, warmUp, time);
        int i = 0;
        for (String space : spaces(writers)) {
            Check.nothingIsLost(clients, keys, before, observers.get(i++), new Client(transport, USER, space));
        }
        return pace;
    }

    private List<String> spaces(int writers) {
        return IntStream.range(0, writers).mapToObj(work::space).distinct().toList();
    }

    /** {@return the seconds that pushing some mutations takes, all in one request} */
    double pushTogether(int mutations) throws Exception {
        return timed(mutations, (client, args) -> client.push(args, work.mutator()));
    }

    /** {@return the seconds that pushing some mutations takes, one after the other} */
    double pushSingly(int mutations) throws Exception {
        return timed(mutations, (client, args) -> {
            for (String one : args) {
                client.push(work.mutator(), one);
            }
        });
    }

    private interface Pushing {
        void push(Client client, List<String> args) throws Exception;
    }

    private double timed(int mutations, Pushing pushing) throws Exception {
        Client client = new Client(transport, USER, work.space(0));
        client.pull();
        long before = Check.sort(client, work.key(0));
        Client observer = new Client(transport, USER, work.space(0));
        observer.pull();
        List<String> args = new ArrayList<>();
        for (int i = 0; i < mutations; i++) {
            args.add(work.args(0));
        }
        long start = System.nanoTime();
        pushing.push(client, args);
        double seconds = (System.nanoTime() - start) / 1e9;
        Check.nothingIsLost(
                List.of(client),
                List.of(work.key(0)),
                List.of(before),
                observer,
                new Client(transport, USER, work.space(0)));
        return seconds;
    }
}
