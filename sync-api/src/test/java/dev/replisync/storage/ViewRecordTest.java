package dev.replisync.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ViewRecordTest {
    private static final String FACE = "item/\ud83d\ude00";
    private static final String TILDE = "item/\uff5e";
    private static final List<String> PIECES = List.of(
            "a", "b", "item/", "\0", "é", "\ud83d\ude00", "\uff5e", "\ud83d", "\ude00", "\ud83d\ude01", "~", "\u0130");

    @Test
    void keysAreOrderedByTheirBytes() {
        ViewRecord record = ViewRecord.of(Map.of(FACE, "1", TILDE, "2", "item/a", "3", "item", "4"));
        assertThat(record.keys()).containsExactly("item", "item/a", TILDE, FACE);
        assertThat(record.versions()).containsExactly("4", "3", "2", "1");
        assertThat(ViewRecord.compareKeys(FACE, TILDE)).isPositive();
        assertThat(FACE.compareTo(TILDE)).as("as Java orders them").isNegative();
    }

    @Test
    void keysAreOrderedLikeUtf8() {
        Random random = new Random(1);
        for (int i = 0; i < 10_000; i++) {
            String a = whole(random);
            String b = whole(random);
            int bytes = Arrays.compareUnsigned(a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));
            assertThat(Integer.signum(ViewRecord.compareKeys(a, b))).isEqualTo(Integer.signum(bytes));
        }
    }

    /** Against a map that does the same, over long random histories with each kind of key. */
    @Test
    void aRecordFollowsItsView() {
        Random random = new Random(2);
        TreeMap<String, String> view = new TreeMap<>(ViewRecord::compareKeys);
        ViewRecord record = ViewRecord.of(view);
        for (int round = 0; round < 400; round++) {
            Map<String, String> puts = new HashMap<>();
            Set<String> dels = new HashSet<>();
            for (int i = random.nextInt(30); i > 0; i--) {
                puts.put(key(random), String.valueOf(random.nextInt(5)));
            }
            for (String key : view.keySet()) {
                if (random.nextInt(8) == 0 && !puts.containsKey(key)) {
                    dels.add(key);
                }
            }
            view.putAll(puts);
            view.keySet().removeAll(dels);
            record = record.with(puts, dels);
            assertThat(record.size()).isEqualTo(view.size());
            assertThat(record.keys()).containsExactlyElementsOf(view.keySet());
            assertThat(record.versions()).containsExactlyElementsOf(view.values());
            assertThat(record.toBytes())
                    .as("bytes of equal records")
                    .isEqualTo(ViewRecord.of(view).toBytes());
        }
        assertThat(view).hasSizeGreaterThan(50);
    }

    @Test
    void aVersionMayBeTheBeginOfTheOneBefore() {
        Map<String, String> view =
                new TreeMap<>(Map.of("a", "1", "b", "12", "c", "12", "d", "1", "e", "", "f", "\ud83d", "g", ""));
        assertThat(ViewRecord.of(view).versions()).containsExactlyElementsOf(view.values());
        Map<String, String> told = new HashMap<>();
        diff(Optional.of(ViewRecord.of(view)), view, told);
        assertThat(told).isEmpty();
    }

    @Test
    void bytesAreReadWhereverTheyBegin() {
        ViewRecord record = ViewRecord.of(Map.of(FACE, "1", "item/\ud83d", "x".repeat(300), "", "\ude00"));
        byte[] bytes = record.toBytes();
        byte[] later = new byte[bytes.length + 7];
        System.arraycopy(bytes, 0, later, 7, bytes.length);
        ViewRecord read = ViewRecord.ofBytes(later, 7, record.size());
        assertThat(read.keys()).isEqualTo(record.keys());
        assertThat(read.versions()).isEqualTo(record.versions());
        assertThat(read.toBytes()).isEqualTo(bytes);
        assertThat(read.with(Map.of("b", "2"), Set.of("")).keys()).containsExactly("b", "item/\ud83d", FACE);
    }

    @Test
    void neighboursShareWhatTheyHaveInCommon() {
        Map<String, String> view = new HashMap<>();
        for (int i = 0; i < 10_000; i++) {
            view.put(String.format("item/%08d", i), "12345678");
        }
        assertThat(ViewRecord.of(view).toBytes()).hasSizeLessThan(8 * 10_000);
    }

    @Test
    void aDiffTellsWhatIsNewAnotherOrGone() {
        Random random = new Random(3);
        for (int round = 0; round < 300; round++) {
            Map<String, String> held = view(random);
            Map<String, String> now = view(random);
            Map<String, String> expected = new HashMap<>();
            held.keySet().forEach(key -> expected.put(key, "gone"));
            now.forEach((key, version) -> expected.put(key, version));
            expected.keySet()
                    .removeIf(key -> held.containsKey(key) && held.get(key).equals(now.get(key)));

            Map<String, String> told = new HashMap<>();
            diff(Optional.of(ViewRecord.of(held)), now, told);
            assertThat(told).isEqualTo(expected);
        }
    }

    @Test
    void withoutARecordEverythingIsNew() {
        Map<String, String> told = new HashMap<>();
        diff(Optional.empty(), new TreeMap<>(Map.of("a", "1", "b", "2")), told);
        assertThat(told).isEqualTo(Map.of("a", "1", "b", "2"));
    }

    @Test
    void aWrongOrderIsRefused() {
        ViewDiff diff = new ViewDiff(Optional.empty(), sink(new HashMap<>()));
        diff.changed(FACE, "1");
        assertThatThrownBy(() -> diff.changed(TILDE, "1"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the view was read with key '" + TILDE + "' after key '" + FACE
                        + "', but each key must come once and in the order of its bytes in UTF-8; sort by"
                        + " ViewRecord.compareKeys");
        assertThatThrownBy(() -> diff.changed(FACE, "1")).isInstanceOf(IllegalStateException.class);
    }

    private static void diff(Optional<ViewRecord> held, Map<String, String> now, Map<String, String> told) {
        ViewDiff diff = new ViewDiff(held, sink(told));
        now.forEach((key, version) -> {
            if (diff.changed(key, version)) {
                assertThat(told.put(key, version)).isNull();
            }
        });
        diff.end();
    }

    private static ViewReads.ViewSink sink(Map<String, String> told) {
        return new ViewReads.ViewSink() {
            @Override
            public void put(String key, String version, byte[] json) {
                throw new AssertionError("what is put is the storage's to read");
            }

            @Override
            public void del(String key) {
                assertThat(told.put(key, "gone")).isNull();
            }
        };
    }

    private static Map<String, String> view(Random random) {
        Map<String, String> view = new TreeMap<>(ViewRecord::compareKeys);
        for (int i = random.nextInt(20); i > 0; i--) {
            view.put(key(random), String.valueOf(random.nextInt(3)));
        }
        return view;
    }

    private static String key(Random random) {
        StringBuilder key = new StringBuilder();
        for (int i = random.nextInt(4); i >= 0; i--) {
            key.append(PIECES.get(random.nextInt(PIECES.size())));
        }
        return key.toString();
    }

    /** Without halves of characters, which UTF-8 cannot express. */
    private static String whole(Random random) {
        List<Integer> points = new ArrayList<>();
        for (int i = random.nextInt(4); i >= 0; i--) {
            points.add(new int[] {0x61, 0xe9, 0xd7ff, 0xe000, 0xff5e, 0xffff, 0x10000, 0x1f600, 0x10ffff}
                    [random.nextInt(9)]);
        }
        return points.stream()
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }
}
