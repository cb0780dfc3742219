package dev.replisync.benchmarks.load;

import com.fasterxml.jackson.databind.JsonNode;
import dev.replisync.benchmarks.lab.Samples;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/**
 * Clients that pull after each poke, all served by one thread, so that the load costs the machine as little as possible.
 * What arrives is measured by an item that counts what was written to it.
 */
final class Crowd implements Runnable, AutoCloseable {
    private static final int BUFFER = 256 * 1024;

    private final List<Member> members;
    private final String key;
    private final AtomicLongArray sentAt;
    private final Selector selector = Selector.open();
    private final AtomicLong pulls = new AtomicLong();
    private final AtomicLong pokes = new AtomicLong();
    private final Thread thread = new Thread(this, "crowd");
    private volatile Samples lags = new Samples();
    private volatile boolean closed;
    private volatile @Nullable Exception failure;
    private volatile long slowest;

    /**
     * Begins to listen.
     *
     * @param members connected, each with its first pull behind it
     * @param key the item that counts
     * @param sentAt when the write was sent that made it count so far, by {@link System#nanoTime}
     */
    Crowd(List<Member> members, String key, AtomicLongArray sentAt) throws IOException {
        this.members = members;
        this.key = key;
        this.sentAt = sentAt;
        for (Member member : members) {
            member.received(count(member));
            member.pokes().register(selector, SelectionKey.OP_READ, member);
            member.pulls().register(selector, SelectionKey.OP_READ, member);
        }
        thread.start();
    }

    /** Forgets what was measured so far. */
    void restart() {
        lags = new Samples();
        pulls.set(0);
        pokes.set(0);
    }

    /** From the sending of a write to its arrival in a client. */
    Samples lags() {
        return lags;
    }

    long pulls() {
        return pulls.get();
    }

    long pokes() {
        return pokes.get();
    }

    /** Waits until all have received what was written. */
    void await(long count, Duration patience) throws Exception {
        long end = System.nanoTime() + patience.toNanos();
        while (slowest < count && failure == null) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException(
                        "a client received " + slowest + " of " + count + " writes, and then no poke and no answer");
            }
            Thread.sleep(1);
        }
        check();
    }

    void check() throws Exception {
        Exception thrown = failure;
        if (thrown != null) {
            throw new IllegalStateException("a client failed", thrown);
        }
    }

    @Override
    public void run() {
        ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
        try {
            while (!closed) {
                selector.select(key -> read(key, buffer), 100);
                slowest = members.stream().mapToLong(Member::received).min().orElse(0);
            }
        } catch (IOException | RuntimeException e) {
            failure = e;
        }
    }

    private void read(SelectionKey selected, ByteBuffer buffer) {
        Member member = (Member) selected.attachment();
        SocketChannel channel = (SocketChannel) selected.channel();
        try {
            if (channel.read(buffer.clear()) < 0) {
                throw new EOFException("the server ended a connection");
            }
            buffer.flip();
            if (channel.equals(member.pokes())) {
                pokes.addAndGet(member.poked(buffer));
            } else if (member.pulled(buffer)) {
                pulls.incrementAndGet();
                arrived(member);
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private void arrived(Member member) {
        long now = count(member);
        for (long write = member.received() + 1; write <= now; write++) {
            lags.since(sentAt.get((int) write));
        }
        member.received(now);
    }

    private long count(Member member) {
        JsonNode item = member.client().view().get(key);
        if (item == null) {
            throw new IllegalStateException("a client lost " + key);
        }
        return item.get("sort").longValue();
    }

    @Override
    public void close() throws Exception {
        closed = true;
        thread.join();
        for (Member member : members) {
            member.pokes().close();
            member.pulls().close();
        }
        selector.close();
        check();
    }
}
