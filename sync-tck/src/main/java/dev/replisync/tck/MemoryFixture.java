package dev.replisync.tck;

import dev.replisync.WriteContext;
import dev.replisync.protocol.Json;
import dev.replisync.storage.OpenPush;
import dev.replisync.storage.PushTx;
import dev.replisync.storage.Storage;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** The store in memory as the kit wants it: to test strategies with, and to read as an example. */
public final class MemoryFixture implements SyncFixture<MemoryTx>, GivesWay {
    private final MemoryStorage storage;

    /** An empty store. */
    public MemoryFixture() {
        this(new MemoryStorage());
    }

    private MemoryFixture(MemoryStorage storage) {
        this.storage = storage;
    }

    /** {@return an empty store that keeps client view records as rows, and compares them itself} */
    public static MemoryFixture keepingViews() {
        return new MemoryFixture(new MemoryStorage().keepingViews());
    }

    MemoryStorage storage() {
        return storage;
    }

    @Override
    public void insteadOfWaiting(Runnable giveWay) {
        storage.insteadOfWaiting(giveWay);
    }

    @Override
    public void deleteBehind(String space, String key) {
        storage.change(next -> next.rows.remove(new MemoryState.RowKey(space, key)));
    }

    @Override
    public Storage<MemoryTx> node() {
        return storage.node();
    }

    @Override
    public KitHandle kit(MemoryTx tx, WriteContext ctx) {
        return new Handle(tx, ctx);
    }

    @Override
    public StoreView look() {
        return new Look(storage);
    }

    @Override
    public Operator<MemoryTx> operator() {
        return new Verbs(storage);
    }

    @Override
    public void close() {}

    private record Handle(MemoryTx tx, WriteContext ctx) implements KitHandle {
        /** Where a space is kept, which callers name otherwise under strategies that keep one only. */
        private String kept(String space) {
            return tx.knows(space) ? space : tx.home();
        }

        private String space() {
            return kept(ctx.space());
        }

        @Override
        public Optional<Json> get(String key) {
            return tx.get(space(), key);
        }

        @Override
        public void put(String key, Json value) {
            tx.put(space(), key, value);
        }

        @Override
        public void delete(String key) {
            tx.delete(space(), key);
        }

        @Override
        public void readers(String key, Set<String> users) {
            tx.readers(space(), key, users);
        }

        @Override
        public void move(String key, String space, Json value) {
            // Before anything is written: may the user enter it, and is it locked?
            ctx.touchIn(space, key, Set.of());
            tx.move(space(), kept(space), key, value);
        }

        @Override
        public void swallowError() {
            tx.poison("an error was swallowed");
        }
    }

    private record Look(MemoryStorage storage) implements StoreView {
        @Override
        public long version(String spaceID) {
            return storage.state().space(spaceID).version();
        }

        @Override
        public Map<String, OpenPush.Group> groups() {
            return Map.copyOf(storage.state().groups);
        }

        @Override
        public Map<String, PushTx.Client> clients() {
            Map<String, PushTx.Client> clients = new HashMap<>();
            storage.state()
                    .clients
                    .forEach((id, c) -> clients.put(id, new PushTx.Client(c.groupID(), c.lastMutationID())));
            return clients;
        }

        @Override
        public long entities(String spaceID) {
            return storage.state().rows.entrySet().stream()
                    .filter(row -> row.getKey().space().equals(spaceID)
                            && row.getValue().value() != null)
                    .count();
        }

        @Override
        public Optional<Json> value(String spaceID, String key) {
            MemoryState.Row row = storage.state().rows.get(new MemoryState.RowKey(spaceID, key));
            return Optional.ofNullable(row == null ? null : row.value());
        }
    }

    private record Verbs(MemoryStorage storage) implements Operator<MemoryTx> {
        @Override
        public Set<Feature> features() {
            return EnumSet.complementOf(EnumSet.of(Feature.STRATEGY_CHANGE));
        }

        @Override
        public void createSpace(String spaceID) {
            storage.createSpace(spaceID);
        }

        @Override
        public void purgeTombstones() {
            storage.purgeTombstones();
        }

        @Override
        public void collectClientGroups() {
            storage.collectClientGroups();
        }

        @Override
        public Runnable backup() {
            return storage.backup();
        }

        @Override
        public void newEpoch() {
            storage.newEpoch();
        }

        @Override
        public void transaction(Consumer<MemoryTx> work) {
            storage.transaction(work);
        }
    }
}
