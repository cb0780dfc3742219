package dev.replisync.example.todo;

import dev.replisync.strategy.DiffStrategyProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.ServiceLoader;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What the command line says. */
record Arguments(
        int port,
        String strategy,
        String database,
        @Nullable String user,
        @Nullable String password,
        int pool,
        OptionalInt batch,
        boolean versionLast,
        boolean admin) {

    /** The command line is wrong; the message says what is allowed. */
    static final class Wrong extends Exception {
        private static final long serialVersionUID = 1L;

        Wrong(List<String> problems) {
            super(String.join("\n", problems) + "\n\n" + usage());
        }
    }

    static Arguments parse(String... args) throws Wrong {
        return new Parser().parse(args);
    }

    static String usage() {
        return """
                usage: java -jar todo.jar
                  --port N             from 0 to 65535; 0 picks a free port; default 8080
                  --strategy NAME      one of: %s; default global
                  --database WHERE     h2 | h2:<file> | embedded-postgres | jdbc:postgresql://…; default h2, in memory
                  --db-user NAME       the database's user
                  --db-password TEXT   and password
                  --pool N             connections to the database, at least 1; default 10, with h2:<file> 1
                  --batch N            mutations that share a transaction, at least 1; default as the SDK
                  --version WHEN       first | last: when a push takes the version; default first
                  --admin              serve /admin/wipe and /admin/purge, to anybody
                  --help               print this
                """.formatted(String.join(", ", strategies()));
    }

    private static SortedSet<String> strategies() {
        TreeSet<String> ids = new TreeSet<>();
        ServiceLoader.load(DiffStrategyProvider.class).forEach(provider -> ids.add(provider.id()));
        return ids;
    }

    private static final class Parser {
        private final List<String> problems = new ArrayList<>();
        private int port = 8080;
        private String strategy = "global";
        private String database = "h2";
        private @Nullable String user;
        private @Nullable String password;
        private OptionalInt pool = OptionalInt.empty();
        private OptionalInt batch = OptionalInt.empty();
        private boolean versionLast;
        private boolean admin;

        Arguments parse(String... args) throws Wrong {
            for (int i = 0; i < args.length; i++) {
                if (args[i].equals("--admin")) {
                    admin = true;
                } else if (i + 1 < args.length) {
                    take(args[i], args[++i]);
                } else {
                    problems.add(args[i] + " is not an argument or lacks its value");
                }
            }
            if (database.equals("embedded-postgres") && (user != null || password != null)) {
                problems.add("--db-user and --db-password do not go with --database embedded-postgres");
            }
            if (!problems.isEmpty()) {
                throw new Wrong(problems);
            }
            // Of several connections to H2's file a part of a transaction may stay when the process is killed.
            int connections = pool.orElse(database.startsWith("h2:") ? 1 : 10);
            return new Arguments(port, strategy, database, user, password, connections, batch, versionLast, admin);
        }

        private void take(String name, String value) {
            switch (name) {
                case "--port" -> port = number(name, value, 0, 65_535);
                case "--strategy" -> strategy = oneOf(name, value, strategies());
                case "--database" -> database = database(value);
                case "--db-user" -> user = value;
                case "--db-password" -> password = value;
                case "--pool" -> pool = OptionalInt.of(number(name, value, 1, 10_000));
                case "--batch" -> batch = OptionalInt.of(number(name, value, 1, Integer.MAX_VALUE));
                case "--version" ->
                    versionLast = oneOf(name, value, new TreeSet<>(List.of("first", "last")))
                            .equals("last");
                default -> problems.add(name + " is not an argument");
            }
        }

        private int number(String name, String value, int least, int most) {
            try {
                int number = Integer.parseInt(value);
                if (number >= least && number <= most) {
                    return number;
                }
            } catch (NumberFormatException e) {
                // said below
            }
            problems.add(name + " was '" + value + "' but it must be a number from " + least + " to " + most);
            return least;
        }

        private String oneOf(String name, String value, SortedSet<String> allowed) {
            if (!allowed.contains(value)) {
                problems.add(name + " was '" + value + "' but it must be one of: " + String.join(", ", allowed));
            }
            return value;
        }

        private String database(String value) {
            boolean known = value.equals("h2")
                    || (value.startsWith("h2:") && value.length() > 3)
                    || value.equals("embedded-postgres")
                    || value.startsWith("jdbc:postgresql:");
            if (!known) {
                problems.add("--database was '" + value
                        + "' but it must be h2, h2:<file>, embedded-postgres or jdbc:postgresql://…");
            }
            return value;
        }
    }
}
