package dev.replisync.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replisync.SyncObserver;
import dev.replisync.SyncServerBuilder;
import dev.replisync.protocol.Caller;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * Entities that move between spaces (rule R54): gone from the one and come to the other in one commit, for all who may know
 * of it and for nobody else.
 *
 * @param <T> the storage's handle
 */
@Needs(Feature.SPACES)
public abstract class MoveContract<T> extends ServerContract<T> {
    private static final int MOVES = 60;

    /**
     * For subclasses.
     *
     * @param setup what is tested
     */
    protected MoveContract(ServerSetup<T> setup) {
        super(setup);
    }

    /** How it is done, which a client does not see of a move that was rejected. */
    private static final String MOVED = " (kit(tx, ctx).move begins with ctx.touchIn(space, key, Set.of()))";

    private static ModelClient move(ModelClient client, String key, String to, int value) {
        return client.mutate("move", Map.of("key", key, "to", to, "value", value));
    }

    private long version(String space) {
        return store().look().version(kept(space));
    }

    @Test
    @Rule("R54")
    @Needs(strategy = {Trait.DIFFERENCES, Trait.SEPARATE_SPACES})
    final void whatMovesIsADelHereAndAPutThere() {
        Node<T> node = node();
        ModelClient here = node.client("ann").set("item/1", 1).set("item/2", 2).sync();
        ModelClient there = node.client("bob", OTHER).set("item/3", 3).sync();
        // The other space's version is far ahead, or far behind.
        for (int i = 0; i < 20; i++) {
            there.set("item/3", i).sync();
        }
        long before = version(SPACE);
        long beforeThere = version(OTHER);
        move(here, "item/1", OTHER, 5).push();
        if (setup().traits().contains(Trait.VERSIONS)) {
            assertThat(version(SPACE)).as("version of the one" + MOVED).isEqualTo(before + 1);
            assertThat(version(OTHER)).as("version of the other" + MOVED).isEqualTo(beforeThere + 1);
        }
        assertPatch(here.pull()).as("patch where it moves away" + MOVED).containsExactly("del item/1");
        assertPatch(there.pull()).containsExactly("put item/1 5");
        move(there, "item/1", SPACE, 6).push();
        assertThat(here.pull().patch()).as("back again").containsExactly("put item/1 6");
        assertPatch(there.pull()).containsExactly("del item/1");
        here.converges();
        there.converges();
    }

    @Test
    @Rule({"R54", "R57", "R13"})
    @Needs(strategy = {Trait.DIFFERENCES, Trait.SEPARATE_SPACES})
    final void whatMovesThereAndBackBetweenTwoPullsIsOnePut() {
        Node<T> node = node();
        ModelClient here = node.client("ann").set("item/1", 1).set("item/2", 2).sync();
        ModelClient there = node.client("bob", OTHER).set("item/3", 3).sync();
        ModelClient mover = node.client("cid");
        ModelClient back = node.client("cid", OTHER);
        move(mover, "item/1", OTHER, 4).push();
        move(back, "item/1", SPACE, 5).push();
        assertPatch(here.pull())
                .as("patch after it moved there and back" + MOVED)
                .containsExactly("put item/1 5");
        assertThat(there.pull().patch()).as("nothing, or a harmless del").isSubsetOf("del item/1");
        // Once more with a change there, then deleted there.
        move(mover, "item/1", OTHER, 6).push();
        back.set("item/1", 7).delete("item/1").push();
        move(mover, "item/2", OTHER, 8).push();
        assertPatch(here.pull()).containsExactlyInAnyOrder("del item/1", "del item/2");
        assertThat(there.pull().patch())
                .as("nothing of what came and went, or a harmless del")
                .contains("put item/2 8")
                .isSubsetOf("put item/2 8", "del item/1");
        mover.set("item/1", 9).push();
        assertThat(here.pull().patch()).as("created anew").containsExactly("put item/1 9");
        here.converges();
        there.converges();
        assertView(there).containsOnlyKeys("item/2", "item/3");
    }

