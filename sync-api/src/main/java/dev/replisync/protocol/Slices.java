package dev.replisync.protocol;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Takes JSON apart without building it: each member is a slice of the bytes received. So the arguments of a mutation
 * stay raw until its mutator asks for them, and nothing in them can refuse the whole push (rules R30, R32).
 */
final class Slices {
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxStringLength(Integer.MAX_VALUE)
                    .build())
            .build();

    private Slices() {}

    /** The whole input, checked to be one well-formed value in UTF-8 with nothing but white space around it. */
    static Json whole(byte[] utf8) throws IOException {
        checkEncoding(utf8);
        JsonScan scan = new JsonScan(utf8, skippedMark(utf8), utf8.length);
        Json value = value(scan, utf8);
        if (scan.peek() >= 0) {
            throw scan.unexpected("the end");
        }
        return value;
    }

    /** The members of an object; of two with one name the last, as in JavaScript. */
    static Map<String, Json> members(Json object) throws IOException {
        JsonScan scan = scan(object);
        if (!scan.took('{')) {
            throw scan.unexpected("a JSON object");
        }
        Map<String, Json> members = new LinkedHashMap<>();
        if (scan.took('}')) {
            return members;
        }
        do {
            Json name = value(scan, object.source());
            scan.take(':');
            members.put(name(name), value(scan, object.source()));
        } while (scan.took(','));
        return members;
    }

    static List<Json> elements(Json array) throws IOException {
        JsonScan scan = scan(array);
        if (!scan.took('[')) {
            throw scan.unexpected("a JSON array");
        }
        List<Json> elements = new ArrayList<>();
        if (scan.took(']')) {
            return elements;
        }
        do {
            elements.add(value(scan, array.source()));
        } while (scan.took(','));
        return elements;
    }

    static boolean isString(Json value) {
        return value.source()[value.start()] == '"';
    }

    /** What a string says. Few have escapes, and only those need a parser. */
    static String text(Json string) throws IOException {
        int start = string.start() + 1;
        int length = string.length() - 2;
        for (int i = start; i < start + length; i++) {
            if (string.source()[i] == '\\') {
                try (JsonParser p = FACTORY.createParser(string.source(), string.start(), string.length())) {
                    p.nextToken();
                    return p.getText();
                }
            }
        }
        return new String(string.source(), start, length, StandardCharsets.UTF_8);
    }

    /**
     * The value that a parser stands on; the parser is left on its last token.
     *
     * @param base where in {@code source} the parser began: its offsets count from there
     */
    static Json take(JsonParser p, byte[] source, int base) throws IOException {
        long start = p.currentTokenLocation().getByteOffset();
        if (p.currentToken() == null || start < 0) {
            throw new IOException(
                    "a Json component cannot be read where Jackson keeps it in a buffer, such as in a type"
                            + " whose subtype is named behind it");
        }
        p.skipChildren();
        p.finishToken();
        return Json.slice(source, base + (int) start, (int) (p.currentLocation().getByteOffset() - start));
    }

    static String reason(IOException e) {
        return e instanceof JsonProcessingException j ? j.getOriginalMessage() : String.valueOf(e.getMessage());
    }

    private static void checkEncoding(byte[] utf8) throws IOException {
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        ByteBuffer in = ByteBuffer.wrap(utf8);
        CharBuffer out = CharBuffer.allocate(Math.min(8192, utf8.length + 1));
        CoderResult result;
        do {
            out.clear();
            result = decoder.decode(in, out, true);
        } while (result.isOverflow());
        if (result.isError()) {
            throw new IOException("JSON must be encoded in UTF-8");
        }
    }

    private static JsonScan scan(Json value) {
        return new JsonScan(value.source(), value.start(), value.start() + value.length());
    }

    private static Json value(JsonScan scan, byte[] source) throws IOException {
        scan.peek();
        int start = scan.at();
        scan.value();
        return Json.slice(source, start, scan.at() - start);
    }

    /** The name of a member; as written if it says nothing that can be text, since it is not one of ours then. */
    private static String name(Json name) throws IOException {
        try {
            return isString(name) ? text(name) : name.toString();
        } catch (JsonProcessingException e) {
            return name.toString();
        }
    }

    private static int skippedMark(byte[] utf8) {
        boolean marked = utf8.length >= 3 && utf8[0] == (byte) 0xEF && utf8[1] == (byte) 0xBB && utf8[2] == (byte) 0xBF;
        return marked ? 3 : 0;
    }
}
