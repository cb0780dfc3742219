package dev.replisync.strategy.rowversion;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replisync.storage.ViewRecord;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SentViewTest {

    @Test
    void isReadAsItWasWritten() {
        SentView sent = sent("proof", Map.of("item/\ud83d\ude00", "1", "item/\ud83d", "", "", "7"));
        SentView read = SentView.read(sent.toBytes()).orElseThrow();
        assertThat(read.owner()).isEqualTo(sent.owner());
        assertThat(read.viewVersion()).isEqualTo("view");
        assertThat(read.epoch()).isEqualTo("epoch");
        assertThat(read.group()).isEqualTo("group");
        assertThat(read.proof()).isEqualTo("proof");
        assertThat(read.lastMutationIDs()).isEqualTo(sent.lastMutationIDs());
        assertThat(read.view().keys()).isEqualTo(sent.view().keys());
        assertThat(read.view().versions()).isEqualTo(sent.view().versions());
        assertThat(read.toBytes()).as("bytes of equal records").isEqualTo(sent.toBytes());
        assertThat(SentView.read(sent(null, Map.of()).toBytes()).orElseThrow().proof())
                .isNull();
    }

    /** Whatever happened to it: less of it, more of it, one bit of it. */
    @Test
    void aDamagedRecordIsLost() {
        byte[] whole = sent("proof", Map.of("item/1", "1", "item/2", "2")).toBytes();
        assertThat(SentView.read(whole)).isPresent();
        for (int i = 0; i < whole.length; i++) {
            byte[] shorter = Arrays.copyOf(whole, i);
            assertThat(SentView.read(shorter)).as("the first %s bytes", i).isEmpty();
            byte[] flipped = whole.clone();
            flipped[i] ^= (byte) (1 << i % 8);
            assertThat(SentView.read(flipped)).as("a bit of byte %s", i).isEmpty();
        }
        assertThat(SentView.read(Arrays.copyOf(whole, whole.length + 1))).isEmpty();
        byte[] nothing = Arrays.copyOf(whole, 8);
        Arrays.fill(nothing, 4, 8, (byte) 0);
        assertThat(SentView.read(nothing))
                .as("nothing, with its right checksum")
                .isEmpty();
        byte[] noise = new byte[100];
        new Random(1).nextBytes(noise);
        assertThat(SentView.read(noise)).isEmpty();
    }

    @Test
    void aRecordOfManyEntitiesIsSmall() {
        Map<String, String> view = new HashMap<>();
        for (int i = 0; i < 100_000; i++) {
            view.put("item/" + Integer.toHexString(i * 31), String.valueOf(900_000 + i % 50));
        }
        assertThat(sent("proof", view).toBytes()).hasSizeLessThan(1_400_000);
    }

    private static SentView sent(String proof, Map<String, String> view) {
        return new SentView(
                new SentView.Owner("ann", "default", "profile"),
                "view",
                "epoch",
                "group",
                proof,
                Map.of("c1", 1L, "c2", Long.MAX_VALUE),
                ViewRecord.of(view));
    }
}
