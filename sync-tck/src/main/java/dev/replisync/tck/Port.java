package dev.replisync.tck;

import dev.replisync.WriteContext;
import dev.replisync.protocol.Json;
import dev.replisync.storage.KeptViews;
import dev.replisync.storage.OpenPush;
import dev.replisync.storage.PatchSink;
import dev.replisync.storage.PushTx;
import dev.replisync.storage.Storage;
import dev.replisync.storage.VersionedReads;
import dev.replisync.storage.VersionedReads.Request;
import dev.replisync.storage.VersionedReads.Snapshot;
import dev.replisync.storage.ViewReads;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Assumptions;

/** Uses a node of a store as the push loop and the strategies do. */
final class Port<T> {
    /** The one space that every store has. */
    static final String SPACE = "global";

    private final SyncFixture<T> fixture;
    private final Storage<T> storage;

    Port(SyncFixture<T> fixture) {
        this.fixture = fixture;
        this.storage = fixture.node();
    }

    Storage<T> storage() {
        return storage;
    }

    static OpenPush pushOf(String user, String group, String... clients) {
        return new OpenPush(
                List.of(new OpenPush.Group(group, user, SPACE)), Set.of(clients), spaces(SPACE), true, true);
    }

    static OpenPush last(OpenPush what) {
        return new OpenPush(what.groups(), what.clientIDs(), what.spaces(), false, what.createSpaces());
    }

    static OpenPush writeTo(String... spaces) {
        return new OpenPush(List.of(), Set.of(), spaces(spaces), true, true);
    }

    static SortedSet<String> spaces(String... ids) {
        return new TreeSet<>(Arrays.asList(ids));
    }

    static PushTx.Closing closing(String... spaces) {
        return new PushTx.Closing(Map.of(), spaces(spaces));
    }

    static PushTx.Closing closing(String group, Map<String, Long> ids) {
        Map<String, PushTx.Client> clients = new HashMap<>();
        ids.forEach((id, last) -> clients.put(id, new PushTx.Client(group, last)));
        return new PushTx.Closing(clients, spaces(SPACE));
    }

    PushTx<T> open(OpenPush what) {
        return storage.open(what);
    }

    /** The kit's handle on an open transaction. */
    KitHandle kit(PushTx<T> tx) {
        return kit(tx, SPACE);
    }

    KitHandle kit(PushTx<T> tx, String space) {
        return fixture.kit(tx.handle(), new Context(tx, space, new HashSet<>(), UnaryOperator.identity()));
    }

    /** Writes and commits in one space. */
    void write(String space, Consumer<KitHandle> work) {
        try (PushTx<T> tx = open(writeTo(space))) {
            work.accept(kit(tx, space));
            tx.commit(closing(space));
        }
    }

    void write(Consumer<KitHandle> work) {
        write(SPACE, work);
    }

    void put(String key, String json) {
        write(kit -> kit.put(key, Json.parse(json)));
    }

    /** Processes one mutation of one client. */
    void push(String user, String group, String client, long id, Consumer<KitHandle> work) {
        try (PushTx<T> tx = open(pushOf(user, group, client))) {
            work.accept(kit(tx));
            tx.commit(closing(group, Map.of(client, id)));
        }
    }

    /** Writes and commits as where no versions move. */
    void writeRows(String space, Consumer<KitHandle> work) {
        try (PushTx<T> tx = open(writeTo())) {
            work.accept(kit(tx, space));
            tx.commit(closing());
        }
    }

    /** Processes one mutation of one client as where no versions move. */
    void pushRows(String user, String group, String client, long id, Consumer<KitHandle> work) {
        OpenPush what =
                new OpenPush(List.of(new OpenPush.Group(group, user, SPACE)), Set.of(client), spaces(), false, true);
        try (PushTx<T> tx = open(what)) {
            work.accept(kit(tx));
            tx.commit(new PushTx.Closing(Map.of(client, new PushTx.Client(group, id)), spaces()));
        }
    }

    ViewReads views() {
        Assumptions.assumeTrue(
                storage.views().isPresent(), StoreContract.SKIPPED + "the storage does not read client views");
        return storage.views().orElseThrow();
    }

    KeptViews kept() {
        Optional<KeptViews> kept = views().kept();
        Assumptions.assumeTrue(kept.isPresent(), "skipped: the storage keeps no client views");
        return kept.orElseThrow();
    }

    VersionedReads reads() {
        Assumptions.assumeTrue(
                storage.versioned().isPresent(), StoreContract.SKIPPED + "the storage does not read by version");
        return storage.versioned().orElseThrow();
    }

    Snapshot snapshot(String user, String group, long since) {
        return reads().open(new Request(user, SPACE, group, OptionalLong.of(since)));
    }

    Snapshot snapshot(String user, String group) {
        return reads().open(new Request(user, SPACE, group, OptionalLong.empty()));
    }

    VersionedReads.State state() {
        try (Snapshot snapshot = snapshot("u", "nobody's")) {
            return snapshot.state();
        }
    }

    List<String> changes(String user, long since) {
        return changes(user, SPACE, since);
    }

    List<String> changes(String user, String space, long since) {
        try (Snapshot snapshot = reads().open(new Request(user, space, "nobody's", OptionalLong.of(since)))) {
            snapshot.state();
            return lines(snapshot::changes);
        }
    }

    List<String> everything(String user) {
        try (Snapshot snapshot = snapshot(user, "nobody's")) {
            snapshot.state();
            return lines(snapshot::everything);
        }
    }

    /** What comes out, as lines in the order of their text: {@code put key value}, {@code del key}. */
    static List<String> lines(Consumer<PatchSink> source) {
        List<String> lines = new ArrayList<>();
        source.accept(new PatchSink() {
            @Override
            public void put(String key, byte[] json) {
                lines.add("put " + key + " " + new String(json, StandardCharsets.UTF_8));
            }

            @Override
            public void del(String key) {
                lines.add("del " + key);
            }
        });
        lines.sort(null);
        return lines;
    }

    /** The context of a transaction without a server, and the spaces that are touched with it. */
    record Context(PushTx<?> tx, String space, Set<String> touched, UnaryOperator<String> kept)
            implements WriteContext {
        @Override
        public void touchIn(String named, String key, Set<String> lostBy) {
            touched.add(named);
            tx.touch(kept.apply(named), key, lostBy);
        }

        @Override
        public void poke(String channel) {
            throw new UnsupportedOperationException("the port knows no channels");
        }

        @Override
        public void lock(String name) {
            tx.lock(kept.apply(space), name);
        }

        @Override
        public OptionalLong version() {
            Long before = tx.state().versions().get(kept.apply(space));
            return before == null ? OptionalLong.empty() : OptionalLong.of(before + 1);
        }

        @Override
        public void afterCommit(Runnable effect) {
            throw new UnsupportedOperationException("the port knows no effects");
        }
    }
}
