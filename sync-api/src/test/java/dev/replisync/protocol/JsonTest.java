package dev.replisync.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class JsonTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    record Note(String id, Json value) {}

    @Test
    void isReadVerbatimAsAComponent() throws Exception {
        String value = "{\"b\": 1e2, \"a\":\"\\ud800\", \"a\":[ ]}";
        byte[] note = ("{\"id\":\"ü\",\"value\": " + value + " }").getBytes(StandardCharsets.UTF_8);

        assertThat(read(new String(note, StandardCharsets.UTF_8))).hasToString(value);
        assertThat(read("   " + new String(note, StandardCharsets.UTF_8) + "  "))
                .hasToString(value);
        Json outer = Slices.elements(Json.parse("[ 1, " + new String(note, StandardCharsets.UTF_8) + "]"))
                .get(1);
        Note inner = outer.read(MAPPER.readerFor(Note.class));
        assertThat(inner).isEqualTo(new Note("ü", Json.parse(value)));
    }

    @Test
    void isNullWhereTheMemberIsNullOrAbsent() throws Exception {
        assertThat(read("{\"id\":\"a\",\"value\":null}")).isEqualTo(Json.NULL);
        assertThat(read("{\"id\":\"a\"}")).isEqualTo(Json.NULL);
    }

    @Test
    void isWrittenVerbatim() throws Exception {
        assertThat(MAPPER.writeValueAsString(new Note("a", Json.parse("{ \"x\":1e2 }"))))
                .isEqualTo("{\"id\":\"a\",\"value\":{ \"x\":1e2 }}");
    }

    @Test
    void takesNothingButOneValue() {
        assertThat(Json.parse(" [1] ")).hasToString("[1]");
        assertThatThrownBy(() -> Json.parse("1 2")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Json.parse("")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Json.parse("{")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void equalsByBytes() {
        assertThat(Json.parse("[1]")).isEqualTo(Json.parse(" [1]")).hasSameHashCodeAs(Json.parse(" [1]"));
        assertThat(Json.parse("[1]")).isNotEqualTo(Json.parse("[ 1]"));
    }

    private static Json read(String note) throws Exception {
        Note read = Json.parse(note).read(MAPPER.readerFor(Note.class));
        assertThat(read).isNotNull();
        return read.value();
    }
}
