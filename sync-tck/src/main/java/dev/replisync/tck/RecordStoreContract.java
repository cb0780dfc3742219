package dev.replisync.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replisync.storage.RecordStore;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/**
 * A place for client view records, as the row-version strategy uses it: what was written is read on every node, byte for
 * byte, and nothing else is. How a store forgets is its own, and its own test's.
 */
public abstract class RecordStoreContract {
    private static final String LONGEST_ID = "A0-_".repeat(16);

    /** For subclasses. */
    protected RecordStoreContract() {}

    /**
     * Opens the store as one node does. All that are opened in one test are the same store, which is empty at first.
     *
     * @return the store; to be closed, where that is needed, by the subclass
     */
    protected abstract RecordStore open();

    @Test
    @Rule("R50")
    final void whatIsWrittenIsReadOnEveryNode() {
        byte[] everyByte = new byte[256];
        for (int i = 0; i < everyByte.length; i++) {
            everyByte[i] = (byte) i;
        }
        RecordStore store = open();
        store.write("a", everyByte.clone());
        store.write(LONGEST_ID, new byte[] {1});
        store.write("empty", new byte[0]);
        for (RecordStore node : List.of(store, open())) {
            assertThat(node.read("a")).as("record that is read").hasValue(everyByte);
            assertThat(node.read(LONGEST_ID)).as("record that is read").hasValue(new byte[] {1});
            assertThat(node.read("empty")).as("record that is read").hasValue(new byte[0]);
        }
    }

    @Test
    @Rule({"R44", "R50"})
    final void anUnknownIdIsNoRecord() {
        RecordStore store = open();
        store.write("known", new byte[] {1});
        // A hash tells capitals from small letters, and so must the store.
        for (String unknown : List.of("unknown", "know", "known1", "KNOWN", "_", "-", LONGEST_ID)) {
            assertThat(store.read(unknown)).as("record %s", unknown).isEmpty();
        }
    }

    @Test
    @Rule("R50")
    final void earlierRecordsStay() {
        RecordStore store = open();
        for (int i = 0; i < 20; i++) {
            store.write("r" + i, bytes(i));
        }
        for (int i = 0; i < 20; i++) {
            assertThat(store.read("r" + i)).as("record %s", i).hasValue(bytes(i));
        }
    }

    @Test
    @Rule({"R40", "R50"})
    final void theSameRecordMayBeWrittenAgain() {
        RecordStore store = open();
        RecordStore other = open();
        for (int i = 0; i < 3; i++) {
            store.write("r", bytes(1));
            other.write("r", bytes(1));
        }
        assertThat(store.read("r")).as("record that is read").hasValue(bytes(1));
        assertThat(other.read("r")).as("record that is read").hasValue(bytes(1));
    }

    @Test
    @Rule("R66")
    final void aRecordOfManyMegabytesIsKept() {
        byte[] big = new byte[8 << 20];
        new Random(1).nextBytes(big);
        RecordStore store = open();
        store.write("big", big.clone());
        assertThat(open().read("big").map(Arrays::hashCode))
                .as("record that is read")
                .hasValue(Arrays.hashCode(big));
    }

    @Test
    @Rule("R40")
    final void manyReadAndWriteAtOnce() {
        List<RecordStore> nodes = List.of(open(), open());
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Future<Void>> all = new ArrayList<>();
            for (int thread = 0; thread < 8; thread++) {
                int number = thread;
                all.add(threads.submit(() -> {
                    for (int i = 0; i < 40; i++) {
                        String id = number + "-" + i;
                        nodes.get(i % 2).write(id, bytes(id.hashCode()));
                        nodes.get(i % 2).write("same-" + i, bytes(i));
                        assertThat(nodes.get(1 - i % 2).read(id)).as(id).hasValue(bytes(id.hashCode()));
                        assertThat(nodes.get(1 - i % 2).read("same-" + i))
                                .as("record that is read")
                                .hasValue(bytes(i));
                    }
                    return null;
                }));
            }
            all.forEach(StoreContract::result);
        } finally {
            threads.shutdownNow();
        }
    }

    private static byte[] bytes(int seed) {
        return ("record " + seed + " ").repeat(20).getBytes(StandardCharsets.UTF_8);
    }
}
