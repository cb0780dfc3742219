package dev.replisync.proofs;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A process that runs {@link ProofServer}. */
final class ServerProcess implements AutoCloseable {
    private static final String LISTENING = "listening on ";

    private final Process process;
    private final Path log;
    private final int port;

    private ServerProcess(Process process, Path log, int port) {
        this.process = process;
        this.log = log;
        this.port = port;
    }

    /** Starts one and waits until it listens. */
    static ServerProcess start(Setup setup, String url, String user, String... more) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Dsun.net.httpserver.nodelay=true",
                "-Dlogback.configurationFile=" + System.getProperty("logback.configurationFile"),
                "-Dtests.log-level=" + System.getProperty("tests.log-level", "WARN"),
                "-cp",
                System.getProperty("java.class.path"),
                ProofServer.class.getName(),
                "url=" + url,
                "user=" + user,
                "pool=10",
                "poolMillis=1000",
                "garbageMillis=400"));
        Stream.concat(setup.arguments().stream(), Stream.of(more)).forEach(command::add);
        try {
            Path log = Files.createTempFile("proof-server", ".log");
            Process process =
                    new ProcessBuilder(command).redirectError(log.toFile()).start();
            Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
            BufferedReader out = process.inputReader();
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                if (line.startsWith(LISTENING)) {
                    drain(out);
                    return new ServerProcess(process, log, Integer.parseInt(line.substring(LISTENING.length())));
                }
            }
            throw new IllegalStateException("the server did not start:\n" + Files.readString(log));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What the server logs is not of interest, and must not stop it. */
    private static void drain(BufferedReader out) {
        Thread thread = new Thread(() -> out.lines().forEach(line -> {}), "drain");
        thread.setDaemon(true);
        thread.start();
    }

    int port() {
        return port;
    }

    /** As {@code kill -9} does. */
    void kill() {
        process.toHandle().destroyForcibly();
        try {
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                throw new IllegalStateException("the server is still there 30 seconds after kill -9");
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        kill();
        try {
            Files.delete(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
