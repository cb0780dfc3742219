package dev.replisync.tck;

import dev.replisync.SyncServer;
import dev.replisync.protocol.Caller;
import java.util.concurrent.atomic.AtomicInteger;

/** A running server of a test, and how often it poked. */
final class Node<T> implements AutoCloseable {
    private final SyncServer<T> server;
    private final Wire wire;

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
        AtomicInteger pokes = new AtomicInteger();
        server.pokes(Caller.of("poked", ServerContract.SPACE), pokes::incrementAndGet);
        return pokes;
    }

    @Override
    public void close() {
        server.close();
    }
}
