package dev.replisync.tck;

import dev.replisync.protocol.Json;
import dev.replisync.storage.OpenPush;
import dev.replisync.storage.PushTx;
import dev.replisync.storage.Storage;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.opentest4j.TestAbortedException;

/**
 * Whether a fixture is what the kit takes it for, so that no rule is blamed for it. Only what the fixture itself says is
 * judged: where the storage behind it throws, the tests tell.
 *
 * @param <T> the storage's handle
 */
final class FixtureCheck<T> {
    private static final String KEY = "item/1";
    private static final Json VALUE = Json.parse("{\"a\":1}");
    private static final OpenPush.Group NOBODY = new OpenPush.Group("fixture-g", "ann", "");

    private final SyncFixture<T> fixture;
    private final Places places;
    private final StoreView look;
    private final Operator<T> operator;
    private final Set<Feature> features;

    /**
     * Where the kit's entities are.
     *
     * @param asked the space as callers name it
     * @param kept the same space as the strategy keeps it
     * @param other another space as callers name it; null if there is none to move to
     * @param moves whether versions of spaces move
     * @param creates whether a space that is not there is created
     */
    record Places(String asked, String kept, @Nullable String other, boolean moves, boolean creates) {
        SortedSet<String> locked() {
            SortedSet<String> locked = new TreeSet<>();
            if (moves) {
                locked.add(kept);
                if (other != null) {
                    locked.add(other);
                }
            }
            return locked;
        }
    }

    private FixtureCheck(SyncFixture<T> fixture, Places places) {
        this.fixture = fixture;
        this.places = places;
        this.look = given("look()", fixture::look);
        this.operator = given("operator()", fixture::operator);
        this.features = given("operator().features()", operator::features);
    }

    /** Says which method of the fixture is wrong, and what was expected of it. */
    static final class WrongFixture extends AssertionError {
        private static final long serialVersionUID = 1L;

        WrongFixture(String problem) {
            super("The kit cannot use this fixture: " + problem);
        }

        WrongFixture(String problem, Throwable cause) {
            this(problem);
            initCause(cause);
        }
    }

    /**
     * Uses a fresh fixture up.
     *
     * @throws WrongFixture if a method of it is wrong
     */
    static <T> void of(SyncFixture<T> fixture, Places places) {
        FixtureCheck<T> check = new FixtureCheck<>(fixture, places);
        check.isEmpty();
        check.hasItsSpaces();
        if (check.keepsWhatIsCommitted()) {
            check.handleHasItsVerbs();
            check.operatorHasItsVerbs();
        }
    }

    private void isEmpty() {
        String empty = "nothing: each fixture is a fresh, empty store";
        expect(look.groups(), Map.of(), "look().groups() of a new fixture", empty);
        expect(look.clients(), Map.of(), "look().clients() of a new fixture", empty);
        expect(look.entities(places.kept), 0L, "look().entities(\"" + places.kept + "\") of a new fixture", empty);
    }

    private void hasItsSpaces() {
        if (features.contains(Feature.SPACES)) {
            for (String space : List.of(ServerContract.SPACE, ServerContract.OTHER)) {
                verb(Feature.SPACES, "operator().createSpace(\"" + space + "\")", () -> operator.createSpace(space));
            }
        }
        if (places.creates || !places.moves) {
            return;
        }
        try (PushTx<T> tx = fixture.node().open(what(false))) {
            if (tx.state().unknownSpaces().contains(places.kept)) {
                throw new WrongFixture("space '" + places.kept + "' is not there: "
                        + (features.contains(Feature.SPACES)
                                ? "operator().createSpace(\"" + places.asked + "\") was called, and node().open(…)"
                                        + " still names it among its unknownSpaces"
                                : "operator().features() lacks SPACES, so the fixture has to make this space itself"));
            }
        } catch (RuntimeException e) {
            // The storage's; the tests tell.
        }
    }

