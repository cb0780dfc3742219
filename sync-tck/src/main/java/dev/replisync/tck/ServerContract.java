package dev.replisync.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replisync.SyncEndpoint;
import dev.replisync.SyncObserver;
import dev.replisync.SyncServer;
import dev.replisync.SyncServerBuilder;
import dev.replisync.error.RequestException;
import dev.replisync.protocol.Caller;
import dev.replisync.protocol.Mutation;
import dev.replisync.storage.Storage;
import dev.replisync.strategy.DiffStrategy;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.assertj.core.api.AbstractLongAssert;
import org.assertj.core.api.AbstractStringAssert;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;

/**
 * What the contracts share that go through a whole server, with bodies as the real client sends them.
 *
 * @param <T> the storage's handle
 */
public abstract class ServerContract<T> extends StoreContract<T> {
    /** The space that clients of the kit ask for unless a test says otherwise. */
    static final String SPACE = "default";

    /** Another space that exists. */
    static final String OTHER = "other";

    private @Nullable KitMutators<T> mutators;

    private final ServerSetup<T> setup;

    /** What a mutator failed with, in servers that have no other observer. */
    private final Queue<String> failed = new ConcurrentLinkedQueue<>();

    ServerContract(ServerSetup<T> setup) {
        this.setup = setup;
    }

    @Override
    protected final SyncFixture<T> fixture() {
        return setup.store().get();
    }

    final ServerSetup<T> setup() {
        return setup;
    }

    @Override
    final void skipWithoutTraits(Needs needs) {
        Stream.of(needs.strategy())
                .forEach(trait -> Assumptions.assumeTrue(
                        setup.traits().contains(trait), () -> SKIPPED + "the strategy has not " + trait));
    }

    @Override
    final FixtureCheck.Places places(SyncFixture<T> fresh) {
        DiffStrategy strategy = setup.strategy().create(StorageContext.of(fresh.node()));
        boolean moves = setup.traits().contains(Trait.SEPARATE_SPACES)
                && fresh.operator().features().contains(Feature.SPACES);
        return new FixtureCheck.Places(
                SPACE, strategy.space(SPACE), moves ? OTHER : null, strategy.movesVersions(), strategy.ownsSpaces());
    }

    @BeforeEach
    final void makeMutators() {
        mutators = new KitMutators<>(store(), this::stored);
        if (store().operator().features().contains(Feature.SPACES)) {
            store().operator().createSpace(SPACE);
            store().operator().createSpace(OTHER);
        }
        // Else a wrong setup would skip the tests that matter.
        boolean locks =
                setup.traits().contains(Trait.VERSIONS) || setup.declared().contains(Trait.MUTATORS_IN_TURN);
        assertThat(locks)
                .as("the setup declares VERSIONS, or at least MUTATORS_IN_TURN")
                .isEqualTo(strategy().movesVersions());
        assertThat(setup.traits().contains(Trait.VERSIONS))
                .as("the setup declares VERSIONS or VIEW_RECORDS")
                .isNotEqualTo(setup.traits().contains(Trait.VIEW_RECORDS));
        assertThat(setup.traits().contains(Trait.SEPARATE_SPACES))
                .as("the setup declares SEPARATE_SPACES")
                .isNotEqualTo(kept(OTHER).equals(kept(SPACE)));
    }

    final KitMutators<T> mutators() {
        if (mutators == null) {
            throw new IllegalStateException("no test is running");
        }
        return mutators;
    }

    @Override
    final List<String> happened() {
        return List.copyOf(failed);
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
                .strategy(setup.strategy())
                .observer(new SyncObserver() {
                    @Override
                    public void mutationFailed(Caller caller, String group, Mutation mutation, Throwable cause) {
                        failed.add("mutation " + mutation.id() + ", '" + mutation.name() + "', failed: " + cause);
                    }
                })
                .batch(setup.batch());
        if (setup.versionLast()) {
            builder.versionLast();
        }
        SyncServer<T> server = options.apply(builder).build();
        return closeLater(
                new Node<>(server, setup.wiring().apply(server, server.endpoint(ServerContract::authenticate))));
    }

    private DiffStrategy strategy() {
        return setup.strategy().create(StorageContext.of(store().node()));
    }

    /** Where the strategy keeps what belongs to a space. */
    final String kept(String space) {
        return strategy().space(space);
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

    final AbstractLongAssert<?> assertVersion() {
        return assertVersion(kept(SPACE));
    }

    final AbstractLongAssert<?> assertLastMutationID(ModelClient client) {
        return assertThat(lastMutationID(client)).as("last processed mutation of the client in the store");
    }

    final AbstractStringAssert<?> assertStored(String key) {
        return assertThat(stored(key)).as("%s in space '%s' of the store", key, kept(SPACE));
    }

    private static String authenticate(SyncEndpoint.Request request) {
        if (request.space().equals("forbidden")) {
            throw RequestException.forbidden("not in this space");
        }
        return request.bearerToken().orElseThrow(() -> RequestException.unauthorized("who are you?"));
    }
}
