package dev.replisync;

import dev.replisync.error.RequestException;
import dev.replisync.protocol.Caller;
import java.io.InputStream;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The two endpoints without a web framework: maps method, headers and body to status, headers and body. An adapter
 * builds a {@link Request}, calls {@link #push} or {@link #pull}, and copies the response. Safe for use by several threads.
 */
public final class SyncEndpoint {
    private static final Logger LOG = LoggerFactory.getLogger(SyncEndpoint.class);

    private final SyncServer<?> server;
    private final Authenticator authenticator;

    SyncEndpoint(SyncServer<?> server, Authenticator authenticator) {
        this.server = server;
        this.authenticator = authenticator;
    }

    /**
     * A request as a web framework has it.
     *
     * @param method the HTTP method
     * @param space the space asked for, from the URL; {@code "default"} where the application has only one
     * @param headers gives a header's value by name, case-insensitively, or null
     * @param body the body, read once; not closed
     */
    public record Request(String method, String space, Function<String, @Nullable String> headers, InputStream body) {

        /**
         * A header's value.
         *
         * @param name its name
         * @return its value, empty if it is absent or blank
         */
        public Optional<String> header(String name) {
            return Optional.ofNullable(headers.apply(name)).filter(value -> !value.isBlank());
        }

        /** {@return what {@code Authorization: Bearer …} holds, if it is there} */
        public Optional<String> bearerToken() {
            return header("Authorization")
                    .filter(value -> value.toLowerCase(Locale.ROOT).startsWith("bearer "))
                    .map(value -> value.substring(7).strip())
                    .filter(token -> !token.isEmpty());
        }
    }

    /** The application's own check of who asks and whether they may enter the space. */
    @FunctionalInterface
    public interface Authenticator {
        /**
         * Finds out who asks.
         *
         * @param request the request; its body must not be read
         * @return the id of the user
         * @throws RequestException {@link RequestException#unauthorized} for missing or bad credentials, {@link
         *     RequestException#forbidden} if the user may not enter the space
         */
        String userID(Request request);
    }

    /**
     * Answers a push.
     *
     * @param request the request
     * @return the answer, whatever happens
     */
    public SyncResponse push(Request request) {
        return answer(request, caller -> server.push(caller, request.body()));
    }

    /**
     * Answers a pull.
     *
     * @param request the request
     * @return the answer, whatever happens
     */
    public SyncResponse pull(Request request) {
        return answer(request, caller -> server.pull(caller, request.body()));
    }

    /**
     * Subscribes to the pokes that concern whoever asks: the third endpoint, which an adapter serves as server-sent
     * events or by a web socket (see {@link SyncServer#pokes}).
     *
     * @param request the request; its method and body do not matter
     * @param onPoke called after each change; must not block
     * @return ends the subscription when it is closed; to be closed when the connection ends
     * @throws RequestException if the authenticator refuses; to be answered with its status and message
     */
    public SyncServer.Subscription pokes(Request request, Runnable onPoke) {
        return server.pokes(caller(request), onPoke);
    }

    private SyncResponse answer(Request request, Function<Caller, SyncResponse> handler) {
        if (!request.method().equalsIgnoreCase("POST")) {
            SyncResponse refusal = SyncResponse.text(405, "use POST");
            return new SyncResponse(405, Map.of("Allow", "POST", "Content-Type", "text/plain"), refusal.body());
        }
        Caller caller;
        try {
            caller = caller(request);
        } catch (RequestException e) {
            return SyncResponse.text(e.status(), e.getMessage());
        } catch (RuntimeException e) {
            LOG.error("authentication failed to decide; answered with 503", e);
            return SyncResponse.text(503, "not available now");
        }
        return handler.apply(caller);
    }

    private Caller caller(Request request) {
        String userID = authenticator.userID(request);
        try {
            return new Caller(
                    userID,
                    request.space(),
                    request.header("X-Replicache-RequestID").orElse(""));
        } catch (IllegalArgumentException e) {
            throw RequestException.forbidden("no such user or space");
        }
    }
}
