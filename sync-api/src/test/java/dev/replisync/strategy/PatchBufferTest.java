package dev.replisync.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class PatchBufferTest {

    @Test
    void writesTheOperationsOfTheProtocol() {
        PatchBuffer patch = new PatchBuffer();
        assertThat(patch).hasToString("[]");

        patch.clear();
        patch.put("todo/1", bytes("null"));
        patch.del("a\"\\\n\u0000é\ud83d\ude00");

        assertThat(patch)
                .hasToString("[{\"op\":\"clear\"},{\"op\":\"put\",\"key\":\"todo/1\",\"value\":null},"
                        + "{\"op\":\"del\",\"key\":\"a\\\"\\\\\\n\\u0000é\ud83d\ude00\"}]");
        assertThat(patch.operations()).isEqualTo(3);
        assertThat(patch.size()).isEqualTo(bytes(patch.toString()).length);
    }

    /** R62: sent as an escape, never altered. */
    @Test
    void escapesLoneSurrogates() {
        PatchBuffer patch = new PatchBuffer();
        patch.del("a\"\ud800b");
        assertThat(patch).hasToString("[{\"op\":\"del\",\"key\":\"a\\\"\\ud800b\"}]");
    }

    @Test
    void clearComesFirstOnly() {
        PatchBuffer patch = new PatchBuffer();
        patch.del("a");
        assertThatThrownBy(patch::clear)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("clear must be the first operation of a patch");
    }

    @Test
    void keepsEveryByteOverManyChunks() throws Exception {
        PatchBuffer patch = new PatchBuffer();
        for (int i = 0; i < 5_000; i++) {
            patch.put("k" + i, bytes("\"" + "x".repeat(i % 97) + "\""));
        }
        patch.put("big", bytes("\"" + "y".repeat(200_000) + "\""));

        JsonNode tree = new ObjectMapper().readTree(patch.toString());
        assertThat(tree).hasSize(5_001);
        assertThat(tree.get(4_321).path("key").asText()).isEqualTo("k4321");
        assertThat(tree.get(4_321).path("value").asText()).hasSize(4_321 % 97);
        assertThat(tree.get(5_000).path("value").asText()).hasSize(200_000);
        assertThat(patch.size()).isEqualTo(bytes(patch.toString()).length);
    }

    private static byte[] bytes(String s) {
        return s.getBytes(StandardCharsets.UTF_8);
    }
}
