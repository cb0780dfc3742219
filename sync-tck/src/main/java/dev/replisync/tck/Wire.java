package dev.replisync.tck;

import dev.replisync.SyncEndpoint;
import dev.replisync.SyncResponse;
import dev.replisync.SyncServer;
import dev.replisync.protocol.Caller;
import java.io.InputStream;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The way from a client to a server and back. The kit's own calls the endpoint; a web adapter's test puts its HTTP in
 * between. Safe for use by several threads.
 */
public interface Wire {

    /**
     * Sends a push.
     *
     * @param call what to send
     * @return what came back
     */
    Answer push(Call call);

    /**
     * Sends a pull.
     *
     * @param call what to send
     * @return what came back
     */
    Answer pull(Call call);

    /**
     * Listens for pokes.
     *
     * @param user the user who listens
     * @param space the space asked for
     * @param onPoke called after each poke
     * @return ends the subscription when it is closed
     */
    AutoCloseable listen(String user, String space, Runnable onPoke);

    /**
     * A request.
     *
     * @param method the HTTP method
     * @param user the bearer token, which is the user's id; null for no Authorization header at all
     * @param space the space asked for
     * @param body gives the body, each time anew
     */
    record Call(String method, @Nullable String user, String space, Supplier<InputStream> body) {}

    /**
     * A response.
     *
     * @param status the HTTP status
     * @param headers its headers, under the names that the server gave them
     * @param body its body, decoded from UTF-8
     */
    record Answer(int status, Map<String, String> headers, String body) {
        /** Copies the headers. */
        public Answer {
            headers = Map.copyOf(headers);
        }
    }

    /**
     * Calls a server without any network.
     *
     * @param server the server
     * @param endpoint its endpoints
     * @return the wire
     */
    static Wire to(SyncServer<?> server, SyncEndpoint endpoint) {
        return new Wire() {
            @Override
            public Answer push(Call call) {
                return answer(endpoint.push(request(call)));
            }

            @Override
            public Answer pull(Call call) {
                return answer(endpoint.pull(request(call)));
            }

            @Override
            public AutoCloseable listen(String user, String space, Runnable onPoke) {
                return server.pokes(Caller.of(user, space), onPoke);
            }

            private Answer answer(SyncResponse response) {
                return new Answer(response.status(), response.headers(), response.text());
            }

            private SyncEndpoint.Request request(Call call) {
                return new SyncEndpoint.Request(
                        call.method(),
                        call.space(),
                        name -> header(call, name),
                        call.body().get());
            }
        };
    }

    private static @Nullable String header(Call call, String name) {
        if (name.equalsIgnoreCase("Authorization")) {
            // The real client sends the header empty where it has no token.
            return call.user() == null ? "" : "Bearer " + call.user();
        }
        return name.equalsIgnoreCase("X-Replicache-RequestID") ? "kit-1-1" : null;
    }
}
