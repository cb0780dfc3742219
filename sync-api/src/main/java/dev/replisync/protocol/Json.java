package dev.replisync.protocol;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One JSON value as the UTF-8 bytes it was sent in: nothing is reordered, rounded or dropped. Use it as the type of a
 * mutator's arguments, or of a component of them, to store a value exactly as the client sent it (rule R63).
 *
 * <p>Immutable and safe for use by several threads. Two values are equal if their bytes are.
 */
@JsonDeserialize(using = JsonJackson.Reader.class)
@JsonSerialize(using = JsonJackson.Writer.class)
public final class Json {
    /** The value {@code null}. */
    public static final Json NULL = ofTrusted("null".getBytes(StandardCharsets.UTF_8));

    private final byte[] source;
    private final int start;
    private final int length;

    private Json(byte[] source, int start, int length) {
        this.source = source;
        this.start = start;
        this.length = length;
    }

    /**
     * Takes over bytes that are known to be one JSON value, such as what a database produced as JSON. They are not
     * checked and not copied; the caller must not change them afterwards.
     *
     * @param utf8 the value
     * @return the value
     */
    public static Json ofTrusted(byte[] utf8) {
        return new Json(utf8, 0, utf8.length);
    }

    /**
     * Reads a value from text.
     *
     * @param text one JSON value
     * @return the value, as written
     * @throws IllegalArgumentException if the text is not exactly one JSON value
     */
    public static Json parse(String text) {
        try {
            return Slices.whole(text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new IllegalArgumentException("not a JSON value: " + Slices.reason(e), e);
        }
    }

    /**
     * Writes any object as JSON, with a plain Jackson mapper.
     *
     * @param value the object; null gives {@code null}
     * @return its JSON
     * @throws IllegalArgumentException if Jackson cannot write it
     */
    public static Json of(@Nullable Object value) {
        try {
            return ofTrusted(JsonJackson.MAPPER.writeValueAsBytes(value));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("not writable as JSON: " + e.getOriginalMessage(), e);
        }
    }

    static Json slice(byte[] source, int start, int length) {
        return new Json(source, start, length);
    }

    /** {@return whether this is the value {@code null}} */
    public boolean isNull() {
        return length == 4 && source[start] == 'n';
    }

    /** {@return the number of bytes} */
    public int length() {
        return length;
    }

    /** {@return how many objects and arrays are nested in each other at most; 0 for a scalar} */
    public int depth() {
        int depth = 0;
        int deepest = 0;
        boolean inString = false;
        for (int i = start; i < start + length; i++) {
            byte b = source[i];
            if (inString) {
                if (b == '\\') {
                    i++;
                } else if (b == '"') {
                    inString = false;
                }
            } else if (b == '"') {
                inString = true;
            } else if (b == '{' || b == '[') {
                deepest = Math.max(deepest, ++depth);
            } else if (b == '}' || b == ']') {
                depth--;
            }
        }
        return deepest;
    }

    /** {@return a copy of the bytes} */
    public byte[] toByteArray() {
        return Arrays.copyOfRange(source, start, start + length);
    }

    /**
     * Writes the bytes.
     *
     * @param out where to
     * @throws IOException if {@code out} throws it
     */
    public void writeTo(OutputStream out) throws IOException {
        out.write(source, start, length);
    }

    /**
     * Converts the value by Jackson. Components of type {@code Json} are slices of this value, exactly as sent.
     *
     * @param reader knows the type
     * @param <A> the type
     * @return the object; null if Jackson makes null of it
     * @throws IOException if Jackson cannot convert it
     */
    @SuppressWarnings("TypeParameterUnusedInFormals") // The reader knows the type; a Class cannot say List<String>.
    public <A> @Nullable A read(ObjectReader reader) throws IOException {
        return reader.withAttribute(Json.class, this).readValue(source, start, length);
    }

    byte[] source() {
        return source;
    }

    int start() {
        return start;
    }

    @Override
    public boolean equals(@Nullable Object o) {
        return o instanceof Json j
                && Arrays.equals(source, start, start + length, j.source, j.start, j.start + j.length);
    }

    @Override
    public int hashCode() {
        int h = 1;
        for (int i = start; i < start + length; i++) {
            h = 31 * h + source[i];
        }
        return h;
    }

    /** {@return the value as text} */
    @Override
    public String toString() {
        return new String(source, start, length, StandardCharsets.UTF_8);
    }
}
