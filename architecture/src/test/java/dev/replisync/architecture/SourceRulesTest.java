package dev.replisync.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What can be read off the files alone, in all modules, the examples too. */
class SourceRulesTest {

    private static final int MOST_LINES = 400;

    /** As in examples/todo/src/main/java. */
    private static final int DEEPEST_MODULE = 5;

    @Test
    void aFileHoldsOneIdea() throws IOException {
        List<Path> files = productionSources();

        assertThat(files).hasSizeGreaterThan(PublishedModule.all().size());
        assertThat(files)
                .allSatisfy(
                        file -> assertThat(PublishedModule.read(file).lines().count())
                                .as("lines of %s", PublishedModule.ROOT.relativize(file))
                                .isLessThanOrEqualTo(MOST_LINES));
    }

    private static List<Path> productionSources() throws IOException {
        List<Path> sources = new ArrayList<>();
        try (Stream<Path> folders = Files.find(
                PublishedModule.ROOT,
                DEEPEST_MODULE,
                (folder, is) -> folder.endsWith(Path.of("src", "main", "java")))) {
            for (Path folder : folders.toList()) {
                try (Stream<Path> files = Files.walk(folder)) {
                    files.filter(file -> file.toString().endsWith(".java")).forEach(sources::add);
                }
            }
        }
        return sources;
    }
}
