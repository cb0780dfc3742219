package dev.replisync.benchmarks.micro;

import dev.replisync.error.RequestException;
import dev.replisync.protocol.PushRequest;
import java.nio.charset.StandardCharsets;
import java.util.StringJoiner;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Reading the body of a push. */
@State(Scope.Benchmark)
public class CodecBench {
    /** How many mutations the push holds. */
    @Param({"1", "500"})
    public int mutations;

    private byte[] body = {};

    /** Writes the body. */
    @Setup
    public void setup() {
        StringJoiner all = new StringJoiner(",");
        for (int i = 1; i <= mutations; i++) {
            all.add("{\"clientID\":\"4f2c5d6e-client\",\"id\":" + i
                    + ",\"name\":\"updateTodo\",\"args\":{\"id\":\"todo-" + i + "\",\"text\":\"" + "x".repeat(120)
                    + "\"},\"timestamp\":" + i + ".25}");
        }
        body = ("{\"pushVersion\":1,\"clientGroupID\":\"4f2c5d6e-group\",\"profileID\":\"p\",\"schemaVersion\":\"\","
                        + "\"mutations\":[" + all + "]}")
                .getBytes(StandardCharsets.UTF_8);
    }

    /** {@return what was read} */
    @Benchmark
    public PushRequest parse() throws RequestException {
        return PushRequest.parse(body);
    }
}
