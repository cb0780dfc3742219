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
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Runs what the command line asks for and writes the tables, in Markdown. */
public final class Benchmarks {
    private static final Set<String> PARTS = Set.of("start", "pulls", "pushes", "load", "first", "fanout");

    /** Of these a share can be asked for by a part of its name. */
    private static final Set<String> SHARED = Set.of("pulls", "pushes", "load", "fanout");

    /** Writes per second, of which all others hear. */
    private static final int PACE = 120;

    private Benchmarks() {}

    /** {@code quick|full file [part …]}; without parts all of them. {@code pulls=some name} is a share of the part. */
    public static void main(String[] args) throws Exception {
        if (args.length < 2 || !List.of("quick", "full").contains(args[0])) {
            Progress.say("usage: quick|full file [part …], each part one of " + new TreeSet<>(PARTS) + ", or of "
                    + new TreeSet<>(SHARED) + " with =, and what the name of a server has in it");
            System.exit(2);
        }
        boolean full = args[0].equals("full");
        Map<String, String> parts = parts(Arrays.asList(args).subList(2, args.length));
        try (Postgres postgres = Postgres.start()) {
            double load = Machine.load();
            List<Report> reports = new ArrayList<>();
            if (parts.containsKey("start")) {
                reports.add(ColdStart.measure(full ? 20 : 5));
            }
            if (parts.containsKey("pulls")) {
                int[] sizes = full ? new int[] {1_000, 10_000, 100_000} : new int[] {1_000, 10_000};
                reports.add(PullCosts.measure(postgres, full, full ? 200 : 20, parts.get("pulls"), sizes));
            }
            if (parts.containsKey("first")) {
                reports.add(FirstPull.measure(postgres, full));
            }
            if (parts.containsKey("fanout")) {
                reports.add(fanout(postgres, full, parts.get("fanout")));
            }
            // Long enough that each of 40 connections has run its statements five times, from when on they are
            // prepared, and that the server's code is compiled.
            Duration warmUp = Duration.ofMillis(full ? 4_000 : 2_000);
            Duration time = Duration.ofMillis(full ? 8_000 : 1_500);
            int[] writers = full ? new int[] {1, 8, 32} : new int[] {32};
            try (Pushes pushes = new Pushes(postgres, warmUp, time, full ? 500 : 100)) {
                if (parts.containsKey("pushes")) {
                    InProcess.measure(pushes, full, parts.get("pushes"), writers);
                }
                if (parts.containsKey("load")) {
                    PushLoad.measure(pushes, full, parts.get("load"), writers);
                }
                reports.addAll(pushes.reports());
            }
            write(Path.of(args[1]), postgres, load, reports);
        }
    }

    /** What is asked for, and which share of it: an empty name for all. */
    private static Map<String, String> parts(List<String> args) {
        Map<String, String> parts = new TreeMap<>();
        for (String arg : args.isEmpty() ? PARTS : args) {
            String[] part = arg.split("=", 2);
            if (!PARTS.contains(part[0]) || (part.length == 2 && !SHARED.contains(part[0]))) {
                throw new IllegalArgumentException("there is no part " + arg + ", but " + new TreeSet<>(PARTS));
            }
            parts.put(part[0], part.length == 2 ? part[1] : "");
        }
        return parts;
    }

    private static Report fanout(Postgres postgres, boolean full, String share) throws Exception {
        Duration warmUp = Duration.ofSeconds(full ? 15 : 3);
        Duration time = Duration.ofSeconds(Long.getLong("benchmarks.fanout.seconds", full ? 30 : 4));
        return full
                ? Fanout.measure(postgres, warmUp, time, share, PACE, 0)
                : Fanout.measure(postgres, warmUp, time, share, 0);
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
