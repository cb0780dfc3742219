package dev.replisync.benchmarks.load;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The example as its users start it: {@code java -jar todo.jar}, a process of its own. */
public final class TodoServer implements AutoCloseable {
    private static final Pattern LISTENING = Pattern.compile("listening on (http://[^ ]+)/ .*");

    private static final Pattern HEAP_IN_USE = Pattern.compile("used (\\d+)K");

    private final Process process;
    private final URI address;

    private TodoServer(Process process, URI address) {
        this.process = process;
        this.address = address;
    }

    /**
     * Starts it on a free port.
     *
     * @param jvm options for the JVM
     * @param arguments for the example, beside the port
     * @return the server, ready to serve
     * @throws IOException if it ends before it is ready
     */
    public static TodoServer start(List<String> jvm, List<String> arguments) throws IOException {
        Path jar = Path.of(System.getProperty("benchmarks.todo", "examples/todo/target/todo.jar"));
        if (!Files.exists(jar)) {
            throw new IOException(jar + " is missing; benchmarks/run builds it");
        }
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(jvm);
        command.addAll(List.of("-jar", jar.toString(), "--port", "0"));
        command.addAll(arguments);
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroy));
        try {
            return new TodoServer(process, address(process));
        } catch (IOException | RuntimeException e) {
            process.destroyForcibly();
            throw e;
        }
    }

    private static URI address(Process process) throws IOException {
        BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            Matcher listening = LISTENING.matcher(line);
            if (listening.matches()) {
                return URI.create(listening.group(1));
            }
        }
        throw new IOException("the example ended before it was ready");
    }

    /** {@return where it listens, without a slash at the end} */
    public URI address() {
        return address;
    }

    /** {@return its process} */
    ProcessHandle process() {
        return process.toHandle();
    }

    /** {@return how many bytes of its heap are in use once all that is garbage is gone} */
    long heapInUse() throws IOException, InterruptedException {
        jcmd("GC.run");
        Matcher used = HEAP_IN_USE.matcher(jcmd("GC.heap_info"));
        if (!used.find()) {
            throw new IOException("the JVM does not say how much of its heap is in use");
        }
        return Long.parseLong(used.group(1)) << 10;
    }

    private String jcmd(String command) throws IOException, InterruptedException {
        Process jcmd = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                        Long.toString(process.pid()),
                        command)
                .redirectErrorStream(true)
                .start();
        String answer = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (jcmd.waitFor() != 0) {
            throw new IOException(command + " was answered with " + answer);
        }
        return answer;
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IllegalStateException("the example did not stop within 20 s");
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new UncheckedIOException(new IOException(e));
        }
    }
}
