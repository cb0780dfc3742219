package dev.replisync.tck;

import dev.replisync.SyncEndpoint;
import dev.replisync.SyncServer;
import dev.replisync.strategy.DiffStrategyProvider;
import java.util.Optional;
import org.junit.jupiter.api.Nested;

/**
 * All contracts of a whole server with a strategy that pulls by version: the one class to extend for a store and a
 * strategy, once for each way of taking the version. It only says what is tested; the contracts are nested in it.
 *
 * @param <T> the storage's handle
 */
public abstract class ServerCompliance<T> {

    /** For subclasses. */
    protected ServerCompliance() {}

    /**
     * Makes a fresh, empty store.
     *
     * @return the store, to be closed by the kit
     */
    protected abstract SyncFixture<T> fixture();

    /** {@return the strategy under test} */
    protected abstract DiffStrategyProvider strategy();

    /** {@return the strategy with pulls from replicas that may lag; empty if it has no such option (rule R52)} */
    protected Optional<DiffStrategyProvider> strategyOnReplicas() {
        return Optional.empty();
    }

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

    @Nested
    class Versions extends VersionStrategyContract<T> {
        @Override
        protected SyncFixture<T> fixture() {
            return ServerCompliance.this.fixture();
        }

        @Override
        protected DiffStrategyProvider strategy() {
            return ServerCompliance.this.strategy();
        }

        @Override
        protected Optional<DiffStrategyProvider> strategyOnReplicas() {
            return ServerCompliance.this.strategyOnReplicas();
        }

        @Override
        protected boolean versionLast() {
            return ServerCompliance.this.versionLast();
        }

        @Override
        protected int batch() {
            return ServerCompliance.this.batch();
        }

        @Override
        protected Wire wire(SyncServer<T> server, SyncEndpoint endpoint) {
            return ServerCompliance.this.wire(server, endpoint);
        }
    }

    @Nested
    class Groups extends ClientGroupContract<T> {
        @Override
        protected SyncFixture<T> fixture() {
            return ServerCompliance.this.fixture();
        }

        @Override
        protected DiffStrategyProvider strategy() {
            return ServerCompliance.this.strategy();
        }

        @Override
        protected boolean versionLast() {
            return ServerCompliance.this.versionLast();
        }

        @Override
        protected int batch() {
            return ServerCompliance.this.batch();
        }

        @Override
        protected Wire wire(SyncServer<T> server, SyncEndpoint endpoint) {
            return ServerCompliance.this.wire(server, endpoint);
        }
    }

    @Nested
    class Entities extends EntityContract<T> {
        @Override
        protected SyncFixture<T> fixture() {
            return ServerCompliance.this.fixture();
        }

        @Override
        protected DiffStrategyProvider strategy() {
            return ServerCompliance.this.strategy();
        }

        @Override
        protected boolean versionLast() {
            return ServerCompliance.this.versionLast();
        }

        @Override
        protected int batch() {
            return ServerCompliance.this.batch();
        }

        @Override
        protected Wire wire(SyncServer<T> server, SyncEndpoint endpoint) {
            return ServerCompliance.this.wire(server, endpoint);
        }
    }

    @Nested
    class Pushes extends PushContract<T> {
        @Override
        protected SyncFixture<T> fixture() {
            return ServerCompliance.this.fixture();
        }

        @Override
        protected DiffStrategyProvider strategy() {
            return ServerCompliance.this.strategy();
        }

        @Override
        protected boolean versionLast() {
            return ServerCompliance.this.versionLast();
        }

        @Override
        protected int batch() {
            return ServerCompliance.this.batch();
        }

        @Override
        protected Wire wire(SyncServer<T> server, SyncEndpoint endpoint) {
            return ServerCompliance.this.wire(server, endpoint);
        }
    }

    @Nested
    class Faults extends PushFaultContract<T> {
        @Override
        protected SyncFixture<T> fixture() {
            return ServerCompliance.this.fixture();
        }

        @Override
        protected DiffStrategyProvider strategy() {
            return ServerCompliance.this.strategy();
        }

        @Override
        protected boolean versionLast() {
            return ServerCompliance.this.versionLast();
        }

        @Override
        protected int batch() {
            return ServerCompliance.this.batch();
        }

        @Override
        protected Wire wire(SyncServer<T> server, SyncEndpoint endpoint) {
            return ServerCompliance.this.wire(server, endpoint);
        }
    }

    @Nested
    class Endpoints extends EndpointContract<T> {
        @Override
        protected SyncFixture<T> fixture() {
            return ServerCompliance.this.fixture();
        }

        @Override
        protected DiffStrategyProvider strategy() {
            return ServerCompliance.this.strategy();
        }

        @Override
        protected boolean versionLast() {
            return ServerCompliance.this.versionLast();
        }

        @Override
        protected int batch() {
            return ServerCompliance.this.batch();
        }

        @Override
        protected Wire wire(SyncServer<T> server, SyncEndpoint endpoint) {
            return ServerCompliance.this.wire(server, endpoint);
        }
    }

    @Nested
    class Concurrency extends ConcurrencyContract<T> {
        @Override
        protected SyncFixture<T> fixture() {
            return ServerCompliance.this.fixture();
        }

        @Override
        protected DiffStrategyProvider strategy() {
            return ServerCompliance.this.strategy();
        }

        @Override
        protected boolean versionLast() {
            return ServerCompliance.this.versionLast();
        }

        @Override
        protected int batch() {
            return ServerCompliance.this.batch();
        }

        @Override
        protected Wire wire(SyncServer<T> server, SyncEndpoint endpoint) {
            return ServerCompliance.this.wire(server, endpoint);
        }
    }
}
