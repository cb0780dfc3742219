package dev.replisync.tck;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * How the tests of rules ended, written when the run is over. Several processes may run tests of one build, so each adds
 * its own to what is there and takes the place of what its classes left before.
 */
final class RuleResults implements AutoCloseable {
    /** Configuration parameter of JUnit, or system property: the folder of the report, or {@code none}. */
    static final String FOLDER = "replisync.tck.report";

    private static final String NO_REPORT = "none";

    private final Queue<RuleResult> results = new ConcurrentLinkedQueue<>();
    private final Optional<Path> folder;

    private RuleResults(Optional<Path> folder) {
        this.folder = folder;
    }

    static RuleResults of(ExtensionContext context) {
        return of(context.getConfigurationParameter(FOLDER).orElseGet(RuleResults::byBuildTool));
    }

    /** Results for a folder. */
    static RuleResults of(String folder) {
        return new RuleResults(
                Optional.of(folder).filter(f -> !f.equals(NO_REPORT)).map(Path::of));
    }

    private static String byBuildTool() {
        boolean gradle = Files.isDirectory(Path.of("build")) && !Files.isDirectory(Path.of("target"));
        return gradle ? "build/sync-tck" : "target/sync-tck";
    }

    void add(RuleResult result) {
        results.add(result);
    }

    @Override
    public void close() throws IOException {
        if (folder.isPresent()) {
            write(folder.get(), results);
        }
    }

    // Within a process a file can be locked once only.
    private static synchronized void write(Path folder, Collection<RuleResult> results) throws IOException {
        Files.createDirectories(folder);
        try (FileChannel file = FileChannel.open(
                folder.resolve("results.tsv"),
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE)) {
            file.lock();
            List<RuleResult> all = merged(read(file), results);
            byte[] lines = all.stream()
                    .map(result -> result.line() + "\n")
                    .collect(Collectors.joining())
                    .getBytes(StandardCharsets.UTF_8);
            file.truncate(0);
            file.position(0);
            ByteBuffer rest = ByteBuffer.wrap(lines);
            while (rest.hasRemaining()) {
                file.write(rest);
            }
            Files.writeString(folder.resolve("rules.md"), RuleReport.of(all));
        }
    }

    private static List<RuleResult> read(FileChannel file) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(file.size()));
        while (bytes.hasRemaining() && file.read(bytes) >= 0) {
            // More may come.
        }
        String text = new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
        return text.lines().flatMap(line -> RuleResult.of(line).stream()).toList();
    }

    private static List<RuleResult> merged(List<RuleResult> before, Collection<RuleResult> now) {
        Set<String> ran = now.stream().map(RuleResult::type).collect(Collectors.toSet());
        List<RuleResult> all = new ArrayList<>(Stream.concat(
                        before.stream().filter(result -> !ran.contains(result.type())), now.stream())
                .toList());
        all.sort(Comparator.comparing(RuleResult::type).thenComparing(RuleResult::place));
        return all;
    }
}