    /** Whether so much of the storage works that more can be said. */
    private boolean keepsWhatIsCommitted() {
        Storage<T> one = given("node()", fixture::node);
        Optional<RuntimeException> failure = write(one, places.asked);
        if (failure.isPresent()) {
            if (!places.asked.equals(places.kept) && write(one, places.kept).isEmpty()) {
                throw inAskedSpace("; a transaction with that in it failed with " + failure.get());
            }
            return false;
        }
        Seen same = seen(one);
        if (!same.value.equals(Optional.of(VALUE)) || same.client == null) {
            return false;
        }
        Seen second = seen(given("node()", fixture::node));
        expect(
                second,
                same,
                "another node() after a commit by the first",
                "the same: all nodes of a fixture are on one store");
        isSeen(same);
        return true;
    }

    private Optional<RuntimeException> write(Storage<T> node, String space) {
        try (PushTx<T> tx = node.open(what(true))) {
            KitHandle kit = kit(tx, space);
            call("kit(tx, ctx).put(\"item/1\", …)", () -> kit.put(KEY, VALUE));
            expect(
                    call("kit(tx, ctx).get(\"item/1\")", () -> kit.get(KEY)),
                    Optional.of(VALUE),
                    "kit(tx, ctx).get(\"item/1\") after kit(tx, ctx).put in the same transaction",
                    "the value");
            tx.commit(new PushTx.Closing(Map.of("fixture-c", new PushTx.Client(NOBODY.id(), 1)), locked(false)));
            return Optional.empty();
        } catch (RuntimeException e) {
            return Optional.of(e);
        }
    }

    private WrongFixture inAskedSpace(String found) {
        return new WrongFixture("kit(tx, ctx) keeps entities in space '" + places.asked
                + "', as ctx.space() says; expected: in space '" + places.kept
                + "', where the strategy keeps those of all spaces" + found);
    }

    private void isSeen(Seen same) {
        String committed = "what the storage has committed, read past it";
        Optional<Json> value = look.value(places.kept, KEY);
        if (value.isEmpty()
                && !places.asked.equals(places.kept)
                && look.value(places.asked, KEY).isPresent()) {
            throw inAskedSpace("");
        }
        String inKept = "(\"" + places.kept + "\"";
        expect(value, Optional.of(VALUE), "look().value" + inKept + ", \"item/1\") after a commit", committed);
        expect(look.entities(places.kept), 1L, "look().entities" + inKept + ") after a commit of one", committed);
        expect(look.clients(), Map.of("fixture-c", same.client), "look().clients() after a commit", committed);
        expect(look.groups(), Map.of(NOBODY.id(), group()), "look().groups() after a commit", committed);
        long version = versionRead();
        if (version > 0 && look.version(places.kept) == 0) {
            throw new WrongFixture("look().version" + inKept + ") after a commit gave 0; expected: " + version
                    + ", as node().open(…) reads it (" + committed + ")");
        }
    }

    private long versionRead() {
        try (PushTx<T> tx = fixture.node().open(what(true))) {
            return tx.state().versions().getOrDefault(places.kept, 0L);
        } catch (RuntimeException e) {
            return 0;
        }
    }

    /** What a node knows. */
    private record Seen(Optional<Json> value, PushTx.@Nullable Client client) {}

    private Seen seen(Storage<T> node) {
        try (PushTx<T> tx = node.open(what(true))) {
            return new Seen(kit(tx, places.asked).get(KEY), tx.state().clients().get("fixture-c"));
        } catch (RuntimeException e) {
            return new Seen(Optional.empty(), null);
        }
    }

    private void handleHasItsVerbs() {
        inTransaction(Feature.READ_RULES, "kit(tx, ctx).readers(…)", (kit, ctx) -> kit.readers(KEY, Set.of("ann")));
        String other = places.other;
        if (other != null) {
            inTransaction(Feature.SPACES, "kit(tx, ctx).move(…)", (kit, ctx) -> {
                kit.move(KEY, other, VALUE);
                if (places.moves && !ctx.touched().contains(other)) {
                    throw new WrongFixture("kit(tx, ctx).move(\"item/1\", \"" + other + "\", …) did not call"
                            + " ctx.touchIn(\"" + other + "\", \"item/1\", …); expected: it begins with that, so that"
                            + " the other space is locked and its version moves");
                }
            });
        }
        inTransaction(Feature.POISONED_TRANSACTIONS, "kit(tx, ctx).swallowError()", (kit, ctx) -> kit.swallowError());
    }

