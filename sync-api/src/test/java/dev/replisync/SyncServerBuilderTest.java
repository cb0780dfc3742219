package dev.replisync;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.replisync.error.ConfigurationException;
import dev.replisync.storage.OpenPush;
import dev.replisync.storage.PushTx;
import dev.replisync.storage.Storage;
import dev.replisync.storage.VersionedReads;
import dev.replisync.strategy.DiffStrategy;
import dev.replisync.strategy.DiffStrategyProvider;
import dev.replisync.strategy.StrategyContext;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SyncServerBuilderTest {

    @Test
    void reportsEverythingAtOnce() {
        assertThatThrownBy(() -> SyncServer.builder(new Nowhere())
                        .batch(0)
                        .timeLimit(Duration.ZERO)
                        .maxBodyBytes(10)
                        .maxArgs(0, 2_000)
                        .maxKeyBytes(0)
                        .build())
                .isInstanceOf(ConfigurationException.class)
                .hasMessage("""
                        8 problems:
                        - batch was 0 but it must be at least 1
                        - maxBodyBytes was 10 but it must be at least 1024
                        - maxArgs bytes was 0 but it must be at least 1
                        - maxKeyBytes was 0 but it must be at least 1
                        - maxArgs depth was 2000 but it must be at most 1000
                        - timeLimit was PT0S but it must be more than zero
                        - mutators was empty but it must hold at least one; call mutators(…)
                        - strategy was not given; no strategy is on the class path""");
    }

    @Test
    void asksStrategyAndStorage() {
        assertThatThrownBy(() -> SyncServer.builder(new Nowhere())
                        .mutators(new Mutators<Void>().add("m", Void.class, (tx, args, ctx) -> {}))
                        .strategy(new Demanding())
                        .build())
                .isInstanceOf(ConfigurationException.class)
                .hasMessage("2 problems:\n- Nowhere reads no versions\n- the tables are missing for demanding");
    }

    private static final class Demanding implements DiffStrategyProvider {
        @Override
        public String id() {
            return "demanding";
        }

        @Override
        public List<String> problems(StrategyContext context) {
            return List.of(context.storageName() + " reads no versions");
        }

        @Override
        public DiffStrategy create(StrategyContext context) {
            throw new AssertionError("it said that it cannot be created");
        }
    }

    private static final class Nowhere implements Storage<Void> {
        @Override
        public PushTx<Void> open(OpenPush what) {
            throw new AssertionError("nothing is asked of it");
        }

        @Override
        public PushTx<Void> join(Void handle, OpenPush what) {
            throw new AssertionError("nothing is asked of it");
        }

        @Override
        public Optional<VersionedReads> versioned() {
            return Optional.empty();
        }

        @Override
        public Failure classify(Throwable thrown, Where where) {
            throw new AssertionError("nothing is asked of it");
        }

        @Override
        public List<String> problems(Check check) {
            return List.of("the tables are missing for " + check.strategyID());
        }
    }
}
