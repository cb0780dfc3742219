package dev.replisync.proofs;

import dev.replisync.proofs.history.Verdict;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What the experiments showed, in {@code target/proofs.md}. */
final class Report {
    private static final Path FILE = Path.of("target", "proofs.md");
    private static final List<String> ROWS = new ArrayList<>();

    private Report() {}

    /** Notes what an experiment showed. */
    static synchronized void add(String experiment, Setup setup, int faults, Verdict verdict) {
        ROWS.add(String.format(
                Locale.ROOT,
                "| %s | %s | %d | %d | %d | %d | %d | %d | %d | %d |",
                experiment,
                setup,
                faults,
                verdict.sent(),
                verdict.acknowledged(),
                verdict.unanswered(),
                verdict.pulls(),
                verdict.lost(),
                verdict.doubled(),
                verdict.diverged()));
        List<String> lines = new ArrayList<>(List.of(
                "| experiment | setup | faults | mutations | acknowledged | no answer or 503 | pulls judged | lost | doubled"
                        + " | diverged |",
                "|---|---|---:|---:|---:|---:|---:|---:|---:|---:|"));
        lines.addAll(ROWS);
        try {
            Files.createDirectories(FILE.getParent());
            Files.write(FILE, lines);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        System.out.println(ROWS.get(ROWS.size() - 1));
    }
}
