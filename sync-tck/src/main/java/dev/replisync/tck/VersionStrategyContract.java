package dev.replisync.tck;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import dev.replisync.strategy.DiffStrategyProvider;
import org.junit.jupiter.api.Test;

/**
 * What is particular to strategies that pull by version: what moves a version, and what a cookie with a version may lag
 * behind.
 *
 * @param <T> the storage's handle
 */
@Needs(strategy = Trait.VERSIONS)
public abstract class VersionStrategyContract<T> extends ServerContract<T> {

    /**
     * For subclasses.
     *
     * @param setup what is tested
     */
    protected VersionStrategyContract(ServerSetup<T> setup) {
        super(setup);
    }

    @Test
    @Rule("R2")
    final void aPushMovesTheVersionOfTheSpaceAndOfNothingElse() {
        ModelClient client = node().client("ann");
        long before = version();
        client.set("item/1", 1).push();
        assertThat(version()).as("version of the space").isEqualTo(before + 1);
        assertThat(store().look().version(client.groupID()))
                .as("a version under the group's id")
                .isZero();
    }

    @Test
    @Rule("R51")
    @Needs(value = Feature.PURGE, strategy = Trait.DIFFERENCES)
    final void belowThePurgedTombstonesTheClientStartsAgain() {
        ModelClient old = node().client("ann").set("item/1", 1).set("item/2", 2).sync();
        ModelClient current = node().client("bob").delete("item/1").sync();
        store().operator().purgeTombstones();
        assertThat(old.pull().patch()).as("of a client from before").containsExactly("clear", "put item/2 2");
        assertThat(current.set("item/3", 3).push().pull().patch())
                .as("of a client that knew of the deletion")
                .containsExactly("put item/3 3");
        old.converges();
        current.converges();
    }

    @Test
    @Rule({"R40", "R51"})
    @Needs(value = Feature.PURGE, strategy = Trait.DIFFERENCES)
    final void tabsFromBelowThePurgedTombstonesAreOrderedAsTheirViews() {
        ModelClient one = node().client("ann").set("item/1", 1).set("item/2", 1).push();
        one.view().cookie(Bodies.read("1234"));
        one.pull();
        ModelClient two = one.tab();
        ModelClient writer = node().client("bob").delete("item/1").push();
        store().operator().purgeTombstones();
        one.pull();
        writer.set("item/2", 2).push();
        two.pull();
        assertThat(ClientView.compare(two.view().cookie(), one.view().cookie()))
                .as("order of the later view")
                .isPositive();
    }

    @Test
    @Rule("R52")
    @Needs(value = Feature.RESTORE, strategy = Trait.REPLICAS)
    final void aStoreBehindTheCookieIsARestoreUnlessReplicasAreDeclared() {
        DiffStrategyProvider replicas = setup().onReplicas().orElseThrow();
        ModelClient client = node().client("ann").set("item/1", 1).sync();
        Runnable lag = store().operator().backup();
        client.set("item/1", 2).sync();
        JsonNode cookie = client.view().cookie();
        lag.run();
        Node<T> onReplica = node(builder -> builder.strategy(replicas));
        PullAnswer answer = client.via(onReplica.wire()).pull();
        assertThat(answer.cookie()).as("cookie from a replica that lags").isEqualTo(cookie);
        assertPatch(answer).isEmpty();
        assertPatch(client.via(node().wire()).pull()).containsExactly("clear", "put item/1 1");
    }

    @Test
    @Rule("R56")
    final void aViewDependsOnTheUserAndTheCookieOnly() {
        ModelClient writer = node().client("ann").set("item/1", 1).sync();
        JsonNode cookie = writer.view().cookie();
        writer.set("item/2", 2).push();
        ModelClient one = node().client("ann");
        ModelClient two = node().client("ann");
        assertThat(one.sendPull(cookie).body()).isEqualTo(two.sendPull(cookie).body());
        assertThat(one.sendPull(NullNode.getInstance()).body())
                .isEqualTo(two.sendPull(NullNode.getInstance()).body());
    }
}
