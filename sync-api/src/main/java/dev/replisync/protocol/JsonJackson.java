package dev.replisync.protocol;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** How Jackson reads and writes {@link Json}: verbatim. */
final class JsonJackson {
    static final JsonMapper MAPPER = JsonMapper.builder().build();

    private JsonJackson() {}

    static final class Reader extends StdDeserializer<Json> {
        private static final long serialVersionUID = 1L;

        Reader() {
            super(Json.class);
        }

        @Override
        public Json deserialize(JsonParser p, DeserializationContext ctxt) throws IOException {
            if (ctxt.getAttribute(Json.class) instanceof Json whole) {
                return Slices.take(p, whole.source(), whole.start());
            }
            throw new IOException("a Json component can be read by Json.read only, as for a mutator's arguments");
        }

        @Override
        public Json getNullValue(DeserializationContext ctxt) {
            return Json.NULL;
        }

        @Override
        public Object getAbsentValue(DeserializationContext ctxt) {
            return Json.NULL;
        }
    }

    static final class Writer extends StdSerializer<Json> {
        private static final long serialVersionUID = 1L;

        Writer() {
            super(Json.class);
        }

        @Override
        public void serialize(Json value, JsonGenerator gen, SerializerProvider provider) throws IOException {
            gen.writeRawValue(new String(value.toByteArray(), StandardCharsets.UTF_8));
        }
    }
}
