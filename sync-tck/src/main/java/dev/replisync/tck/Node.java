package dev.replisync.tck;

import dev.replisync.SyncServer;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** A running server of a test, and how often it poked. */
final class Node<T> implements AutoCloseable {
    private final SyncServer<T> server;
    private final Wire wire;
    private final List<AutoCloseable> subscriptions = new CopyOnWriteArrayList<>();

    Node(SyncServer<T> server, Wire wire) {
        this.server = server;
        this.wire = wire;
    }

    SyncServer<T> server() {
        return server;
    }

    Wire wire() {
        return wire;
    }

    /** A new user's device: a client group with one client. */
    ModelClient client(String user) {
        return client(user, ServerContract.SPACE);
    }

    ModelClient client(String user, String space) {
        return new ModelClient(wire, user, space);
    }

    /** Counts the pokes that come from now on. */
    AtomicInteger countPokes() {
        return countPokes(ServerContract.SPACE);
    }

    AtomicInteger countPokes(String space) {
        AtomicInteger pokes = new AtomicInteger();
        subscriptions.add(wire.listen("poked", space, pokes::incrementAndGet));
        return pokes;
    }

    void onPoke(Runnable onPoke) {
        subscriptions.add(wire.listen("poked", ServerContract.SPACE, onPoke));
    }

    @Override
    public void close() throws Exception {
        for (AutoCloseable subscription : subscriptions) {
            subscription.close();
        }
        server.close();
    }
}