    private void operatorHasItsVerbs() {
        AtomicBoolean ran = new AtomicBoolean();
        verb(Feature.OWN_TRANSACTIONS, "operator().transaction(…)", () -> operator.transaction(tx -> ran.set(true)));
        if (features.contains(Feature.OWN_TRANSACTIONS) && !ran.get()) {
            throw new WrongFixture("operator().transaction(work) did not run the work; expected: once, then a commit");
        }
        verb(Feature.PURGE, "operator().purgeTombstones()", operator::purgeTombstones);
        verb(Feature.COLLECT_GROUPS, "operator().collectClientGroups()", operator::collectClientGroups);
        verb(
                Feature.RESTORE,
                "operator().backup()",
                () -> given("operator().backup()", operator::backup).run());
        verb(Feature.RESTORE, "operator().newEpoch()", operator::newEpoch);
        verb(
                Feature.STRATEGY_CHANGE,
                "operator().changeStrategy(…)",
                () -> operator.changeStrategy("another", OpenPush.Group::spaceID));
    }

    private interface Use {
        void of(KitHandle kit, Port.Context ctx);
    }

    private void inTransaction(Feature feature, String name, Use use) {
        if (!features.contains(feature)) {
            return;
        }
        try (PushTx<T> tx = fixture.node().open(what(true))) {
            Port.Context ctx = context(tx, places.asked);
            verb(feature, name, () -> use.of(fixture.kit(tx.handle(), ctx), ctx));
        } catch (RuntimeException e) {
            // The storage's; the tests tell.
        }
    }

    /** Calls what a feature promises. What fails in another way is for the tests to say. */
    private void verb(Feature feature, String name, Runnable verb) {
        if (!features.contains(feature)) {
            return;
        }
        try {
            verb.run();
        } catch (UnsupportedOperationException e) {
            throw new WrongFixture(
                    "operator().features() has " + feature + ", but " + name + " threw " + e
                            + "; expected: leave the feature out, or override the method",
                    e);
        } catch (RuntimeException e) {
            // The tests tell.
        }
    }

    private KitHandle kit(PushTx<T> tx, String space) {
        return given("kit(tx, ctx)", () -> fixture.kit(tx.handle(), context(tx, space)));
    }

    private Port.Context context(PushTx<?> tx, String space) {
        return new Port.Context(tx, space, new HashSet<>(), named -> named.equals(places.asked) ? places.kept : named);
    }

    private OpenPush what(boolean creating) {
        return new OpenPush(
                List.of(group()), Set.of("fixture-c"), locked(creating), places.moves, creating || places.creates);
    }

    private SortedSet<String> locked(boolean all) {
        SortedSet<String> locked = places.locked();
        if (!all) {
            locked.retainAll(Set.of(places.kept));
        }
        return locked;
    }

    private OpenPush.Group group() {
        return new OpenPush.Group(NOBODY.id(), NOBODY.userID(), places.kept);
    }

    private static void expect(Object found, Object expected, String what, String because) {
        if (!found.equals(expected)) {
            throw new WrongFixture(what + " gave " + found + "; expected: " + expected + " (" + because + ")");
        }
    }

    private static void call(String name, Runnable method) {
        call(name, () -> {
            method.run();
            return name;
        });
    }

    private static <R> R call(String name, Supplier<R> method) {
        try {
            return method.get();
        } catch (TestAbortedException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new WrongFixture(name + " threw " + e, e);
        }
    }

    static <R> R given(String name, Supplier<? extends @Nullable R> method) {
        R given = call(name, method);
        if (given == null) {
            throw new WrongFixture(name + " returned null");
        }
        return Objects.requireNonNull(given);
    }
}
