package dev.replisync.strategy;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import dev.replisync.protocol.Text;
import dev.replisync.storage.PatchSink;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A patch as the bytes of its JSON array, written once while the datastore is read and sent afterwards, so that a slow
 * client holds no connection. Kept in chunks, so that it is in memory once and never copied to grow.
 *
 * <p>Written by one thread; may be sent by several once it is complete.
 */
public final class PatchBuffer implements PatchSink {
    private static final int CHUNK = 32 * 1024;
    private static final byte[] CLEAR = utf8("{\"op\":\"clear\"}");
    private static final byte[] PUT = utf8("{\"op\":\"put\",\"key\":\"");
    private static final byte[] VALUE = utf8("\",\"value\":");
    private static final byte[] DEL = utf8("{\"op\":\"del\",\"key\":\"");
    private static final byte[] QUOTE_END = utf8("\"}");

    private final List<byte[]> full = new ArrayList<>();
    private byte[] chunk = new byte[512];
    private int used;
    private long size;
    private int operations;

    /** An empty patch. */
    public PatchBuffer() {}

    /**
     * Tells the client to forget everything; must come first (rule R13).
     *
     * @throws IllegalStateException if there is an operation already
     */
    public void clear() {
        if (operations > 0) {
            throw new IllegalStateException("clear must be the first operation of a patch");
        }
        begin();
        append(CLEAR);
    }

    @Override
    public void put(String key, byte[] json) {
        begin();
        append(PUT);
        append(quoted(key));
        append(VALUE);
        append(json);
        append((byte) '}');
    }

    @Override
    public void del(String key) {
        begin();
        append(DEL);
        append(quoted(key));
        append(QUOTE_END);
    }

    /** {@return the number of operations, {@code clear} included} */
    public int operations() {
        return operations;
    }

    /** {@return the length of the JSON array in bytes} */
    public long size() {
        return size + 2;
    }

    /**
     * Writes the JSON array.
     *
     * @param out where to; not closed
     * @throws IOException if {@code out} throws it
     */
    public void writeTo(OutputStream out) throws IOException {
        out.write('[');
        for (byte[] c : full) {
            out.write(c);
        }
        out.write(chunk, 0, used);
        out.write(']');
    }

    /** {@return the JSON array as text, for tests and logs} */
    @Override
    public String toString() {
        try {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            writeTo(out);
            return out.toString(StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private void begin() {
        if (operations++ > 0) {
            append((byte) ',');
        }
    }

    private static byte[] quoted(String key) {
        if (Text.hasLoneSurrogate(key)) {
            // Sent as an escape, which JSON can express and UTF-8 cannot (rule R62).
            StringBuilder escaped = new StringBuilder();
            for (int i = 0; i < key.length(); i++) {
                char c = key.charAt(i);
                escaped.append(
                        Character.isSurrogate(c)
                                ? "\\u" + Integer.toHexString(c)
                                : new String(JsonStringEncoder.getInstance().quoteAsString(String.valueOf(c))));
            }
            return escaped.toString().getBytes(StandardCharsets.UTF_8);
        }
        return JsonStringEncoder.getInstance().quoteAsUTF8(key);
    }

    private void append(byte b) {
        if (used == chunk.length) {
            grow(1);
        }
        chunk[used++] = b;
        size++;
    }

    private void append(byte[] bytes) {
        int done = 0;
        while (done < bytes.length) {
            if (used == chunk.length) {
                grow(bytes.length - done);
            }
            int n = Math.min(bytes.length - done, chunk.length - used);
            System.arraycopy(bytes, done, chunk, used, n);
            used += n;
            done += n;
        }
        size += bytes.length;
    }

    /** The first chunk grows up to its full size, so that a small patch stays small; then chunks are added. */
    private void grow(int wanted) {
        if (chunk.length < CHUNK) {
            byte[] larger = new byte[Math.min(CHUNK, Math.max(chunk.length * 2, chunk.length + wanted))];
            System.arraycopy(chunk, 0, larger, 0, used);
            chunk = larger;
        } else {
            full.add(chunk);
            chunk = new byte[CHUNK];
            used = 0;
        }
    }

    private static byte[] utf8(String s) {
        return s.getBytes(StandardCharsets.UTF_8);
    }
}
