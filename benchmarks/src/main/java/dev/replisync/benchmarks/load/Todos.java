package dev.replisync.benchmarks.load;

import dev.replisync.benchmarks.lab.Client;
import dev.replisync.benchmarks.lab.Transport;
import java.util.StringJoiner;

/** What clients of the example do here. */
final class Todos {
    static final String USER = "u";
    private static final int AT_ONCE = 2_000;

    private Todos() {}

    /** {@return the id of a todo} */
    static String id(String space, int number) {
        return space + "-" + number;
    }

    /** Fills a space with todos of about 180 bytes, the first with {@code number} 0. */
    static void fill(Transport server, String space, int todos) throws Exception {
        Client client = new Client(server, USER, space);
        client.push("createList", "{\"id\":\"" + space + "\",\"name\":\"list\"}");
        for (int from = 0; from < todos; from += AT_ONCE) {
            StringJoiner rows = new StringJoiner(",", "[", "]");
            for (int i = from; i < Math.min(todos, from + AT_ONCE); i++) {
                rows.add("{\"id\":\"" + id(space, i) + "\",\"text\":\"" + "x".repeat(100)
                        + "\",\"completed\":false,\"sort\":0}");
            }
            client.push("importTodos", "{\"listID\":\"" + space + "\",\"todos\":" + rows + "}");
        }
        client.pull();
        if (client.view().size() < todos) {
            throw new IllegalStateException("a space was filled with " + todos + " todos, but a pull gives "
                    + client.view().size());
        }
    }
}
