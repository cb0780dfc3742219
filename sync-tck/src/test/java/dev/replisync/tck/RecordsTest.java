package dev.replisync.tck;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.replisync.Mutators;
import dev.replisync.SyncObserver;
import dev.replisync.SyncServer;
import dev.replisync.protocol.Caller;
import dev.replisync.protocol.Json;
import dev.replisync.protocol.PullRequest;
import dev.replisync.storage.OpenPush;
import dev.replisync.storage.RecordStore;
import dev.replisync.storage.ViewReads;
import dev.replisync.strategy.DiffStrategy;
import dev.replisync.strategy.PullResult;
import dev.replisync.strategy.rowversion.RowVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** When the row version strategy reads and writes records, and what becomes of pulls whose records fail. */
class RecordsTest {
    private final MemoryStorage storage = new MemoryStorage();
    private final Records records = new Records();
    private final AtomicInteger compared = new AtomicInteger();
    private final AtomicInteger open = new AtomicInteger();
    private final List<ViewReads.Request> asked = new ArrayList<>();
    private final List<@Nullable String> proofs = new ArrayList<>();
    private String viewVersion = "";
    private final DiffStrategy strategy = strategy(new RowVersion().records(records));

    @Test
    void aPullWithoutNewsWritesNoRecord() {
        write("item/1", 1);
        Json cookie = pull(Json.NULL).cookie();
        assertThat(records.written).hasSize(1);
        for (int i = 0; i < 3; i++) {
            assertThat(pull(cookie).cookie()).isEqualTo(cookie);
        }
        assertThat(records.written).hasSize(1);
    }

    @Test
    void aRecordIsWrittenAfterThePullIsCommittedAndClosed() {
        records.onWrite = () -> assertThat(open).as("pulls that are open").hasValue(0);
        write("item/1", 1);
        Json cookie = pull(Json.NULL).cookie();
        write("item/1", 2);
        pull(cookie);
        assertThat(records.written).hasSize(2);
        assertThat(storage.state().counters).isEqualTo(Map.of("g", 2L));
    }

    @Test
    void eachRecordHasAnIdOfItsOwn() {
        write("item/1", 1);
        Json first = pull(Json.NULL).cookie();
        for (int i = 0; i < 5; i++) {
            write("item/1", i);
            pull(first);
        }
        assertThat(records.written).hasSize(6).doesNotHaveDuplicates();
        assertThat(records.byID).as("records that are there").hasSize(6);
    }

    @Test
    void aHashNamesEqualRecordsAlike() {
        DiffStrategy hashed = strategy(new RowVersion().records(records).hashedRecordIDs());
        write("item/1", 1);
        Json first = hashed.pull(Caller.of("ann"), request(Json.NULL)).cookie();
        Json second = hashed.pull(Caller.of("ann"), request(Json.NULL)).cookie();
        assertThat(member(second, "r")).isEqualTo(member(first, "r")).hasSize(43);
        assertThat(member(second, "order")).isNotEqualTo(member(first, "order"));
        write("item/1", 2);
        assertThat(hashed.pull(Caller.of("ann"), request(second)).patch().toString())
                .isEqualTo("[{\"op\":\"put\",\"key\":\"item/1\",\"value\":2}]");
    }

    @Test
    void aRecordThatCannotBeWrittenFailsNoPull() {
        records.onWrite = () -> {
            throw new IllegalStateException("no place");
        };
        write("item/1", 1);
        PullResult first = pull(Json.NULL);
        assertThat(first.patch().operations()).isEqualTo(1);
        write("item/2", 2);
        assertThat(pull(first.cookie()).patch().toString())
                .startsWith("[{\"op\":\"clear\"}")
                .contains("item/1")
                .contains("item/2");
    }

    @Test
    void aRecordThatCannotBeReadIsLost() {
        write("item/1", 1);
        Json cookie = pull(Json.NULL).cookie();
        records.onRead = () -> {
            throw new IllegalStateException("no connection");
        };
        PullResult again = pull(cookie);
        assertThat(again.patch().toString())
                .isEqualTo("[{\"op\":\"clear\"},{\"op\":\"put\",\"key\":\"item/1\",\"value\":1}]");
        assertThat(Long.parseLong(member(again.cookie(), "order")))
                .isGreaterThan(Long.parseLong(member(cookie, "order")));
    }

