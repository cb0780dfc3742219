package dev.replisync.benchmarks.micro;

import dev.replisync.storage.ViewRecord;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** A client view record as a pull of row versions handles it: read from its store, brought up to date, written again. */
@State(Scope.Benchmark)
public class RecordBench {
    /** How many entities the view holds. */
    @Param({"1000", "100000"})
    public int entities;

    private byte[] stored = {};

    /** Fills the record. */
    @Setup
    public void setup() {
        Map<String, String> versions = new HashMap<>();
        for (int i = 0; i < entities; i++) {
            versions.put("item/4f2c5d6e-" + i, Integer.toString(700 + i));
        }
        stored = ViewRecord.of(versions).toBytes();
    }

    /** {@return the next record, of which one entity was changed and one is gone} */
    @Benchmark
    public byte[] next() {
        return ViewRecord.ofBytes(stored, 0, entities)
                .with(Map.of("item/4f2c5d6e-7", "99"), Set.of("item/4f2c5d6e-8"))
                .toBytes();
    }

    /** {@return the versions, as they are handed to a database that compares them with the view} */
    @Benchmark
    public List<String> lists() {
        return ViewRecord.ofBytes(stored, 0, entities).versions();
    }
}
