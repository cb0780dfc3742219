package dev.replisync.example.todo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The server as a process of its own, started as from the command line. */
final class ServerProcess implements AutoCloseable {
    private static final Pattern LISTENING =
            Pattern.compile("listening on http://127\\.0\\.0\\.1:(\\d+)/ \\(strategy \\S+, database .+\\)");

    private final Process process;
    private final BufferedReader out;
    private final Path err;

    ServerProcess(String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Duser.language=tr",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        command.addAll(List.of(arguments));
        try {
            err = Files.createTempFile("todo-server", ".err");
            process = new ProcessBuilder(command).redirectError(err.toFile()).start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        out = process.inputReader();
    }

    /** Waits until the server says that it listens. */
    int port() {
        String line = line();
        Matcher matcher = LISTENING.matcher(line);
        assertThat(matcher.matches())
                .as("'%s', and on standard error: %s", line, errors())
                .isTrue();
        return Integer.parseInt(matcher.group(1));
    }

    /** The next line of standard output, or "end". */
    String line() {
        try {
            String line = out.readLine();
            return line == null ? "end" : line;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String errors() {
        try {
            return Files.readString(err);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As {@code kill -9} does. */
    void kill() {
        process.toHandle().destroyForcibly(); // Process's own method closes the streams
        exit();
    }

    /** As {@code kill} does. */
    void terminate() {
        process.toHandle().destroy();
    }

    int exit() {
        try {
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).as("ended").isTrue();
            return process.exitValue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() throws IOException {
        kill();
        Files.delete(err);
    }
}
