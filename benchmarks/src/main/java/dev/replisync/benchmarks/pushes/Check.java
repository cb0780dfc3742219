package dev.replisync.benchmarks.pushes;

import com.fasterxml.jackson.databind.JsonNode;
import dev.replisync.benchmarks.lab.Client;
import java.util.List;

/** That what was measured was also right: views are equal and nothing that was acknowledged is lost or done twice. */
final class Check {
    private Check() {}

    /**
     * Checks.
     *
     * @param writers the clients that pushed, each an item of its own whose {@code sort} counts its pushes
     * @param keys the items' keys, one for each writer
     * @param before each item's {@code sort} before
     * @param observer a client that pulled before all pushes
     * @param fresh a client of the same space that has not pulled
     * @throws IllegalStateException if something is lost
     */
    static void nothingIsLost(List<Client> writers, List<String> keys, List<Long> before, Client observer, Client fresh)
            throws Exception {
        fresh.pull();
        observer.pull();
        if (!observer.view().equals(fresh.view())) {
            throw new IllegalStateException(
                    "the view of a client that pulled before the pushes is not that of a new one");
        }
        for (int i = 0; i < writers.size(); i++) {
            Client writer = writers.get(i);
            writer.pull();
            if (writer.confirmed() != writer.acknowledged()) {
                throw new IllegalStateException("writer " + i + ": " + writer.acknowledged()
                        + " mutations were acknowledged, but pulls confirm " + writer.confirmed());
            }
            long done = sort(writer, keys.get(i)) - before.get(i);
            if (done != writer.acknowledged()) {
                throw new IllegalStateException("writer " + i + ": " + writer.acknowledged()
                        + " mutations were acknowledged, but their item saw " + done);
            }
        }
    }

    static long sort(Client client, String key) {
        JsonNode item = client.view().get(key);
        if (item == null) {
            throw new IllegalStateException(
                    key + " is missing in a view of " + client.view().size());
        }
        return item.get("sort").longValue();
    }
}
