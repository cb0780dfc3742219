package dev.replisync.tck;

import dev.replisync.WriteContext;
import dev.replisync.protocol.Caller;
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
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The store in memory as the kit wants it: to test strategies with, and to read as an example. */
public final class MemoryFixture implements SyncFixture<MemoryTx>, GivesWay {
    private final MemoryStorage storage;
    private final boolean pokesReaders;

    /** An empty store. */
    public MemoryFixture() {
        this(new MemoryStorage(), false);
    }

    private MemoryFixture(MemoryStorage storage, boolean pokesReaders) {
        this.storage = storage;
        this.pokesReaders = pokesReaders;
    }

    /** {@return an empty store that keeps client view records as rows, and compares them itself} */
    public static MemoryFixture keepingViews() {
        return new MemoryFixture(new MemoryStorage().keepingViews(), false);
    }

    /**
     * For strategies with channels narrower than a space.
     *
     * @return an empty store; who writes to it pokes {@link #channels} of those who could see what is written, and of
     *     those who can since
     */
    public static MemoryFixture pokingReaders() {
        return new MemoryFixture(new MemoryStorage(), true);
    }

    /**
     * The channels of what a user sees in a space.
     *
     * @param caller the user and the space
     * @return that of what everybody sees there, and that of what the user can see beside others, or alone
     */
    public static Set<String> channels(Caller caller) {
        return Set.of(channel(caller.space(), null), channel(caller.space(), caller.userID()));
    }

    static String channel(String space, @Nullable String reader) {
        return reader == null ? "everybody in " + space : reader + " in " + space;
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
        return new Handle(tx, ctx, pokesReaders);
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

    private record Handle(MemoryTx tx, WriteContext ctx, boolean pokesReaders) implements KitHandle {
        /** Where a space is kept, which callers name otherwise under strategies that keep one only. */
        private String kept(String space) {
            return tx.knows(space) ? space : tx.home();
        }

        private String space() {
            return kept(ctx.space());
        }

        /** For those who see the entity now. */
        private void poke(String space, String key) {
            MemoryState.Row row = tx.row(new MemoryState.RowKey(space, key));
            if (pokesReaders && row.value() != null) {
                if (row.readers() == null) {
                    ctx.poke(channel(space, null));
                } else {
                    row.readers().forEach(user -> ctx.poke(channel(space, user)));
                }
            }
        }

        @Override
        public Optional<Json> get(String key) {
            return tx.get(space(), key);
        }

        @Override
        public void put(String key, Json value) {
            tx.put(space(), key, value, ctx.space());
            poke(space(), key);
        }

        @Override
        public void delete(String key) {
            poke(space(), key);
            tx.delete(space(), key);
        }

        @Override
        public void readers(String key, Set<String> users) {
            poke(space(), key);
            tx.readers(space(), key, users);
            poke(space(), key);
        }

        @Override
        public void move(String key, String space, Json value) {
            // Before anything is written: may the user enter it, and is it locked?
            ctx.touchIn(space, key, Set.of());
            poke(space(), key);
            tx.move(space(), kept(space), key, value, space);
            poke(kept(space), key);
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
            return EnumSet.allOf(Feature.class);
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
        public void changeStrategy(String toStrategyID, Function<OpenPush.Group, String> spaceOfGroup) {
            storage.changeStrategy(toStrategyID, spaceOfGroup);
        }

        @Override
        public void transaction(Consumer<MemoryTx> work) {
            storage.transaction(work);
        }
    }
}
