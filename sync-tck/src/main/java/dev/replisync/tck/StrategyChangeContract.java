package dev.replisync.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.replisync.SyncServer;
import dev.replisync.error.ConfigurationException;
import dev.replisync.storage.OpenPush.Group;
import dev.replisync.storage.PushTx;
import dev.replisync.strategy.DiffStrategy;
import dev.replisync.strategy.DiffStrategyProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Contract of a change of the strategy with the servers stopped: no client and no pending mutation is lost, whichever
 * way it goes, and no cookie from before continues.
 *
 * @param <T> the storage's handle
 */
@Needs({Feature.STRATEGY_CHANGE, Feature.SPACES})
public abstract class StrategyChangeContract<T> extends StoreContract<T> {
    private static final List<String> SPACES = List.of("red", "blue");
    private static final String COUNTER = "item/counter";

    private final Supplier<? extends SyncFixture<T>> stores;
    private final List<DiffStrategyProvider> strategies;

    /**
     * For subclasses.
     *
     * @param stores makes a fresh, empty store
     * @param strategies all that the store can run, at least two
     */
    protected StrategyChangeContract(Supplier<? extends SyncFixture<T>> stores, List<DiffStrategyProvider> strategies) {
        this.stores = stores;
        this.strategies = List.copyOf(strategies);
    }

    @Override
    protected final SyncFixture<T> fixture() {
        return stores.get();
    }

    /** Where a user is. */
    private static String spaceOf(String user) {
        return user.equals("bob") ? "blue" : "red";
    }

    /** What a test does with a way from one strategy to another. */
    private interface Way<T> {
        void run(World<T> world, DiffStrategyProvider from, DiffStrategyProvider to) throws Exception;
    }

    /** Each direction, in a store of its own. */
    private void eachWay(Way<T> test) throws Exception {
        assertThat(strategies).as("strategies").hasSizeGreaterThan(1);
        for (DiffStrategyProvider from : strategies) {
            for (DiffStrategyProvider to : strategies) {
                if (!from.id().equals(to.id())) {
                    try (World<T> world = new World<>(fixture())) {
                        test.run(world, from, to);
                    } catch (AssertionError e) {
                        throw failed("from " + from.id() + " to " + to.id() + ": ", e);
                    }
                }
            }
        }
    }

    private static AssertionError failed(String way, AssertionError e) {
        AssertionError failed = new AssertionError(way + e.getMessage(), e.getCause());
        failed.setStackTrace(e.getStackTrace());
        return failed;
    }

    @Test
    @Rule({"R11", "R13", "R36"})
    final void eachClientStartsAgainAndGoesOn() throws Exception {
        eachWay((world, from, to) -> {
            world.start(from);
            ModelClient alice = world.client("alice").set("item/a", 1).sync();
            ModelClient bob = world.client("bob").set("item/b", 2).sync();
            ModelClient anna = world.client("anna").set("item/c", 3).sync();
            ModelClient tab = anna.tab();

            world.change(to);

            for (ModelClient client : List.of(alice, bob, anna, tab)) {
                assertPatch(client.via(world.wire()).pull()).first().isEqualTo("clear");
                client.converges();
            }
            assertThat(alice.entities().keySet())
                    .as("keys in the client's view")
                    .contains("item/a", "item/c");
            assertView(bob).containsKey("item/b");
            alice.set("item/a", 10).delete("item/c").sync();
            bob.set("item/b", 20).sync();
            assertPatch(anna.pull()).contains("put item/a 10", "del item/c").doesNotContain("clear");
            for (ModelClient client : List.of(alice, bob, anna, tab)) {
                client.converges();
            }
        });
    }

