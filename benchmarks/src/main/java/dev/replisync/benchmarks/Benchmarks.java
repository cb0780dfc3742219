package dev.replisync.benchmarks;

import dev.replisync.benchmarks.lab.Machine;
import dev.replisync.benchmarks.lab.Postgres;
import dev.replisync.benchmarks.lab.Progress;
import dev.replisync.benchmarks.lab.Report;
import dev.replisync.benchmarks.load.ColdStart;
import dev.replisync.benchmarks.load.Fanout;
import dev.replisync.benchmarks.load.FirstPull;
import dev.replisync.benchmarks.load.PushLoad;
import dev.replisync.benchmarks.pulls.PullCosts;
import dev.replisync.benchmarks.pushes.InProcess;
import dev.replisync.benchmarks.pushes.Pushes;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Runs what the command line asks for and writes the tables, in Markdown. */
public final class Benchmarks {
    private static final Set<String> PARTS = Set.of("start", "pulls", "pushes", "load", "first", "fanout");

    private static final String SHARE_OF_PULLS = "pulls=";

    private static final int MOST_PULLS = 200;

    /** Writes per second, of which all others hear. */
    private static final int PACE = 120;

    private Benchmarks() {}

    /** {@code quick|full file [part …]}; without parts all of them. The part {@code pulls=some name} is a share of pulls. */
    public static void main(String[] args) throws Exception {
        if (args.length < 2 || !List.of("quick", "full").contains(args[0])) {
            Progress.say("usage: quick|full file [part …], each part one of " + new TreeSet<>(PARTS));
            System.exit(2);
        }
        boolean full = args[0].equals("full");
        Set<String> parts =
                args.length == 2 ? PARTS : Set.copyOf(Arrays.asList(args).subList(2, args.length));
        try (Postgres postgres = Postgres.start()) {
            double load = Machine.load();
            List<Report> reports = new ArrayList<>();
            if (parts.contains("start")) {
                reports.add(ColdStart.measure(full ? 20 : 5));
            }
            int[] sizes = full ? new int[] {1_000, 10_000, 100_000} : new int[] {1_000, 10_000};
            for (String part : parts) {
                if (part.equals("pulls") || part.startsWith(SHARE_OF_PULLS)) {
                    String name = part.equals("pulls") ? "" : part.substring(SHARE_OF_PULLS.length());
                    reports.add(PullCosts.measure(postgres, MOST_PULLS, name, sizes));
                }
            }
            if (parts.contains("first")) {
                reports.add(FirstPull.measure(postgres, full));
            }
            if (parts.contains("fanout")) {
                reports.add(fanout(postgres, full));
            }
            // Long enough that each of 40 connections has run its statements five times, from when on they are
            // prepared.
            Duration warmUp = Duration.ofMillis(full ? 5_000 : 2_000);
            Duration time = Duration.ofMillis(full ? 20_000 : 1_500);
            int[] writers = full ? new int[] {1, 8, 32} : new int[] {1, 32};
            try (Pushes pushes = new Pushes(postgres, warmUp, time, full ? 500 : 100)) {
                if (parts.contains("pushes")) {
                    InProcess.measure(pushes, full ? writers : new int[] {32});
                }
                if (parts.contains("load")) {
                    PushLoad.measure(pushes, writers);
                }
                reports.addAll(pushes.reports());
            }
            write(Path.of(args[1]), postgres, load, reports);
        }
    }

    private static Report fanout(Postgres postgres, boolean full) throws Exception {
        Duration warmUp = Duration.ofSeconds(full ? 20 : 5);
        Duration time = Duration.ofSeconds(Long.getLong("benchmarks.fanout.seconds", full ? 60 : 5));
        return full ? Fanout.measure(postgres, warmUp, time, PACE, 0) : Fanout.measure(postgres, warmUp, time, PACE);
    }

    private static void write(Path file, Postgres postgres, double loadBefore, List<Report> reports) throws Exception {
        StringBuilder text = new StringBuilder();
        text.append("Measured on ")
                .append(LocalDate.now(ZoneOffset.UTC))
                .append(": ")
                .append(Machine.describe());
        text.append(", PostgreSQL ").append(postgres.version());
        text.append(". Load average of the machine before: ")
                .append(Report.number(loadBefore))
                .append(".\n\n");
        reports.stream().filter(report -> !report.isEmpty()).forEach(report -> text.append(report.markdown()));
        Files.writeString(file, text, StandardCharsets.UTF_8);
    }
}
