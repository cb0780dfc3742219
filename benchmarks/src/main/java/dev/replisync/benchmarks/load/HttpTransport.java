package dev.replisync.benchmarks.load;

import dev.replisync.benchmarks.lab.Transport;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

/** The way over HTTP, on connections that are kept. */
public final class HttpTransport implements Transport {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(PATIENCE)
            .build();
    private final URI server;

    /** The way to a server. */
    public HttpTransport(URI server) {
        this.server = server;
    }

    @Override
    public byte[] push(String user, String space, byte[] body) throws IOException, InterruptedException {
        return post("push", user, space, body);
    }

    @Override
    public byte[] pull(String user, String space, byte[] body) throws IOException, InterruptedException {
        return post("pull", user, space, body);
    }

    private byte[] post(String endpoint, String user, String space, byte[] body)
            throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create(server + "/api/replicache/" + endpoint + "?space=" + space))
                .header("Authorization", "Bearer " + user)
                .header("Content-Type", "application/json")
                .timeout(PATIENCE)
                .POST(BodyPublishers.ofByteArray(body))
                .build();
        HttpResponse<byte[]> response = http.send(request, BodyHandlers.ofByteArray());
        if (response.statusCode() != 200) {
            throw new IOException("a " + endpoint + " was answered with " + response.statusCode());
        }
        return response.body();
    }

    /** {@return the server-sent events of a space, from now on} */
    InputStream pokes(String user, String space) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(server + "/api/replicache/poke?space=" + space))
                .header("Authorization", "Bearer " + user)
                .build();
        HttpResponse<InputStream> response = http.send(request, BodyHandlers.ofInputStream());
        if (response.statusCode() != 200) {
            throw new IOException("listening for pokes was answered with " + response.statusCode());
        }
        return response.body();
    }
}
