package dev.replisync.benchmarks.micro;

import dev.replisync.strategy.PatchBuffer;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Writing a patch of entities of 180 bytes, and sending it. */
@State(Scope.Benchmark)
public class PatchBench {
    /** How many entities the patch holds. */
    @Param({"1", "10000"})
    public int puts;

    private final byte[] value =
            ("{\"id\":\"1\",\"text\":\"" + "x".repeat(160) + "\"}").getBytes(StandardCharsets.UTF_8);

    /** {@return the bytes that were sent} */
    @Benchmark
    public long write() throws IOException {
        PatchBuffer patch = new PatchBuffer();
        for (int i = 0; i < puts; i++) {
            patch.put("item/" + i, value);
        }
        patch.writeTo(OutputStream.nullOutputStream());
        return patch.size();
    }
}
