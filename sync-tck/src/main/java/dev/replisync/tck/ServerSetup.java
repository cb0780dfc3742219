package dev.replisync.tck;

import dev.replisync.SyncEndpoint;
import dev.replisync.SyncServer;
import dev.replisync.strategy.DiffStrategyProvider;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Supplier;

/**
 * What the contracts of a whole server are run with: a store, a strategy, and how the servers use them. Immutable.
 *
 * @param <T> the storage's handle
 * @param store makes a fresh, empty store for each test, to be closed by the kit
 * @param strategy the strategy under test
 * @param onReplicas the strategy with pulls from replicas that may lag; empty if it has no such option (rule R52)
 * @param declared what the strategy is; the others of its traits follow from the other settings
 * @param versionLast whether the version is taken last
 * @param batch how many mutations share a transaction
 * @param wiring how requests reach a server
 * @param manyRows how large a view is that must be pulled, and compared (rule R66)
 */
public record ServerSetup<T>(
        Supplier<? extends SyncFixture<T>> store,
        DiffStrategyProvider strategy,
        Optional<DiffStrategyProvider> onReplicas,
        Set<Trait> declared,
        boolean versionLast,
        int batch,
        BiFunction<SyncServer<T>, SyncEndpoint, Wire> wiring,
        int manyRows) {

    /** Statements of PostgreSQL end at 65,535 parameters. */
    private static final int MANY_ROWS = 66_000;

    /**
     * A setup with the server's own defaults: version first, 100 mutations in a transaction, requests that are calls.
     *
     * @param store makes a fresh, empty store for each test
     * @param strategy the strategy under test
     * @param traits what the strategy is
     * @param <T> the storage's handle
     * @return the setup
     */
    public static <T> ServerSetup<T> of(
            Supplier<? extends SyncFixture<T>> store, DiffStrategyProvider strategy, Trait... traits) {
        return new ServerSetup<>(store, strategy, Optional.empty(), Set.of(traits), false, 100, Wire::to, MANY_ROWS);
    }

    /**
     * A strategy that has an option for replicas.
     *
     * @param provider the strategy with pulls from replicas that may lag
     * @return the setup with it
     */
    public ServerSetup<T> withReplicas(DiffStrategyProvider provider) {
        return new ServerSetup<>(
                store, strategy, Optional.of(provider), declared, versionLast, batch, wiring, manyRows);
    }

    /** {@return the setup with the version taken last} */
    public ServerSetup<T> withVersionLast() {
        return new ServerSetup<>(store, strategy, onReplicas, declared, true, batch, wiring, manyRows);
    }

    /**
     * Another number of mutations that share a transaction.
     *
     * @param mutations how many, at least 1
     * @return the setup with it
     */
    public ServerSetup<T> withBatch(int mutations) {
        return new ServerSetup<>(store, strategy, onReplicas, declared, versionLast, mutations, wiring, manyRows);
    }

    /**
     * Another way for requests to reach a server: a web adapter's test starts its web server here.
     *
     * @param way gives the way to a server and its endpoints
     * @return the setup with it
     */
    public ServerSetup<T> withWiring(BiFunction<SyncServer<T>, SyncEndpoint, Wire> way) {
        return new ServerSetup<>(store, strategy, onReplicas, declared, versionLast, batch, way, manyRows);
    }

    /**
     * Another size of large views: fewer rows save time where a store is tested again in other ways.
     *
     * @param rows how many, by default more than 65,535
     * @return the setup with it
     */
    public ServerSetup<T> withManyRows(int rows) {
        return new ServerSetup<>(store, strategy, onReplicas, declared, versionLast, batch, wiring, rows);
    }

    /** {@return all that the strategy is with these settings} */
    public Set<Trait> traits() {
        Set<Trait> traits = EnumSet.noneOf(Trait.class);
        traits.addAll(declared);
        if (onReplicas.isPresent()) {
            traits.add(Trait.REPLICAS);
        }
        if (!declared.contains(Trait.WHOLE_VIEWS)) {
            traits.add(Trait.DIFFERENCES);
        }
        boolean locks = declared.contains(Trait.VERSIONS) || declared.contains(Trait.MUTATORS_IN_TURN);
        boolean inTurn = locks && !versionLast;
        traits.remove(Trait.MUTATORS_IN_TURN);
        traits.add(inTurn ? Trait.MUTATORS_IN_TURN : Trait.MUTATORS_SIDE_BY_SIDE);
        return traits;
    }
}
