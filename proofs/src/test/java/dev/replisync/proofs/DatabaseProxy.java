package dev.replisync.proofs;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * Stands between a server and PostgreSQL and knows enough of what they say to each other to do harm at a COMMIT. It passes
 * on message by message, so that each can be the last.
 */
final class DatabaseProxy implements AutoCloseable {
    private static final int STALL_MILLIS = 300;

    private final ServerSocket listening;
    private final int target;
    private final Set<Link> links = ConcurrentHashMap.newKeySet();
    private final AtomicReference<Harm> next = new AtomicReference<>();
    private final AtomicInteger done = new AtomicInteger();

    private DatabaseProxy(ServerSocket listening, int target) {
        this.listening = listening;
        this.target = target;
    }

    /** When harm is done. */
    enum When {
        /** Before PostgreSQL is asked anything more. */
        ANY_STATEMENT,
        /** Before PostgreSQL is asked to commit; what came in the same flush has arrived. */
        BEFORE_COMMIT,
        /** When it was asked and did not answer yet, so that nobody knows. */
        DURING_COMMIT,
        /** When it has committed and said so, before that arrives. */
        AFTER_COMMIT
    }

    /** What is done to a connection. */
    enum What {
        /** Both ends see it closed. */
        CUT,
        /** The server sees it closed, PostgreSQL hears nothing any more. */
        CLOSE_TO_SERVER,
        /** PostgreSQL sees it closed, the server hears nothing any more. */
        CLOSE_TO_DATABASE,
        /** Nothing arrives for some time. */
        STALL,
        /** Nothing ever arrives any more, and nobody is told: a cable that was pulled out. */
        PARTITION
    }

    /** What is done when. */
    record Harm(When when, What what) {}

    static DatabaseProxy open(int target) throws IOException {
        DatabaseProxy proxy = new DatabaseProxy(new ServerSocket(0, 100, InetAddress.getLoopbackAddress()), target);
        start("proxy", proxy::accept);
        return proxy;
    }

    int port() {
        return listening.getLocalPort();
    }

    /** Does harm once, to the first connection for which it is the time; waits until it is done. Returns whether it was. */
    boolean harm(Harm harm) {
        int before = done.get();
        next.set(harm);
        long deadline = System.nanoTime() + 10_000_000_000L;
        while (done.get() == before && System.nanoTime() < deadline) {
            LockSupport.parkNanos(1_000_000);
        }
        next.set(null);
        return done.get() > before;
    }

    private static void start(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        while (!listening.isClosed()) {
            try {
                Socket server = listening.accept();
                Socket database = new Socket(InetAddress.getLoopbackAddress(), target);
                server.setTcpNoDelay(true);
                database.setTcpNoDelay(true);
                Link link = new Link(server, database);
                links.add(link);
                start("proxy-requests", link::passRequests);
                start("proxy-answers", link::passAnswers);
            } catch (IOException e) {
                // The server is told by its own socket, or the proxy was closed.
                LockSupport.parkNanos(1_000_000);
            }
        }
    }

    /** One connection. */
    private final class Link {
        private final Socket server;
        private final Socket database;
        private final Set<String> commits = new HashSet<>();
        private volatile boolean dead;

        Link(Socket server, Socket database) {
            this.server = server;
            this.database = database;
        }

        /** Whether it is the time for harm; if so it is done now. */
        private boolean suffers(When... whens) throws IOException {
            Harm harm = next.get();
            if (dead || harm == null || !Arrays.asList(whens).contains(harm.when) || !next.compareAndSet(harm, null)) {
                return dead;
            }
            switch (harm.what) {
                case CUT -> close();
                case CLOSE_TO_SERVER -> server.close();
                case CLOSE_TO_DATABASE -> database.close();
                case STALL -> LockSupport.parkNanos(STALL_MILLIS * 1_000_000L);
                case PARTITION -> {
                    // Both stay open, and nothing is passed on.
                }
            }
            dead = harm.what != What.STALL;
            done.incrementAndGet();
            return dead;
        }

