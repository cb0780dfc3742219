package dev.replisync.proofs;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;

/** The way from clients to a server, wherever that is now. Safe for use by several threads. */
final class Way {
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final IntSupplier port;
    private final AtomicInteger refused = new AtomicInteger();

    Way(IntSupplier port) {
        this.port = port;
    }

    /** What came back; status 0 if nothing did. */
    record Answer(int status, String body) {}

    /** How many requests were answered with 503. */
    int refused() {
        return refused.get();
    }

    Answer post(String path, String space, String body) {
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + port.getAsInt() + path + "?" + space))
                .header("Authorization", "Bearer ann")
                .timeout(Duration.ofSeconds(20))
                .POST(BodyPublishers.ofString(body))
                .build();
        try {
            HttpResponse<String> response = http.send(request, BodyHandlers.ofString());
            if (response.statusCode() == 503) {
                refused.incrementAndGet();
            }
            return new Answer(response.statusCode(), response.body());
        } catch (IOException e) {
            return new Answer(0, e.toString());
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
