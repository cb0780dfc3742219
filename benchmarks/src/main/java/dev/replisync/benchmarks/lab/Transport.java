package dev.replisync.benchmarks.lab;

import java.io.IOException;

/** The way of a client's requests to a server. Safe for use by several threads. */
public interface Transport {
    /** {@return the answer to a push; anything but 200 is thrown} */
    byte[] push(String user, String space, byte[] body) throws IOException, InterruptedException;

    /** {@return the answer to a pull; anything but 200 is thrown} */
    byte[] pull(String user, String space, byte[] body) throws IOException, InterruptedException;
}