        void close() throws IOException {
            server.close();
            database.close();
        }

        void passRequests() {
            try {
                DataInputStream in = new DataInputStream(server.getInputStream());
                OutputStream out = database.getOutputStream();
                // The first message has no type.
                byte[] startup = new byte[in.readInt() - 4];
                in.readFully(startup);
                new Message(0, startup).write(out);
                while (true) {
                    Message message = Message.read(in);
                    boolean commit = isCommit(message);
                    if (suffers(commit ? When.BEFORE_COMMIT : When.ANY_STATEMENT)) {
                        continue;
                    }
                    message.write(out);
                    if (commit) {
                        // Up to the end of the flush, without which PostgreSQL would not begin.
                        for (Message more = Message.read(in); ; more = Message.read(in)) {
                            more.write(out);
                            if (more.type == 'S' || more.type == 'H') {
                                break;
                            }
                        }
                        suffers(When.DURING_COMMIT);
                    }
                }
            } catch (IOException e) {
                end();
            }
        }

        void passAnswers() {
            try {
                DataInputStream in = new DataInputStream(database.getInputStream());
                OutputStream out = server.getOutputStream();
                while (true) {
                    Message message = Message.read(in);
                    boolean committed = message.type == 'C' && message.text().startsWith("COMMIT");
                    if (!dead && !(committed && suffers(When.AFTER_COMMIT))) {
                        message.write(out);
                    }
                }
            } catch (IOException e) {
                end();
            }
        }

        /** One end closed; the other is told, unless harm was done: then it hears what was meant for it. */
        private void end() {
            if (!dead) {
                try {
                    close();
                } catch (IOException e) {
                    // It is closed already.
                }
                links.remove(this);
            }
        }

        /** Whether a message has PostgreSQL commit: a text that says so, or a prepared statement that had said so. */
        private boolean isCommit(Message message) {
            String[] parts = message.text().split("\0", 3);
            if (message.type == 'P') {
                boolean commit = parts.length > 1
                        && parts[1].strip().toLowerCase(Locale.ROOT).equals("commit");
                if (commit && !parts[0].isEmpty()) {
                    commits.add(parts[0]);
                }
                return commit;
            }
            if (message.type == 'B') {
                return parts.length > 1 && commits.contains(parts[1]);
            }
            return message.type == 'Q'
                    && parts[0].strip().toLowerCase(Locale.ROOT).equals("commit");
        }
    }

    /** A message of PostgreSQL's protocol: a type, a length, and the rest. */
    private static final class Message {
        final int type;
        private final byte[] rest;

        Message(int type, byte[] rest) {
            this.type = type;
            this.rest = rest;
        }

        static Message read(DataInputStream in) throws IOException {
            int type = in.read();
            if (type < 0) {
                throw new EOFException();
            }
            byte[] rest = new byte[in.readInt() - 4];
            in.readFully(rest);
            return new Message(type, rest);
        }

        void write(OutputStream out) throws IOException {
            byte[] all = new byte[rest.length + (type == 0 ? 4 : 5)];
            int at = 0;
            if (type != 0) {
                all[at++] = (byte) type;
            }
            int length = rest.length + 4;
            all[at++] = (byte) (length >>> 24);
            all[at++] = (byte) (length >>> 16);
            all[at++] = (byte) (length >>> 8);
            all[at++] = (byte) length;
            System.arraycopy(rest, 0, all, at, rest.length);
            out.write(all);
        }

        /** Enough of it to see what is asked. */
        String text() {
            return new String(rest, 0, Math.min(rest.length, 200), StandardCharsets.ISO_8859_1);
        }
    }

    @Override
    public void close() throws IOException {
        listening.close();
        for (Link link : links) {
            link.close();
        }
    }
}
