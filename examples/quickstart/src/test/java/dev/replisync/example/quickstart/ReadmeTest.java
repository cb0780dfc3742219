package dev.replisync.example.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Each Java sample in the documents is a tagged region of a file that a test runs: the sample stands below a comment that
 * names file and region, and says the same.
 */
class ReadmeTest {
    private static final Path ROOT = root();
    private static final Pattern SAMPLE =
            Pattern.compile("(?:<!-- sample: (\\S+)#(\\S+) -->\\n)?```java\\n(.*?)```", Pattern.DOTALL);

    @Test
    void everyJavaSampleIsARegionOfCodeThatRuns() {
        Map<String, String> wrong = new TreeMap<>();
        int samples = 0;
        for (Path document : documents()) {
            Matcher matcher = SAMPLE.matcher(read(document));
            while (matcher.find()) {
                samples++;
                String name = ROOT.relativize(document) + ": "
                        + matcher.group(3).lines().findFirst().orElse("");
                if (matcher.group(1) == null) {
                    wrong.put(name, "names no file and region");
                } else if (!region(matcher.group(1), matcher.group(2)).equals(matcher.group(3))) {
                    wrong.put(name, "differs from " + matcher.group(1) + "#" + matcher.group(2));
                }
            }
        }
        assertThat(wrong).isEmpty();
        assertThat(samples).isGreaterThanOrEqualTo(4);
    }

    @Test
    void theQuickstartHasLessThan80Lines() {
        assertThat(read(ROOT.resolve("examples/quickstart/src/main/java")
                                .resolve(ShoppingList.class.getName().replace('.', '/') + ".java"))
                        .lines())
                .hasSizeLessThan(80);
    }

    @Test
    void theReadmeHasLessThan300Lines() {
        assertThat(read(ROOT.resolve("README.md")).lines()).hasSizeLessThan(300);
    }

    private static List<Path> documents() {
        List<Path> documents =
                new ArrayList<>(List.of(ROOT.resolve("README.md"), ROOT.resolve("examples/custom-storage/README.md")));
        try (Stream<Path> files = Files.list(ROOT.resolve("docs"))) {
            files.filter(file -> file.toString().endsWith(".md")).sorted().forEach(documents::add);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return documents;
    }

    /** The lines between the tags, without the indentation that they share. */
    private static String region(String file, String name) {
        List<String> lines = read(ROOT.resolve(file)).lines().toList();
        int start = lines.stream().map(String::strip).toList().indexOf("// tag::" + name + "[]");
        int end = lines.stream().map(String::strip).toList().indexOf("// end::" + name + "[]");
        assertThat(start).as("tag %s in %s", name, file).isNotNegative().isLessThan(end);
        return String.join("\n", lines.subList(start + 1, end)).stripTrailing().stripIndent() + "\n";
    }

    private static String read(Path file) {
        try {
            return Files.readString(file).replace("\r\n", "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path root() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.exists(folder.resolve("sync-bom"))) {
            folder = folder.getParent();
        }
        return folder;
    }
}
