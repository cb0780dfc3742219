package dev.replisync.architecture;

import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The public API of each module stands in {@code api/<module>.txt}, so that a review sees its changes as a diff.
 * {@code -Dapi.update} writes the files anew.
 */
class PublicApiTest {

    private static final Path FOLDER = PublishedModule.ROOT.resolve("api");
    private static final boolean UPDATE = System.getProperty("api.update") != null;

    static List<PublishedModule> modules() {
        return PublishedModule.all();
    }

    @ParameterizedTest
    @MethodSource("modules")
    void isTheOneInTheFile(PublishedModule module) throws IOException {
        String api = ApiText.of(module);
        Path file = FOLDER.resolve(module.name() + ".txt");
        if (UPDATE) {
            Files.createDirectories(FOLDER);
            Files.writeString(file, api);
        }

        assertThat(api)
                .as(
                        "public API of %s; if the change is meant:"
                                + " mvn -B test -pl architecture -am -Dtest=PublicApiTest -Dapi.update,"
                                + " then review api/%s.txt",
                        module.name(), module.name())
                .isEqualTo(Files.exists(file) ? PublishedModule.read(file) : "");
    }

    @Test
    void everyFileHasItsModule() throws IOException {
        Set<String> names = modules().stream().map(PublishedModule::name).collect(toSet());
        try (Stream<Path> files = Files.list(FOLDER)) {
            assertThat(files.map(file -> file.getFileName().toString().replace(".txt", "")))
                    .isSubsetOf(names);
        }
    }
}
