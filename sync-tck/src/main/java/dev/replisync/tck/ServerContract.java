package dev.replisync.tck;

import dev.replisync.SyncEndpoint;
import dev.replisync.SyncServer;
import dev.replisync.SyncServerBuilder;
import dev.replisync.error.RequestException;
import dev.replisync.storage.Storage;
import dev.replisync.strategy.DiffStrategyProvider;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;

/**
 * What the contracts share that go through a whole server, with bodies as the real client sends them.
 *
 * @param <T> the storage's handle
 */
public abstract class ServerContract<T> extends StoreContract<T> {
    /** The space that clients of the kit ask for unless a test says otherwise. */
    static final String SPACE = "default";

    private @Nullable KitMutators<T> mutators;

    /** {@return the strategy under test} */
    protected abstract DiffStrategyProvider strategy();

    /** {@return whether the version is taken last; by default it is not} */
    protected boolean versionLast() {
        return false;
    }

    /** {@return how many mutations share a transaction; by default as many as the server's default says} */
    protected int batch() {
        return 100;
    }

    /**
     * How requests reach a server. By default they are calls; a web adapter's test starts its web server here.
     *
     * @param server the server
     * @param endpoint its endpoints
     * @return the way to it
     */
    protected Wire wire(SyncServer<T> server, SyncEndpoint endpoint) {
        return Wire.to(server, endpoint);
    }

    @BeforeEach
    final void makeMutators() {
        mutators = new KitMutators<>(store(), this::stored);
        if (store().operator().features().contains(Feature.SPACES)) {
            store().operator().createSpace(SPACE);
            store().operator().createSpace("other");
        }
    }

    final KitMutators<T> mutators() {
        if (mutators == null) {
            throw new IllegalStateException("no test is running");
        }
        return mutators;
    }

    /** Another server process on the store. */
    final Node<T> node() {
        return node(builder -> builder);
    }

    final Node<T> node(UnaryOperator<SyncServerBuilder<T>> options) {
        return node(store().node(), options);
    }

    final Node<T> node(Storage<T> storage, UnaryOperator<SyncServerBuilder<T>> options) {
        SyncServerBuilder<T> builder = SyncServer.builder(storage)
                .mutators(mutators().all())
                .strategy(strategy())
                .batch(batch());
        if (versionLast()) {
            builder.versionLast();
        }
        SyncServer<T> server = options.apply(builder).build();
        return closeLater(new Node<>(server, wire(server, server.endpoint(ServerContract::authenticate))));
    }

    /** Where the strategy keeps what belongs to a space. */
    final String kept(String space) {
        return strategy().create(StorageContext.of(store().node())).space(space);
    }

    final long version() {
        return store().look().version(kept(SPACE));
    }

    /** The last processed mutation of a client, as the store says; 0 if it does not know the client. */
    final long lastMutationID(ModelClient client) {
        var known = store().look().clients().get(client.clientID());
        return known == null ? 0 : known.lastMutationID();
    }

    /** The value of an entity as the store has it; "absent" if there is none. */
    final String stored(String key) {
        return store().look().value(kept(SPACE), key).map(Object::toString).orElse("absent");
    }

    private static String authenticate(SyncEndpoint.Request request) {
        if (request.space().equals("forbidden")) {
            throw RequestException.forbidden("not in this space");
        }
        return request.bearerToken().orElseThrow(() -> RequestException.unauthorized("who are you?"));
    }
}
