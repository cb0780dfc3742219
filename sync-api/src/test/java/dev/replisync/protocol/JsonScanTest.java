package dev.replisync.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonScanTest {
    private static final ObjectMapper MAPPER =
            new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0",
                "-0",
                "10.25e+3",
                "1E-2",
                "true",
                "false",
                "null",
                "\"\"",
                "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\uAb12\"",
                "[]",
                "{}",
                "[[],{}]",
                "{\"a\":{\"b\":[1,2,{}]},\"c\":\"]}\"}",
                " [ 1 , 2 ] "
            })
    void takesJson(String text) {
        assertThat(Json.parse(text)).hasToString(text.strip());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "01",
                "-",
                "1.",
                "1e",
                "1e+",
                ".5",
                "+1",
                "tru",
                "nulll",
                "\"",
                "\"\\x\"",
                "\"\\u12g4\"",
                "\"a\nb\"",
                "[",
                "]",
                "[1",
                "[1,",
                "[1,]",
                "[,1]",
                "[1 2]",
                "{",
                "}",
                "{\"a\"}",
                "{\"a\":}",
                "{\"a\":1,}",
                "{a:1}",
                "{\"a\":1 \"b\":2}",
                "{1:2}",
                "[1}",
                "{\"a\":1]",
                "1 2",
                "1\u00e9",
                "[]\u00e9",
                "[]]",
                "NaN",
                "'a'",
                "//",
                "\"a\\"
            })
    void refusesWhatIsNotJson(String text) {
        assertThatThrownBy(() -> Json.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    /** Agrees with Jackson on damaged documents, whatever the damage. */
    @Test
    void agreesWithJackson() {
        String base = "{\"a\":[1,-2.5e3,\"x\\n\",true,null,{\"b\":{}}],\"c\":\"\\u00e9\",\"d\":[[],[0]]}";
        String letters = "{}[]:,\"\\0123-.eEtrufalsn u";
        Random random = new Random(42);
        for (int i = 0; i < 20_000; i++) {
            StringBuilder text = new StringBuilder(base);
            for (int damage = random.nextInt(4); damage > 0; damage--) {
                int at = random.nextInt(text.length());
                switch (random.nextInt(3)) {
                    case 0 -> text.deleteCharAt(at);
                    case 1 -> text.insert(at, letters.charAt(random.nextInt(letters.length())));
                    default -> text.setCharAt(at, letters.charAt(random.nextInt(letters.length())));
                }
            }
            assertThat(ours(text.toString())).as(text.toString()).isEqualTo(jacksons(text.toString()));
        }
    }

    private static boolean ours(String text) {
        try {
            Json.parse(text);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static boolean jacksons(String text) {
        try {
            return !MAPPER.readTree(text).isMissingNode();
        } catch (Exception e) {
            return false;
        }
    }
}