    @Test
    void aDamagedRecordIsLost() {
        write("item/1", 1);
        Json cookie = pull(Json.NULL).cookie();
        records.byID.values().forEach(record -> record[record.length - 1] ^= 1);
        assertThat(pull(cookie).patch().toString()).startsWith("[{\"op\":\"clear\"}");
    }

    @Test
    void nothingIsComparedWhileNobodyWrites() {
        write("item/1", 1);
        Json cookie = pull(Json.NULL).cookie();
        assertThat(compared).hasValue(1);
        assertThat(pull(cookie).cookie()).isEqualTo(cookie);
        assertThat(compared).as("after a pull without news").hasValue(1);
        change("another group");
        for (int i = 0; i < 3; i++) {
            assertThat(pull(cookie).cookie()).isEqualTo(cookie);
        }
        assertThat(compared)
                .as("once more after a write that was not of this view")
                .hasValue(2);
        write("item/1", 2);
        assertThat(pull(cookie).patch().operations()).isEqualTo(1);
        assertThat(compared).hasValue(3);
    }

    @Test
    void anotherNodeFindsTheProofInTheRecord() {
        write("item/1", 1);
        Json cookie = pull(Json.NULL).cookie();
        DiffStrategy other = strategy(new RowVersion().records(records));
        assertThat(other.pull(Caller.of("ann"), request(cookie)).cookie()).isEqualTo(cookie);
        assertThat(compared).hasValue(1);
    }

    /** A record that is named by a hash holds no proof: equal ones are of different moments. */
    @Test
    void nothingIsComparedWhileNobodyWritesWhereAHashNamesRecords() {
        DiffStrategy hashed = strategy(new RowVersion().records(records).hashedRecordIDs());
        write("item/1", 1);
        Json cookie = hashed.pull(Caller.of("ann"), request(Json.NULL)).cookie();
        assertThat(hashed.pull(Caller.of("ann"), request(cookie)).cookie()).isEqualTo(cookie);
        assertThat(compared).hasValue(1);
    }

    @Test
    void theStorageIsToldTheProofThatGoesWithTheRecord() {
        write("item/1", 1);
        Json cookie = pull(Json.NULL).cookie();
        pull(cookie);
        change("another group");
        pull(cookie);
        pull(cookie);
        String first = proofs.get(1);
        String later = proofs.get(2);
        assertThat(later).as("the proof after a write elsewhere").isNotEqualTo(first);
        assertThat(asked).extracting(ViewReads.Request::proof).containsExactly(null, first, first, later);
    }

    /** Rule R43. */
    @Test
    void afterADeployTheViewIsReadOnce() {
        write("item/1", 1);
        Json cookie = pull(Json.NULL).cookie();
        asked.clear();
        viewVersion = "another";
        assertThat(pull(cookie).patch().toString())
                .isEqualTo("[{\"op\":\"clear\"},{\"op\":\"put\",\"key\":\"item/1\",\"value\":1}]");
        assertThat(asked).hasSize(1);
    }

    @Test
    void theStoreIsNotAskedForWhatIsNoId() {
        write("item/1", 1);
        Json cookie = pull(Json.NULL).cookie();
        pull(cookie);
        assertThat(records.read).containsExactlyElementsOf(records.written);
        for (String id : List.of("../../etc/passwd", "a b", "*", "")) {
            ObjectNode forged = (ObjectNode) Bodies.read(cookie.toString());
            forged.put("r", id);
            assertThat(pull(Json.parse(forged.toString())).patch().toString()).startsWith("[{\"op\":\"clear\"}");
        }
        assertThat(records.read).hasSize(1);
    }

    @Test
    void anotherProfileHasAnotherView() {
        write("item/1", 1);
        Json cookie = pull(Json.NULL).cookie();
        PullRequest elsewhere = new PullRequest(1, "g", "another profile", "", cookie);
        assertThat(strategy.pull(Caller.of("ann"), elsewhere).patch().toString())
                .startsWith("[{\"op\":\"clear\"}");
    }

    @Test
    void itsChannelsAreTheSpaceOrWhatTheApplicationSays() {
        assertThat(strategy.channels(Caller.of("ann", "s"))).containsExactly("s");
        DiffStrategy own = strategy(new RowVersion().channels(caller -> Set.of("user/" + caller.userID())));
        assertThat(own.channels(Caller.of("ann", "s"))).containsExactly("user/ann");
    }

