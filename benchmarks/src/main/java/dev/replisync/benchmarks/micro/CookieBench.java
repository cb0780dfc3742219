package dev.replisync.benchmarks.micro;

import dev.replisync.protocol.Json;
import dev.replisync.strategy.Cookie;
import java.util.Optional;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Reading a cookie and writing the next one, as each pull does. */
@State(Scope.Benchmark)
public class CookieBench {
    private final Json received =
            Json.parse("{\"order\":1234,\"v\":1230,\"e\":\"5d0f4a3e-6c4d-4f0e-9d0b-6c1f1d2a3b4c\","
                    + "\"s\":\"space\",\"sp\":\"space-1\",\"u\":\"c2VjcmV0LWhhc2gt\",\"vv\":\"1\"}");

    /** {@return the cookie of the next version} */
    @Benchmark
    public Optional<Json> next() {
        return Cookie.read(received).map(cookie -> cookie.at(cookie.v() + 1).json());
    }
}