    @Test
    @Rule({"R54", "R55"})
    @Needs(
            value = Feature.READ_RULES,
            strategy = {Trait.DIFFERENCES, Trait.SEPARATE_SPACES})
    final void onlyThoseThatMayKnowOfItHearOfAMove() {
        Node<T> node = node();
        ModelClient ann = node.client("ann")
                .set("item/1", 1)
                .mutate("readers", Map.of("key", "item/1", "users", List.of("ann", "bob")));
        ann.sync();
        List<ModelClient> here = new ArrayList<>();
        List<ModelClient> there = new ArrayList<>();
        for (String user : List.of("bob", "eve")) {
            here.add(node.client(user));
            there.add(node.client(user, OTHER));
        }
        here.forEach(ModelClient::pull);
        there.forEach(ModelClient::pull);
        move(ann, "item/1", OTHER, 2).push();
        assertPatch(ann.pull())
                .as("patch of its owner, where it moves away" + MOVED)
                .containsExactly("del item/1");
        assertThat(here.get(0).pull().patch()).as("another reader").containsExactly("del item/1");
        assertThat(here.get(1).pull().patch()).as("a stranger here").isEmpty();
        assertThat(there.get(0).pull().patch()).as("a reader there").containsExactly("put item/1 2");
        assertThat(there.get(1).pull().patch()).as("a stranger there").isEmpty();
    }

    @Test
    @Rule("R54")
    @Needs(strategy = {Trait.DIFFERENCES, Trait.VERSIONS, Trait.SEPARATE_SPACES})
    final void theFirstTouchRunsTheAttemptAgainWithAllSpaces() {
        store().operator().createSpace("third");
        Node<T> node = node();
        ModelClient client = node.client("ann");
        client.set("item/1", 1).set("item/2", 2).set("item/3", 3).sync();
        AtomicInteger here = node.countPokes(SPACE);
        AtomicInteger there = node.countPokes(OTHER);
        AtomicInteger third = node.countPokes("third");
        move(client, "item/1", OTHER, 1);
        move(client, "item/2", "third", 2);
        move(client, "item/3", OTHER, 3);
        client.set("item/4", 4).push();
        List<Integer> runs = new ArrayList<>();
        for (long id = 4; id <= 7; id++) {
            runs.add(mutators().runs(client.clientID(), id));
        }
        assertThat(runs)
                .as("runs of each move: one more for each space that was not locked yet" + MOVED)
                .isEqualTo(setup().batch() == 1 ? List.of(2, 2, 2, 1) : List.of(3, 2, 1, 1));
        assertLastMutationID(client).isEqualTo(7);
        assertPatch(client.pull()).containsExactlyInAnyOrder("del item/1", "del item/2", "del item/3", "put item/4 4");
        assertPatch(node.client("bob", "third").pull()).containsExactly("put item/2 2");
        eventually("each is poked", () -> here.get() > 0 && there.get() > 0 && third.get() > 0);
        assertThat(becomes(() -> here.get() + there.get() + third.get() > 3, A_WHILE))
                .as("somebody is poked twice for one push")
                .isFalse();
    }

    @Test
    @Rule({"R54", "R67"})
    @Needs(strategy = Trait.DIFFERENCES)
    final void aMoveThatIsRejectedMovesNothingAndPokesNobodyElse() {
        Node<T> node =
                node(builder -> builder.spaceAccess((user, space) -> !user.equals("eve") || space.equals(SPACE)));
        ModelClient eve = node.client("eve").set("item/1", 1).set("item/2", 2).sync();
        ModelClient there = node.client("ann", OTHER);
        there.pull();
        long before = store().look().version(OTHER);
        AtomicInteger pokes = node.countPokes(OTHER);
        move(eve, "item/1", OTHER, 3);
        eve.set("item/2", 4).push();
        assertThat(lastMutationID(eve))
                .as("a move that is rejected is processed, as is what follows" + MOVED)
                .isEqualTo(4);
        assertPatch(eve.pull()).containsExactly("put item/2 4");
        assertThat(eve.value("item/1").intValue())
                .as("value in the client's view")
                .isEqualTo(1);
        assertVersion(OTHER).isEqualTo(before);
        if (setup().traits().contains(Trait.SEPARATE_SPACES)) {
            assertPatch(there.pull()).isEmpty();
            assertThat(becomes(() -> pokes.get() > 0, A_WHILE))
                    .as("the other space is poked")
                    .isFalse();
        }
    }

    @Test
    @Rule("R54")
    @Needs(strategy = {Trait.DIFFERENCES, Trait.VERSIONS, Trait.SEPARATE_SPACES})
    final void aMoveToASpaceThatDoesNotExistIsRejected() {
        Node<T> node = node();
        ModelClient client = node.client("ann").set("item/1", 1).sync();
        for (String nowhere : List.of("nowhere", "global")) {
            move(client, "item/1", nowhere, 2).push();
            assertThat(client.pull().patch())
                    .as("patch after a move to %s, which does not exist" + MOVED, nowhere)
                    .isEmpty();
        }
        assertLastMutationID(client).isEqualTo(3);
        assertThat(node.client("ann", "nowhere").tryPull().status())
                .as("the space, afterwards")
                .isEqualTo(404);
    }

