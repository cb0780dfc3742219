package dev.replisync;

import dev.replisync.error.RequestException;
import dev.replisync.protocol.Json;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Bounds on what a client may send (rule R32). Only the body's is an answer of its own; what concerns one mutation is a
 * failure of that mutation, so that no client waits for ever behind it.
 *
 * @param bodyBytes the longest body
 * @param argsBytes the longest arguments of one mutation
 * @param argsDepth the deepest arguments of one mutation
 * @param keyBytes the longest key
 */
record Limits(int bodyBytes, int argsBytes, int argsDepth, int keyBytes) {
    private static final Logger LOG = LoggerFactory.getLogger(Limits.class);
    private static final int SHOWN = 200;

    /** Reads the body, and stops reading where it is too long. */
    byte[] read(InputStream body) throws IOException {
        byte[] bytes = body.readNBytes(bodyBytes);
        if (bytes.length == bodyBytes && body.read() >= 0) {
            LOG.warn("a body of more than {} bytes was refused; it begins: {}", bodyBytes, beginning(bytes));
            throw RequestException.tooLarge("the body must have at most " + bodyBytes + " bytes");
        }
        return bytes;
    }

    /** Enough to find the client group in it: the client writes that first. */
    private static String beginning(byte[] body) {
        return forLog(new String(body, 0, Math.min(body.length, SHOWN), StandardCharsets.UTF_8));
    }

    /** Why arguments are too much, if they are. */
    Optional<String> problem(Json args) {
        if (args.length() > argsBytes) {
            return Optional.of("the arguments must have at most " + argsBytes + " bytes but have " + args.length());
        }
        int depth = args.depth();
        return depth <= argsDepth
                ? Optional.empty()
                : Optional.of("the arguments must be nested at most " + argsDepth + " deep but are " + depth);
    }

    /** What of a client's text goes into a log: no more than a line of it. */
    static String forLog(String text) {
        String line = text.replaceAll("\\p{Cntrl}", "?");
        return line.length() <= SHOWN ? line : line.substring(0, SHOWN) + "…";
    }
}
