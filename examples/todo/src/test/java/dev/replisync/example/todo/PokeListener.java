package dev.replisync.example.todo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Listens to an event stream. Once it is made, no poke is missed. */
final class PokeListener implements AutoCloseable {
    private static final int MOST_HEARTBEATS = 2_000;

    private final BufferedReader lines;
    private int pokes;

    PokeListener(Client client, String query) {
        HttpResponse<InputStream> response =
                Client.send(client.request("/api/replicache/poke" + query).build(), BodyHandlers.ofInputStream());
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type")).contains("text/event-stream;charset=utf-8");
        assertThat(response.headers().firstValue("Content-Encoding")).isEmpty();
        lines = new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));
        assertThat(event()).containsExactly(":");
    }

    /** The lines of the next event, a heartbeat or a poke. */
    List<String> event() {
        try {
            List<String> event = new ArrayList<>();
            for (String line = lines.readLine(); line != null && !line.isEmpty(); line = lines.readLine()) {
                event.add(line);
            }
            if (event.contains("event: poke")) {
                pokes++;
            }
            return event;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads until a poke. */
    void awaitPoke() {
        List<String> event = event();
        for (int heartbeats = 0; heartbeats < MOST_HEARTBEATS && event.equals(List.of(":")); heartbeats++) {
            event = event();
        }
        assertThat(event).containsExactly("event: poke", "data: {}");
    }

    /** How many pokes were read. */
    int pokes() {
        return pokes;
    }

    /** What is left of a stream that ends. */
    List<String> rest() {
        List<String> left = new ArrayList<>();
        try {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                left.add(line);
            }
        } catch (IOException e) {
            // Cut off: an end as good as any for a client that connects again.
        }
        return left;
    }

    @Override
    public void close() {
        try {
            lines.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
