package dev.replisync.jdbi;

import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.SocketFactory;

/** Counts how often pgjdbc turns from writing to reading, its network round trips, and what it receives. */
public final class CountingSockets extends SocketFactory {
    static final AtomicInteger TURNS = new AtomicInteger();

    /** How many bytes went to the database. */
    static final AtomicInteger SENT = new AtomicInteger();

    /** How many bytes came from the database. */
    static final AtomicLong RECEIVED = new AtomicLong();

    /** Made by pgjdbc. */
    public CountingSockets() {}

    @Override
    public Socket createSocket() {
        return new Counting();
    }

    @Override
    public Socket createSocket(String host, int port) {
        throw new UnsupportedOperationException("pgjdbc asks for unconnected sockets only");
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress localHost, int localPort) {
        throw new UnsupportedOperationException("pgjdbc asks for unconnected sockets only");
    }

    @Override
    public Socket createSocket(InetAddress host, int port) {
        throw new UnsupportedOperationException("pgjdbc asks for unconnected sockets only");
    }

    @Override
    public Socket createSocket(InetAddress address, int port, InetAddress localAddress, int localPort) {
        throw new UnsupportedOperationException("pgjdbc asks for unconnected sockets only");
    }

    private static final class Counting extends Socket {
        private boolean wrote;

        private void reads() {
            if (wrote) {
                wrote = false;
                TURNS.incrementAndGet();
            }
        }

        @Override
        public OutputStream getOutputStream() throws IOException {
            return new FilterOutputStream(super.getOutputStream()) {
                @Override
                public void write(int b) throws IOException {
                    wrote = true;
                    SENT.incrementAndGet();
                    out.write(b);
                }

                @Override
                public void write(byte[] b, int off, int len) throws IOException {
                    wrote = true;
                    SENT.addAndGet(len);
                    out.write(b, off, len);
                }
            };
        }

        @Override
        public InputStream getInputStream() throws IOException {
            return new FilterInputStream(super.getInputStream()) {
                @Override
                public int read() throws IOException {
                    reads();
                    int b = super.read();
                    RECEIVED.addAndGet(b < 0 ? 0 : 1);
                    return b;
                }

                @Override
                public int read(byte[] b, int off, int len) throws IOException {
                    reads();
                    int n = super.read(b, off, len);
                    RECEIVED.addAndGet(Math.max(0, n));
                    return n;
                }
            };
        }
    }
}