    @Test
    @Rule("R54")
    @Needs(
            value = Feature.SPACES_ON_FIRST_USE,
            strategy = {Trait.DIFFERENCES, Trait.VERSIONS, Trait.SEPARATE_SPACES})
    final void aMoveCreatesASpaceWhereTheServerIsToldSo() {
        Node<T> node = node(SyncServerBuilder::createSpaces);
        ModelClient client = node.client("ann").set("item/1", 1).sync();
        assertPatch(move(client, "item/1", "nowhere", 3).push().pull()).containsExactly("del item/1");
        assertPatch(node().client("ann", "nowhere").pull()).containsExactly("put item/1 3");
    }

    @Test
    @Rule("R54")
    final void whereThereIsOneSpaceAMoveIsAnOrdinaryWrite() {
        if (setup().traits().contains(Trait.SEPARATE_SPACES)) {
            return;
        }
        Node<T> node = node();
        ModelClient client = node.client("ann").set("item/1", 1).sync();
        ModelClient there = node.client("bob", OTHER);
        there.pull();
        assertPatch(move(client, "item/1", OTHER, 2).push().pull()).containsExactly("put item/1 2");
        assertPatch(there.pull()).containsExactly("put item/1 2");
        assertThat(mutators().runs(client.clientID(), 2)).as("runs").isEqualTo(1);
    }

    /** Each move counts one version on both sides, so that the cookies tell which moves a pull has seen. */
    @Test
    @Rule({"R54", "R6"})
    @Needs(strategy = {Trait.VERSIONS, Trait.SEPARATE_SPACES})
    final void bothSidesSeeAMoveInTheSameMoment() {
        Node<T> node = node();
        ModelClient mover = node.client("ann").set("item/1", 0).sync();
        ModelClient back = node.client("ann", OTHER);
        ModelClient here = node().client("bob");
        ModelClient there = node().client("bob", OTHER);
        here.pull();
        there.pull();
        long firstHere = version(SPACE);
        long firstThere = version(OTHER);
        AtomicBoolean done = new AtomicBoolean();
        Future<Integer> reading = start(() -> {
            int pulls = 0;
            for (; !done.get() || pulls < 2; pulls++) {
                boolean first = pulls % 2 == 0;
                long one = moves(first ? here : there, first ? firstHere : firstThere, first);
                long two = moves(first ? there : here, first ? firstThere : firstHere, !first);
                assertThat(two)
                        .as("moves seen in the space that was pulled later")
                        .isGreaterThanOrEqualTo(one);
            }
            return pulls;
        });
        try {
            for (int n = 1; n <= MOVES; n++) {
                boolean out = n % 2 == 1;
                move(out ? mover : back, "item/1", out ? OTHER : SPACE, n).sync();
            }
        } finally {
            done.set(true);
        }
        assertThat(result(reading)).as("pulls meanwhile").isPositive();
    }

    /** Pulls, and tells how many moves are in it; the entity is where so many moves have brought it. */
    private static long moves(ModelClient client, long first, boolean home) {
        client.pull();
        long seen = client.view().cookie().path("order").longValue() - first;
        boolean expected = home == (seen % 2 == 0);
        assertThat(client.entities().containsKey("item/1"))
                .as("the entity is there after %s moves", seen)
                .isEqualTo(expected);
        if (expected) {
            assertThat(client.value("item/1").longValue()).as("its value").isEqualTo(seen);
        }
        return seen;
    }

    @Test
    @Rule("R27")
    final void movesCrosswiseDoNotDeadlock() {
        Queue<Throwable> retries = new ConcurrentLinkedQueue<>();
        SyncObserver observer = new SyncObserver() {
            @Override
            public void retried(Caller caller, int attempt, Throwable cause) {
                retries.add(cause);
            }
        };
        List<Future<ModelClient>> movers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            String from = i % 2 == 0 ? SPACE : OTHER;
            String to = i % 2 == 0 ? OTHER : SPACE;
            ModelClient client = node(builder -> builder.observer(observer)).client("user" + i, from);
            int number = i;
            movers.add(start(() -> {
                for (int n = 0; n < 15; n++) {
                    String key = "item/" + number + "-" + n;
                    client.set(key, n).push();
                    move(client, key, to, n).push();
                }
                return client;
            }));
        }
        movers.stream().map(StoreContract::result).toList().forEach(client -> {
            client.converges();
            assertLastMutationID(client).isEqualTo(30);
        });
        assertThat(retries).as("what was tried again").isEmpty();
        ModelClient there = node().client("reader", OTHER);
        there.pull();
        int all = setup().traits().contains(Trait.SEPARATE_SPACES) ? 30 : 60;
        assertThat(there.entities()).as("entities that came").hasSize(all);
    }
}
