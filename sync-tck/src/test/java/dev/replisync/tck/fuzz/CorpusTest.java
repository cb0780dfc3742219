package dev.replisync.tck.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the fuzzer found worth keeping, once more: what was a fault then stays mended. */
class CorpusTest {
    private static final Path CORPUS = Path.of("src", "test", "fuzz");

    static List<Path> codec() throws IOException {
        return files("Codec");
    }

    static List<Path> endpoint() throws IOException {
        return files("Endpoint");
    }

    @ParameterizedTest
    @MethodSource
    void codec(Path input) throws IOException {
        Codec.fuzzerTestOneInput(Files.readAllBytes(input));
    }

    @ParameterizedTest
    @MethodSource
    void endpoint(Path input) throws IOException {
        Endpoint.fuzzerTestOneInput(Files.readAllBytes(input));
    }

    @Test
    void theChecksCanFail() {
        assertThatThrownBy(() -> Check.tellsNothing("com.fasterxml.jackson.core.JsonParseException: x"))
                .isInstanceOf(AssertionError.class);
        assertThatThrownBy(() -> Check.that(false, "what: ", "shown")).hasMessage("what: shown");
        assertThat(Check.escaped("a\ud83d\ude00\ud83d")).isEqualTo("a\ud83d\ude00\\ud83d");
        Check.tellsNothing("malformed push: id must be a number");
    }

    private static List<Path> files(String target) throws IOException {
        try (Stream<Path> files = Files.list(CORPUS.resolve(target))) {
            List<Path> all = files.sorted().toList();
            assertThat(all).hasSizeGreaterThan(5);
            return all;
        }
    }
}
