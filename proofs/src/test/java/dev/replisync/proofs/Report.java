package dev.replisync.proofs;

import dev.replisync.proofs.history.Verdict;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What the experiments showed: a file for each in {@code target/proofs}. */
final class Report {
    private static final Path DIRECTORY = Path.of("target", "proofs");

    /** By experiment. */
    private static final Map<String, List<String>> ROWS = new HashMap<>();

    private Report() {}

    /** Notes what an experiment showed. */
    static synchronized void add(String experiment, Setup setup, int faults, Verdict verdict) {
        String row = String.format(
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
                verdict.diverged());
        List<String> rows = ROWS.computeIfAbsent(
                experiment,
                first -> new ArrayList<>(List.of(
                        "| experiment | setup | faults | mutations | acknowledged | no answer or 503 | pulls judged | lost"
                                + " | doubled | diverged |",
                        "|---|---|---:|---:|---:|---:|---:|---:|---:|---:|")));
        rows.add(row);
        try {
            Files.createDirectories(DIRECTORY);
            Files.write(DIRECTORY.resolve(experiment.replaceAll("[^A-Za-z0-9]+", "-") + ".md"), rows);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        System.out.println(row);
    }
}
