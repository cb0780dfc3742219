package dev.replisync.benchmarks.load;

import dev.replisync.benchmarks.lab.Client;
import dev.replisync.benchmarks.lab.Progress;
import dev.replisync.benchmarks.lab.Report;
import java.util.Arrays;
import java.util.List;

/** How long it takes from {@code java -jar todo.jar} to the first pull's answer. */
public final class ColdStart {
    private ColdStart() {}

    /**
     * Measures.
     *
     * @param times how often
     * @return the table
     */
    public static Report measure(int times) throws Exception {
        Report report = new Report(
                "Start of the example on H2, to the answer of the first pull", "best s", "median s", "worst s");
        // What is loaded and compiled in this process is not the server's time.
        start();
        double[] seconds = new double[times];
        for (int i = 0; i < times; i++) {
            seconds[i] = start();
            Progress.say("start " + seconds[i]);
        }
        Arrays.sort(seconds);
        report.row(seconds[0], seconds[times / 2], seconds[times - 1]);
        return report;
    }

    private static double start() throws Exception {
        long start = System.nanoTime();
        try (TodoServer server = TodoServer.start(List.of(), List.of())) {
            new Client(new HttpTransport(server.address()), Todos.USER, "default").pull();
            return (System.nanoTime() - start) / 1e9;
        }
    }
}
