package dev.replisync.benchmarks.lab;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.LockSupport;

/**
 * A TCP proxy to this machine that delivers everything later: as far away as a database in another building is. What
 * is under way does not wait for what is before it to arrive, so the link has a delay and no limit of bandwidth.
 */
public final class SlowLink implements AutoCloseable {
    private static final int CHUNK = 64 * 1024;

    private final ServerSocket listening;
    private final int target;
    private final long delayNanos;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

    private SlowLink(ServerSocket listening, int target, Duration oneWay) {
        this.listening = listening;
        this.target = target;
        this.delayNanos = oneWay.toNanos();
    }

    /** What was received, and when it may be passed on; without bytes: the end. */
    private static final class Parcel {
        private final byte[] bytes;
        private final long due;

        Parcel(byte[] bytes, long due) {
            this.bytes = bytes;
            this.due = due;
        }
    }

    /**
     * Opens a link.
     *
     * @param target the port that it leads to
     * @param oneWay how long everything is under way, in each direction
     * @return the open link
     */
    public static SlowLink open(int target, Duration oneWay) throws IOException {
        SlowLink link = new SlowLink(new ServerSocket(0, 300, InetAddress.getLoopbackAddress()), target, oneWay);
        start("link", link::accept);
        return link;
    }

    /** {@return the port to connect to} */
    public int port() {
        return listening.getLocalPort();
    }

    private static void start(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        while (!listening.isClosed()) {
            try {
                Socket near = listening.accept();
                Socket far = new Socket(InetAddress.getLoopbackAddress(), target);
                near.setTcpNoDelay(true);
                far.setTcpNoDelay(true);
                sockets.add(near);
                sockets.add(far);
                connect(near, far);
                connect(far, near);
            } catch (IOException e) {
                if (!listening.isClosed()) {
                    throw new IllegalStateException("the slow link broke", e);
                }
            }
        }
    }

    private void connect(Socket from, Socket to) {
        BlockingQueue<Parcel> underWay = new LinkedBlockingQueue<>();
        start("link-in", () -> receive(from, underWay));
        start("link-out", () -> deliver(underWay, to));
    }

    private void receive(Socket from, BlockingQueue<Parcel> underWay) {
        byte[] buffer = new byte[CHUNK];
        try (InputStream in = from.getInputStream()) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                underWay.add(new Parcel(Arrays.copyOf(buffer, n), System.nanoTime() + delayNanos));
            }
        } catch (IOException e) {
            // The other end is told below.
        }
        underWay.add(new Parcel(new byte[0], System.nanoTime() + delayNanos));
    }

    private void deliver(BlockingQueue<Parcel> underWay, Socket to) {
        try (OutputStream out = to.getOutputStream()) {
            for (Parcel parcel = underWay.take(); parcel.bytes.length > 0; parcel = underWay.take()) {
                for (long left = parcel.due - System.nanoTime(); left > 0; left = parcel.due - System.nanoTime()) {
                    LockSupport.parkNanos(left);
                }
                out.write(parcel.bytes);
            }
        } catch (IOException e) {
            // Nobody is there to be told.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            sockets.remove(to);
        }
    }

    @Override
    public void close() throws IOException {
        listening.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
