package dev.replisync.benchmarks.load;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Reads answers that come one after the other on a connection that is kept, in whatever pieces they come. */
final class HttpAnswer {
    private final StringBuilder line = new StringBuilder();
    private ByteArrayOutputStream body = new ByteArrayOutputStream();
    private Part part = Part.STATUS;
    /** Bytes left of the body or of a chunk of it. */
    private long left;

    private boolean chunked;

    private enum Part {
        STATUS,
        HEADERS,
        BODY,
        CHUNK_SIZE,
        CHUNK,
        CHUNK_END
    }

    /**
     * Takes what came.
     *
     * @param bytes all of it, at most up to the end of one answer
     * @return the body of an answer if it is complete, else null
     * @throws IOException if it is anything but 200
     */
    byte @Nullable [] take(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            if (part == Part.BODY || part == Part.CHUNK) {
                int n = (int) Math.min(left, bytes.remaining());
                body.write(bytes.array(), bytes.arrayOffset() + bytes.position(), n);
                bytes.position(bytes.position() + n);
                left -= n;
                if (left == 0 && part == Part.BODY) {
                    return complete(bytes);
                }
                part = left == 0 ? Part.CHUNK_END : part;
                continue;
            }
            char c = (char) bytes.get();
            if (c != '\n') {
                line.append(c);
                continue;
            }
            String text = line.toString().trim();
            line.setLength(0);
            if (line(text)) {
                return complete(bytes);
            }
        }
        return null;
    }

    /** Takes a line. Returns whether the answer ends with it. */
    private boolean line(String text) throws IOException {
        switch (part) {
            case STATUS -> {
                if (!text.startsWith("HTTP/1.1 200")) {
                    throw new IOException("a request was answered with " + text);
                }
                part = Part.HEADERS;
            }
            case HEADERS -> {
                String header = text.toLowerCase(Locale.ROOT);
                if (header.startsWith("content-length:")) {
                    left = Long.parseLong(
                            header.substring("content-length:".length()).trim());
                } else if (header.equals("transfer-encoding: chunked")) {
                    chunked = true;
                } else if (header.isEmpty()) {
                    part = chunked ? Part.CHUNK_SIZE : Part.BODY;
                }
            }
            case CHUNK_SIZE -> {
                left = Long.parseLong(text, 16);
                part = left == 0 ? Part.CHUNK_SIZE : Part.CHUNK;
                if (left == 0) {
                    // The empty line after the last chunk.
                    part = Part.CHUNK_END;
                    chunked = false;
                }
            }
            default -> {
                if (!chunked) {
                    return true;
                }
                part = Part.CHUNK_SIZE;
            }
        }
        return false;
    }

    private byte[] complete(ByteBuffer bytes) throws IOException {
        if (bytes.hasRemaining()) {
            throw new IOException("more came than the answer");
        }
        byte[] complete = body.toByteArray();
        body = new ByteArrayOutputStream();
        part = Part.STATUS;
        return complete;
    }
}
