package dev.replisync.benchmarks.lab;

import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.SocketFactory;

/** Counts at the sockets of pgjdbc: how often it turns from writing to reading, a round trip, and the bytes. */
public final class CountingSockets extends SocketFactory {
    private static final AtomicLong ROUND_TRIPS = new AtomicLong();
    private static final AtomicLong RECEIVED = new AtomicLong();
    private static final AtomicLong SENT = new AtomicLong();

    /** Made by pgjdbc. */
    public CountingSockets() {}

    /** What passed all sockets since the JVM started. */
    public record Count(long roundTrips, long received, long sent) {
        /** {@return what passed since an earlier count} */
        public Count since(Count before) {
            return new Count(roundTrips - before.roundTrips, received - before.received, sent - before.sent);
        }
    }

    /** {@return the count now} */
    public static Count count() {
        return new Count(ROUND_TRIPS.get(), RECEIVED.get(), SENT.get());
    }

    /** {@return what makes pgjdbc use these sockets, to be appended to an address} */
    public static String parameter() {
        return "&socketFactory=" + CountingSockets.class.getName();
    }

    @Override
    public Socket createSocket() {
        return new Counting();
    }

    @Override
    public Socket createSocket(String host, int port) {
        throw onlyUnconnected();
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress localHost, int localPort) {
        throw onlyUnconnected();
    }

    @Override
    public Socket createSocket(InetAddress host, int port) {
        throw onlyUnconnected();
    }

    @Override
    public Socket createSocket(InetAddress address, int port, InetAddress localAddress, int localPort) {
        throw onlyUnconnected();
    }

    private static UnsupportedOperationException onlyUnconnected() {
        return new UnsupportedOperationException("pgjdbc asks for unconnected sockets only");
    }

    private static final class Counting extends Socket {
        private boolean wrote;

        private int read(int n) {
            if (wrote) {
                wrote = false;
                ROUND_TRIPS.incrementAndGet();
            }
            RECEIVED.addAndGet(Math.max(n, 0));
            return n;
        }

        private void wrote(int n) {
            wrote = true;
            SENT.addAndGet(n);
        }

        @Override
        public OutputStream getOutputStream() throws IOException {
            return new FilterOutputStream(super.getOutputStream()) {
                @Override
                public void write(int b) throws IOException {
                    wrote(1);
                    out.write(b);
                }

                @Override
                public void write(byte[] b, int off, int len) throws IOException {
                    wrote(len);
                    out.write(b, off, len);
                }
            };
        }

        @Override
        public InputStream getInputStream() throws IOException {
            return new FilterInputStream(super.getInputStream()) {
                @Override
                public int read() throws IOException {
                    int b = super.read();
                    Counting.this.read(b < 0 ? 0 : 1);
                    return b;
                }

                @Override
                public int read(byte[] b, int off, int len) throws IOException {
                    return Counting.this.read(super.read(b, off, len));
                }
            };
        }
    }
}
