package dev.replisync.example.todo;

import dev.replisync.error.ConfigurationException;
import java.util.List;

/** Starts the server from the command line. */
final class Main {
    private static final int WRONG_ARGUMENTS = 2;

    private Main() {}

    public static void main(String[] args) throws Exception {
        if (List.of(args).contains("--help")) {
            System.out.print(Arguments.usage());
            return;
        }
        try {
            Arguments arguments = Arguments.parse(args);
            TodoServer server = TodoServer.start(arguments);
            Runtime.getRuntime().addShutdownHook(new Thread(server::close, "stop"));
            System.out.printf(
                    "listening on http://127.0.0.1:%s/ (strategy %s, database %s)%n",
                    Integer.toString(server.port()), arguments.strategy(), server.database());
        } catch (Arguments.Wrong | ConfigurationException e) {
            System.err.println(e.getMessage());
            System.exit(WRONG_ARGUMENTS);
        }
    }
}