    @Test
    @Rule({"R11", "R21", "R38"})
    final void pendingMutationsAreAppliedOnce() throws Exception {
        eachWay((world, from, to) -> {
            world.start(from);
            ModelClient alice = world.client("alice").set("item/a", 1).sync();
            // One that the server has and the client does not know of, one that the server has not.
            alice.increment(COUNTER).push();
            alice.increment(COUNTER);
            ModelClient offline = world.client("anna").increment(COUNTER);

            world.change(to);

            alice.via(world.wire()).pull();
            assertThat(alice.view().lastMutationID(alice.clientID()))
                    .as("last mutation id that the client was told")
                    .isEqualTo(2);
            assertPending(alice).hasSize(1);
            alice.sync();
            offline.via(world.wire()).sync();
            alice.pull();
            assertPending(alice).isEmpty();
            assertPending(offline).isEmpty();
            assertThat(alice.value(COUNTER).asLong())
                    .as("value in the client's view")
                    .isEqualTo(3);
            for (long id = 1; id <= 3; id++) {
                assertThat(world.mutators.runs(alice.clientID(), id))
                        .as("runs of the mutation")
                        .isEqualTo(1);
            }
            assertThat(world.mutators.runs(offline.clientID(), 1))
                    .as("runs of the mutation")
                    .isEqualTo(1);
            alice.converges();
        });
    }

    /** Who pushes before it pulls, as the real client does at its start, is not taken for another. */
    @Test
    @Rule({"R21", "R39", "R45"})
    final void aPushMayComeFirst() throws Exception {
        eachWay((world, from, to) -> {
            world.start(from);
            ModelClient alice = world.client("alice").set("item/a", 1).sync();
            alice.increment(COUNTER).push();
            alice.increment(COUNTER);

            world.change(to);

            alice.via(world.wire()).push();
            assertPatch(alice.pull()).first().isEqualTo("clear");
            assertPending(alice).isEmpty();
            assertThat(alice.value(COUNTER).asLong())
                    .as("value in the client's view")
                    .isEqualTo(2);
        });
    }

    @Test
    @Rule({"R11", "R51"})
    final void noCookieContinuesAfterAChangeAndBack() throws Exception {
        eachWay((world, from, to) -> {
            world.start(from);
            ModelClient alice = world.client("alice")
                    .set("item/gone", 1)
                    .set("item/stays", 2)
                    .sync();
            ModelClient anna = world.client("anna").sync();
            ModelClient offline = world.client("anna").sync();
            offline.increment(COUNTER);

            world.change(to);
            // As many as before, so that what counts from the begin again counts the same.
            alice.via(world.wire()).delete("item/gone").set("item/new", 3).sync();
            anna.via(world.wire()).pull();
            assertView(anna).containsKey("item/new").doesNotContainKey("item/gone");

            world.change(from);
            alice.via(world.wire()).set("item/newer", 4).sync();
            for (ModelClient client : List.of(alice, anna, offline)) {
                PullAnswer answer = client.via(world.wire()).pull();
                if (client != alice) {
                    assertPatch(answer).first().isEqualTo("clear");
                }
                assertThat(client.entities().keySet())
                        .as("keys in the client's view")
                        .containsExactlyInAnyOrder("item/stays", "item/new", "item/newer");
            }
            offline.sync();
            assertThat(offline.value(COUNTER).asLong())
                    .as("value in the client's view")
                    .isEqualTo(1);
            assertPending(offline).isEmpty();
            offline.converges();
        });
    }

    @Test
    @Rule({"R45", "R49"})
    final void groupsBelongToTheirUsersAndSpaces() throws Exception {
        eachWay((world, from, to) -> {
            world.start(from);
            ModelClient alice = world.client("alice").set("item/a", 1).sync();
            ModelClient bob = world.client("bob").set("item/b", 1).sync();

            world.change(to);

            Map<String, Group> groups = world.store.look().groups();
            for (ModelClient client : List.of(alice, bob)) {
                String space = world.kept(spaceOf(client.user()));
                assertThat(groups).containsEntry(client.groupID(), new Group(client.groupID(), client.user(), space));
                ModelClient thief =
                        client.posing("mallory", spaceOf(client.user())).via(world.wire());
                assertStatus(thief.tryPull().answer()).isEqualTo(403);
            }
            assertThat(world.store.look().clients())
                    .as("clients in the store")
                    .containsEntry(alice.clientID(), new PushTx.Client(alice.groupID(), 1));
        });
    }

