package dev.replisync.benchmarks.load;

import dev.replisync.benchmarks.lab.Postgres;
import java.time.Duration;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** How long server, database and load generator have been busy on all cores together. */
record Usage(Duration server, Duration database, Duration load, long nanos) {

    /** {@return how long they have been up to now} */
    static Usage now(ProcessHandle server, Postgres postgres) {
        Duration database = postgres.processes().map(Usage::busy).reduce(Duration.ZERO, Duration::plus);
        return new Usage(busy(server), database, busy(ProcessHandle.current()), System.nanoTime());
    }

    private static Duration busy(ProcessHandle process) {
        return process.info().totalCpuDuration().orElse(Duration.ZERO);
    }

    /** {@return how many cores server, database and load generator kept busy since} */
    String coresSince(Usage before) {
        double nanosPassed = nanos - before.nanos;
        return Stream.of(server.minus(before.server), database.minus(before.database), load.minus(before.load))
                .map(used -> String.format(Locale.ROOT, "%.2f", used.toNanos() / nanosPassed))
                .collect(Collectors.joining(" + "));
    }
}
