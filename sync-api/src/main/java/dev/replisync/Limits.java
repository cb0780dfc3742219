package dev.replisync;

import dev.replisync.error.RejectedException;
import dev.replisync.error.RequestException;
import dev.replisync.protocol.Json;
import java.io.IOException;
import java.io.InputStream;

/**
 * Bounds on what a client may send (rule R32). Only the body's is an answer of its own; what concerns one mutation is a
 * failure of that mutation, so that no client waits for ever behind it.
 *
 * @param bodyBytes the longest body
 * @param argsBytes the longest arguments of one mutation
 * @param argsDepth the deepest arguments of one mutation
 * @param keyLength the longest key, in characters
 */
record Limits(int bodyBytes, int argsBytes, int argsDepth, int keyLength) {
    private static final int SHOWN = 100;

    /** Reads the body, and stops reading where it is too long. */
    byte[] read(InputStream body) throws IOException {
        byte[] bytes = body.readNBytes(bodyBytes);
        if (bytes.length == bodyBytes && body.read() >= 0) {
            throw RequestException.tooLarge("the body must have at most " + bodyBytes + " bytes");
        }
        return bytes;
    }

    void check(Json args) {
        if (args.length() > argsBytes) {
            throw new RejectedException(
                    "the arguments must have at most " + argsBytes + " bytes but have " + args.length());
        }
        if (args.depth() > argsDepth) {
            throw new RejectedException("the arguments must be nested at most " + argsDepth + " deep");
        }
    }

    /** What of a client's text goes into a log. */
    static String shortened(String text) {
        return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "…";
    }
}
