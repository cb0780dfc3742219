package dev.replisync.protocol;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Takes JSON apart without building it: each member is a slice of the bytes received. So the arguments of a mutation
 * stay raw until its mutator asks for them, and no limit on them can refuse the whole push (rule R32).
 */
final class Slices {
    /**
     * Only the depth is bounded, because the parser keeps a small object for each level. A JavaScript client cannot
     * write JSON anywhere near this deep: its own writer recurses.
     */
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(100_000)
                    .maxStringLength(Integer.MAX_VALUE)
                    .maxNumberLength(Integer.MAX_VALUE)
                    .maxNameLength(Integer.MAX_VALUE)
                    .build())
            .build();

    private Slices() {}

    /** The whole input, checked to be one well-formed value with nothing but white space around it. */
    static Json whole(byte[] utf8) throws IOException {
        try (JsonParser p = parser(utf8, 0, utf8.length)) {
            p.nextToken();
            Json value = take(p, utf8, 0);
            if (p.nextToken() != null) {
                throw new IOException("more than one JSON value");
            }
            return value;
        }
    }

    /** The members of an object; of two with one name the last, as in JavaScript. */
    static Map<String, Json> members(Json object) throws IOException {
        try (JsonParser p = parser(object)) {
            if (p.nextToken() != JsonToken.START_OBJECT) {
                throw new IOException("expected a JSON object");
            }
            Map<String, Json> members = new LinkedHashMap<>();
            while (p.nextToken() == JsonToken.FIELD_NAME) {
                String name = p.currentName();
                p.nextToken();
                members.put(name, take(p, object.source(), object.start()));
            }
            return members;
        }
    }

    static List<Json> elements(Json array) throws IOException {
        try (JsonParser p = parser(array)) {
            if (p.nextToken() != JsonToken.START_ARRAY) {
                throw new IOException("expected a JSON array");
            }
            List<Json> elements = new ArrayList<>();
            while (p.nextToken() != JsonToken.END_ARRAY) {
                elements.add(take(p, array.source(), array.start()));
            }
            return elements;
        }
    }

    /** A parser that stands on the only token of a scalar. */
    static JsonParser scalar(Json value) throws IOException {
        JsonParser p = parser(value);
        p.nextToken();
        return p;
    }

    /**
     * The value that the parser stands on; the parser is left on its last token.
     *
     * @param base where in {@code source} the parser began: its offsets count from there
     */
    static Json take(JsonParser p, byte[] source, int base) throws IOException {
        if (p.currentToken() == null) {
            throw new IOException("no JSON value");
        }
        long start = p.currentTokenLocation().getByteOffset();
        p.skipChildren();
        p.finishToken();
        long end = p.currentLocation().getByteOffset();
        if (start < 0 || end <= start) {
            throw new IOException("JSON must be encoded in UTF-8");
        }
        return Json.slice(source, base + (int) start, (int) (end - start));
    }

    static String reason(IOException e) {
        return e instanceof JsonProcessingException j ? j.getOriginalMessage() : String.valueOf(e.getMessage());
    }

    private static JsonParser parser(Json value) throws IOException {
        return parser(value.source(), value.start(), value.length());
    }

    private static JsonParser parser(byte[] source, int start, int length) throws IOException {
        return FACTORY.createParser(source, start, length);
    }
}
