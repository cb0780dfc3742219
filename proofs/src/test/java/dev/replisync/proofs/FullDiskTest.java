package dev.replisync.proofs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.replisync.proofs.history.Verdict;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** PostgreSQL's disk is full: writes fail and are answered with 503, and go on when there is space again. */
@Tag("long")
@Timeout(300)
class FullDiskTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    private static Path directory;

    private static boolean mounted;
    private static Postgres postgres;

    @BeforeAll
    static void mount() throws Exception {
        mounted = run("mount", "-t", "tmpfs", "-o", "size=300m", "proofs", directory.toString());
        assumeTrue(mounted, "no disk can be filled here: mounting a tmpfs takes root on Linux");
        postgres = Postgres.start(Files.createDirectory(directory.resolve("data")));
    }

    @AfterAll
    static void unmount() throws Exception {
        if (postgres != null) {
            postgres.close();
        }
        if (mounted) {
            run("umount", "--lazy", directory.toString());
        }
    }

    private static boolean run(String... command) throws InterruptedException {
        try {
            return new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        }
    }

    @ParameterizedTest
    @MethodSource("dev.replisync.proofs.Setup#some")
    void theDiskIsFullAndThenItIsNot(Setup setup) throws Exception {
        try (Experiment experiment = Experiment.on(postgres, "disk full", setup)) {
            Way way = experiment.way();
            Verdict verdict = experiment.run(way, random -> {
                Path ballast = directory.resolve("ballast");
                int before = way.refused();
                fill(ballast);
                Experiment.await("a write that fails on a full disk", () -> way.refused() > before + 5);
                Files.delete(ballast);
                if (!postgres.isRunning()) {
                    postgres.restart();
                }
                postgres.await(PATIENCE);
                return 1;
            });
            assertThat(verdict.unanswered())
                    .as("requests that could not be done")
                    .isGreaterThan(10);
        }
    }

    private static void fill(Path ballast) throws IOException {
        byte[] block = new byte[4096];
        try (OutputStream out = Files.newOutputStream(ballast)) {
            while (true) {
                out.write(block);
            }
        } catch (IOException e) {
            assertThat(Files.size(ballast)).as("the disk took " + e).isPositive();
        }
    }
}