    @Test
    void whoPushesHearsOfItWhateverTheChannelsAre() {
        RowVersion narrow = new RowVersion().channels(caller -> Set.of("list/" + caller.userID()));
        Mutators<MemoryTx> mutators = new Mutators<MemoryTx>().add("nothing", Json.class, (tx, args, ctx) -> {});
        List<String> heard = new ArrayList<>();
        List<Set<String>> told = new ArrayList<>();
        SyncObserver observer = new SyncObserver() {
            @Override
            public void poked(Set<String> channels) {
                told.add(Set.copyOf(channels));
            }
        };
        storage.createSpace("s");
        try (SyncServer<MemoryTx> server = SyncServer.builder(storage)
                .mutators(mutators)
                .strategy(narrow)
                .pokeExecutor(Runnable::run)
                .observer(observer)
                .build()) {
            for (String listener : List.of("ann", "bob")) {
                server.pokes(Caller.of(listener, "s"), () -> heard.add(listener));
            }
            server.pokes(Caller.of("ann", "another"), () -> heard.add("ann elsewhere"));
            Wire wire = Wire.to(
                    server, server.endpoint(request -> request.bearerToken().orElseThrow()));
            ModelClient ann = new ModelClient(wire, "ann", "s");
            ann.mutate("nothing", Map.of()).push();
            assertThat(heard).containsExactly("ann");
            ann.mutate("unknown", Map.of()).push();
            assertThat(heard).containsExactly("ann", "ann");
            // Another node can be told by name.
            assertThat(told).hasSize(2).containsOnly(Set.of("s", "pushes of ann in s"));
            server.poke("pushes of ann in s");
            assertThat(heard).containsExactly("ann", "ann", "ann");
        }
    }

    @Test
    void aStorageWithoutViewsIsRefused() {
        StorageContext context = new StorageContext("Shelf", Optional.empty(), Optional.empty(), false);
        assertThat(new RowVersion().problems(context))
                .containsExactly("strategy 'row-version' needs a storage that reads client views, but Shelf does not;"
                        + " choose another strategy or storage");
    }

    @Test
    void itIsFoundByItsName() {
        SyncServer<MemoryTx> server = SyncServer.builder(storage)
                .mutators(new Mutators<MemoryTx>().add("noop", Json.class, (tx, args, ctx) -> {}))
                .strategy("row-version")
                .build();
        assertThat(server).isNotNull();
        server.close();
    }

    private PullResult pull(Json cookie) {
        return strategy.pull(Caller.of("ann"), request(cookie));
    }

    private static PullRequest request(Json cookie) {
        return new PullRequest(1, "g", "profile", "", cookie);
    }

    private static String member(Json cookie, String name) {
        JsonNode node = Bodies.read(cookie.toString());
        return node.path(name).asText();
    }

    private void write(String key, int value) {
        storage.transaction(tx -> tx.put(key, Json.of(value)));
    }

    private void change(String why) {
        storage.change(next -> next.groups.put(why, new OpenPush.Group(why, "bob", "other")));
    }

    private DiffStrategy strategy(RowVersion options) {
        ViewReads views = new DecoratedStorage.Views(storage.views().orElseThrow()) {
            @Override
            public String viewVersion() {
                return viewVersion;
            }

            @Override
            public Pull open(Request request) {
                open.incrementAndGet();
                asked.add(request);
                Pull pull = super.open(request);
                proofs.add(pull.state().proof());
                return new ViewMutant.DecoratedPull(pull) {
                    @Override
                    public void changes(ViewSink sink) {
                        compared.incrementAndGet();
                        super.changes(sink);
                    }

                    @Override
                    public void close() {
                        open.decrementAndGet();
                        super.close();
                    }
                };
            }
        };
        return options.create(new StorageContext("kit", Optional.empty(), Optional.of(views), true));
    }

    /** A store that tells what is done with it, and fails as it is told. */
    private static final class Records implements RecordStore {
        final Map<String, byte[]> byID = new TreeMap<>();
        final List<String> written = new ArrayList<>();
        final List<String> read = new ArrayList<>();
        Runnable onRead = () -> {};
        Runnable onWrite = () -> {};

        @Override
        public Optional<byte[]> read(String id) {
            read.add(id);
            onRead.run();
            return Optional.ofNullable(byID.get(id));
        }

        @Override
        public void write(String id, byte[] record) {
            onWrite.run();
            written.add(id);
            byID.put(id, record);
        }
    }
}
