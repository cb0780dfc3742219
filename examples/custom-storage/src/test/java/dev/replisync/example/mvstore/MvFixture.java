package dev.replisync.example.mvstore;

import dev.replisync.WriteContext;
import dev.replisync.protocol.Json;
import dev.replisync.storage.OpenPush;
import dev.replisync.storage.PushTx;
import dev.replisync.storage.Storage;
import dev.replisync.tck.Feature;
import dev.replisync.tck.KitHandle;
import dev.replisync.tck.Operator;
import dev.replisync.tck.StoreView;
import dev.replisync.tck.SyncFixture;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.h2.engine.IsolationLevel;

/** The storage as the kit wants it. */
final class MvFixture implements SyncFixture<MvHandle>, StoreView, Operator<MvHandle> {
    private final MvStorage storage = new MvStorage(null);
    private final UnaryOperator<String> kept;

    /** An empty store, and where it keeps the entities of a space. */
    MvFixture(UnaryOperator<String> kept) {
        this.kept = kept;
    }

    /** An empty store with spaces. */
    MvFixture() {
        this(space -> space);
    }

    /** An embedded store has one process, so each node is the same. */
    @Override
    public Storage<MvHandle> node() {
        return storage;
    }

    @Override
    public KitHandle kit(MvHandle tx, WriteContext ctx) {
        String where = kept.apply(ctx.space());
        return new KitHandle() {
            @Override
            public Optional<Json> get(String key) {
                return tx.get(where, key);
            }

            @Override
            public void put(String key, Json value) {
                tx.put(where, key, value);
            }

            @Override
            public void delete(String key) {
                tx.delete(where, key);
            }

            @Override
            public void move(String key, String space, Json value) {
                // Before anything is written: may the user enter it, and is it locked?
                ctx.touchIn(space, key, Set.of());
                tx.delete(where, key);
                tx.put(kept.apply(space), key, value);
            }
        };
    }

    @Override
    public StoreView look() {
        return this;
    }

    private <R> R read(Function<MvHandle, R> read) {
        MvHandle handle = storage.begin(IsolationLevel.READ_COMMITTED);
        try {
            return read.apply(handle);
        } finally {
            handle.rollback();
        }
    }

    @Override
    public long version(String spaceID) {
        return read(tx -> Optional.ofNullable(tx.spaces.get(spaceID))
                .map(Rows.Space::version)
                .orElse(0L));
    }

    @Override
    public Map<String, OpenPush.Group> groups() {
        return read(tx -> {
            Map<String, OpenPush.Group> all = new HashMap<>();
            tx.groups.forEach((id, group) -> all.put(id, new OpenPush.Group(id, group.userID(), group.spaceID())));
            return all;
        });
    }

    @Override
    public Map<String, PushTx.Client> clients() {
        return read(tx -> {
            Map<String, PushTx.Client> all = new HashMap<>();
            tx.groups.forEach((groupID, group) -> group.clients()
                    .forEach((id, client) -> all.put(id, new PushTx.Client(groupID, client.lastMutationID()))));
            return all;
        });
    }

    @Override
    public long entities(String spaceID) {
        return read(tx -> tx.entities(spaceID).sizeAsLong());
    }

    @Override
    public Optional<Json> value(String spaceID, String key) {
        return read(tx -> tx.get(spaceID, key));
    }

    @Override
    public Operator<MvHandle> operator() {
        return this;
    }

    @Override
    public Set<Feature> features() {
        return EnumSet.of(
                Feature.SPACES,
                Feature.PURGE,
                Feature.OWN_TRANSACTIONS,
                Feature.PARALLEL_WRITERS,
                Feature.NUL_CHARACTERS);
    }

    @Override
    public void createSpace(String spaceID) {
        storage.createSpace(spaceID);
    }

    @Override
    public void purgeTombstones() {
        List<String> all = read(tx -> List.copyOf(tx.spaces.keySet()));
        all.forEach(storage::forgetChanges);
    }

    @Override
    public void transaction(Consumer<MvHandle> work) {
        storage.transaction(work);
    }

    @Override
    public void close() {
        storage.close();
    }
}
