package dev.replisync;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * The answer to send: complete in memory, so that sending it slowly holds nothing of the datastore.
 *
 * @param status the HTTP status
 * @param headers headers to set
 * @param body the body
 */
public record SyncResponse(int status, Map<String, String> headers, Body body) {
    private static final Map<String, String> JSON =
            Map.of("Content-Type", "application/json", "Cache-Control", "no-store");
    private static final Map<String, String> TEXT =
            Map.of("Content-Type", "text/plain;charset=utf-8", "Cache-Control", "no-store");

    /** Copies the headers. */
    public SyncResponse {
        headers = Map.copyOf(headers);
    }

    /** A body that can be written as often as needed. */
    public interface Body {
        /** {@return the number of bytes} */
        long length();

        /**
         * Writes the body.
         *
         * @param out where to; not closed
         * @throws IOException if {@code out} throws it
         */
        void writeTo(OutputStream out) throws IOException;
    }

    static SyncResponse json(Body body) {
        return new SyncResponse(200, JSON, body);
    }

    static SyncResponse json(String body) {
        return json(bytes(body));
    }

    static SyncResponse text(int status, String message) {
        return new SyncResponse(status, TEXT, bytes(message));
    }

    /** {@return the whole body as text, for tests and logs} */
    public String text() {
        try {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            body.writeTo(out);
            return out.toString(StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Body bytes(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return new Body() {
            @Override
            public long length() {
                return bytes.length;
            }

            @Override
            public void writeTo(OutputStream out) throws IOException {
                out.write(bytes);
            }
        };
    }
}
