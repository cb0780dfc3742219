package dev.replisync.tck;

import org.junit.jupiter.api.Nested;

/**
 * All contracts of a whole server: the one class to extend for a store and a strategy, once for each way of using them. It
 * only says what is tested; the contracts are nested in it.
 *
 * @param <T> the storage's handle
 */
public abstract class ServerCompliance<T> {
    private final ServerSetup<T> setup;

    /**
     * For subclasses.
     *
     * @param setup what is tested
     */
    protected ServerCompliance(ServerSetup<T> setup) {
        this.setup = setup;
    }

    @Nested
    class Pulls extends PullContract<T> {
        Pulls() {
            super(ServerCompliance.this.setup);
        }
    }

    @Nested
    class Versions extends VersionStrategyContract<T> {
        Versions() {
            super(ServerCompliance.this.setup);
        }
    }

    @Nested
    class Records extends RowVersionContract<T> {
        Records() {
            super(ServerCompliance.this.setup);
        }
    }

    @Nested
    class Groups extends ClientGroupContract<T> {
        Groups() {
            super(ServerCompliance.this.setup);
        }
    }

    @Nested
    class Entities extends EntityContract<T> {
        Entities() {
            super(ServerCompliance.this.setup);
        }
    }

    @Nested
    class Pushes extends PushContract<T> {
        Pushes() {
            super(ServerCompliance.this.setup);
        }
    }

    @Nested
    class Faults extends PushFaultContract<T> {
        Faults() {
            super(ServerCompliance.this.setup);
        }
    }

    @Nested
    class OtherFaults extends OtherFaultContract<T> {
        OtherFaults() {
            super(ServerCompliance.this.setup);
        }
    }

    @Nested
    class Endpoints extends EndpointContract<T> {
        Endpoints() {
            super(ServerCompliance.this.setup);
        }
    }

    @Nested
    class Spaces extends SpaceContract<T> {
        Spaces() {
            super(ServerCompliance.this.setup);
        }
    }

    @Nested
    class Moves extends MoveContract<T> {
        Moves() {
            super(ServerCompliance.this.setup);
        }
    }

    @Nested
    class Waiting extends WaitingContract<T> {
        Waiting() {
            super(ServerCompliance.this.setup);
        }
    }

    @Nested
    class Concurrency extends ConcurrencyContract<T> {
        Concurrency() {
            super(ServerCompliance.this.setup);
        }
    }
}