    /** A client that was told what a restore then took back. */
    private static <T> ModelClient fromBeforeARestore(World<T> world) {
        ModelClient alice = world.client("alice").set("item/a", 1).sync();
        Runnable restore = world.store.operator().backup();
        alice.set("item/a", 2).set("item/lost", 3).sync();
        restore.run();
        world.store.operator().newEpoch();
        return alice;
    }

    /** What a restore made doubtful stays so: an id that went back is never told. */
    @Test
    @Rule({"R36", "R37"})
    final void aClientFromBeforeARestoreIsNotToldIDsThatWentBack() throws Exception {
        eachWay((world, from, to) -> {
            world.start(from);
            ModelClient alice = fromBeforeARestore(world);

            world.change(to);

            assertPatch(alice.via(world.wire()).pull()).first().isEqualTo("clear");
            assertThat(alice.value("item/a").asLong())
                    .as("value in the client's view")
                    .isEqualTo(1);
            alice.converges();
        });
    }

    /** Nor is one that was sent everything anew in between, under the strategy before. */
    @Test
    @Rule({"R36", "R37"})
    final void aClientThatStartedAgainAfterARestoreIsNotToldIDsThatWentBack() throws Exception {
        eachWay((world, from, to) -> {
            world.start(from);
            ModelClient alice = fromBeforeARestore(world);
            assertPatch(alice.pull()).first().isEqualTo("clear");

            world.change(to);

            assertPatch(alice.via(world.wire()).pull()).first().isEqualTo("clear");
            alice.converges();
        });
    }

    @Test
    @Rule({"R11", "R70"})
    final void noServerStartsWithAnotherStrategy() throws Exception {
        eachWay((world, from, to) -> {
            world.start(from);
            assertThatThrownBy(() -> world.server(to))
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessageContaining("'" + from.id() + "'")
                    .hasMessageContaining("'" + to.id() + "'");
            ModelClient alice = world.client("alice").set("item/a", 1).sync();
            Node<T> left = world.node();

            world.change(to);

            assertThatThrownBy(() -> world.server(from)).isInstanceOf(ConfigurationException.class);
            // One that was left running does no harm, and loses nothing.
            alice.via(left.wire()).increment(COUNTER);
            assertStatus(alice.tryPush()).isEqualTo(503);
            assertStatus(alice.tryPull().answer()).isNotEqualTo(200);
            alice.via(world.wire()).sync();
            assertThat(alice.value(COUNTER).asLong())
                    .as("value in the client's view")
                    .isEqualTo(1);
        });
    }

    /** A store and the one server that runs on it. */
    private static final class World<T> implements AutoCloseable {
        private final SyncFixture<T> store;
        private final KitMutators<T> mutators;
        private final List<Node<T>> nodes = new ArrayList<>();
        private @Nullable DiffStrategyProvider strategy;

        World(SyncFixture<T> store) {
            this.store = store;
            this.mutators = new KitMutators<>(store, key -> "");
            SPACES.forEach(store.operator()::createSpace);
        }

        SyncServer<T> server(DiffStrategyProvider with) {
            return SyncServer.builder(store.node())
                    .mutators(mutators.all())
                    .strategy(with)
                    // A server that was left running tries as often as it may, but not for seconds.
                    .time(System::nanoTime, time -> {})
                    .build();
        }

        void start(DiffStrategyProvider with) {
            strategy = with;
            SyncServer<T> server = server(with);
            nodes.add(new Node<>(
                    server,
                    Wire.to(
                            server,
                            server.endpoint(request -> request.bearerToken().orElseThrow()))));
        }

        void change(DiffStrategyProvider to) {
            DiffStrategy next = to.create(StorageContext.of(store.node()));
            store.operator().changeStrategy(to.id(), group -> next.space(spaceOf(group.userID())));
            start(to);
        }

        Node<T> node() {
            return nodes.get(nodes.size() - 1);
        }

        Wire wire() {
            return node().wire();
        }

        ModelClient client(String user) {
            return node().client(user, spaceOf(user));
        }

        String kept(String space) {
            if (strategy == null) {
                throw new IllegalStateException("no server was started");
            }
            return strategy.create(StorageContext.of(store.node())).space(space);
        }

        @Override
        public void close() throws Exception {
            for (Node<T> node : nodes) {
                node.close();
            }
            store.close();
        }
    }
}
