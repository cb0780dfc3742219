package dev.replisync.tck;

import dev.replisync.WriteContext;
import dev.replisync.protocol.Json;
import dev.replisync.storage.OpenPush;
import dev.replisync.storage.PushTx;
import dev.replisync.storage.Storage;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The store in memory, but for what is overridden. */
class DecoratedFixture implements SyncFixture<MemoryTx> {
    private final MemoryFixture right = new MemoryFixture();

    @Override
    public Storage<MemoryTx> node() {
        return right.node();
    }

    @Override
    public KitHandle kit(MemoryTx tx, WriteContext ctx) {
        return right.kit(tx, ctx);
    }

    @Override
    public @Nullable StoreView look() {
        return right.look();
    }

    @Override
    public Operator<MemoryTx> operator() {
        return right.operator();
    }

    @Override
    public void close() {
        right.close();
    }

    static class Look implements StoreView {
        private final StoreView right;

        Look(StoreView right) {
            this.right = right;
        }

        @Override
        public long version(String spaceID) {
            return right.version(spaceID);
        }

        @Override
        public Map<String, OpenPush.Group> groups() {
            return right.groups();
        }

        @Override
        public Map<String, PushTx.Client> clients() {
            return right.clients();
        }

        @Override
        public long entities(String spaceID) {
            return right.entities(spaceID);
        }

        @Override
        public Optional<Json> value(String spaceID, String key) {
            return right.value(spaceID, key);
        }
    }

    static class Verbs implements Operator<MemoryTx> {
        private final Operator<MemoryTx> right;

        Verbs(Operator<MemoryTx> right) {
            this.right = right;
        }

        @Override
        public Set<Feature> features() {
            return EnumSet.of(Feature.SPACES, Feature.OWN_TRANSACTIONS);
        }

        @Override
        public void createSpace(String spaceID) {
            right.createSpace(spaceID);
        }

        @Override
        public void transaction(Consumer<MemoryTx> work) {
            right.transaction(work);
        }
    }
}
