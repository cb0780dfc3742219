package dev.replisync.tck;

import dev.replisync.MutationContext;
import dev.replisync.Mutator;
import dev.replisync.Mutators;
import dev.replisync.error.RejectedException;
import dev.replisync.error.RetryLaterException;
import dev.replisync.protocol.Json;
import dev.replisync.protocol.Mutation;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * The kit's standard mutators, on any handle, and what the tests can see and steer of them. All nodes of a test share
 * one.
 */
final class KitMutators<T> {
    private final SyncFixture<T> fixture;
    final Gates gates = new Gates();
    /** Effects that ran after a commit, in order. */
    final Queue<String> effects = new ConcurrentLinkedQueue<>();
    /** How often a mutator was called for a mutation, by client and id. */
    private final ConcurrentMap<String, AtomicInteger> runs = new ConcurrentHashMap<>();
    /** How many more times {@code later} is to be thrown. */
    final AtomicInteger laterTimes = new AtomicInteger(Integer.MAX_VALUE);

    /** Called at the begin of each run of a mutator. */
    volatile Consumer<Mutation> beforeEach = mutation -> {};

    /** Gives an entity's value as it is committed. */
    private final UnaryOperator<String> look;

    KitMutators(SyncFixture<T> fixture, UnaryOperator<String> look) {
        this.fixture = fixture;
        this.look = look;
    }

    record Put(String key, Json value) {}

    record Key(String key) {}

    record Add(String key, long by) {}

    record Readers(String key, List<String> users) {}

    record Named(String name) {}

    record GatedPut(String gate, String key, Json value) {}

    record Seen(String key, String into) {}

    record Move(String key, String to, Json value) {}

    /** A mutator on the kit's own handle. */
    private interface Logic<A> {
        void apply(KitHandle kit, A args, MutationContext ctx) throws Exception;
    }

    int runs(String clientID, long id) {
        return runs.getOrDefault(clientID + "/" + id, new AtomicInteger()).get();
    }

    Mutators<T> all() {
        Mutators<T> all = new Mutators<>();
        all.add("set", Put.class, on((kit, a, ctx) -> kit.put(a.key(), a.value())));
        all.add("delete", Key.class, on((kit, a, ctx) -> kit.delete(a.key())));
        all.add("increment", Add.class, on(KitMutators::increment));
        all.add("pair", Add.class, on((kit, a, ctx) -> {
            kit.put(a.key() + "/a", Json.of(a.by()));
            kit.put(a.key() + "/b", Json.of(a.by()));
        }));
        all.add("maxPlusOne", Key.class, on(KitMutators::maxPlusOne));
        all.add("readers", Readers.class, on((kit, a, ctx) -> kit.readers(a.key(), Set.copyOf(a.users()))));
        all.add("move", Move.class, on((kit, a, ctx) -> kit.move(a.key(), a.to(), a.value())));
        all.add("noop", Json.class, on((kit, a, ctx) -> {}));
        all.add("noArgs", Void.class, on((kit, a, ctx) -> kit.put("item/no-args", Json.of(true))));
        all.add("touch", Key.class, on((kit, a, ctx) -> ctx.touch(a.key())));
        all.add("canSee", Seen.class, on((kit, a, ctx) -> kit.put(a.into(), Json.of(ctx.canSee(a.key())))));
        all.add(
                "whoami",
                Key.class,
                on((kit, a, ctx) -> kit.put(a.key(), Json.of(List.of(ctx.userID(), ctx.space())))));
        addFailing(all);
        all.add("gate", GatedPut.class, on((kit, a, ctx) -> {
            kit.put(a.key(), a.value());
            gates.pass(a.gate());
        }));
        all.add("lockThenGate", GatedPut.class, on((kit, a, ctx) -> {
            ctx.lock(a.key());
            gates.pass(a.gate());
            kit.put(a.key(), a.value());
        }));
        all.add("effect", Named.class, on((kit, a, ctx) -> ctx.afterCommit(() -> effects.add(a.name()))));
        all.add(
                "failingEffect",
                Named.class,
                on((kit, a, ctx) -> ctx.afterCommit(() -> {
                    effects.add(a.name());
                    throw new IllegalStateException("an effect fails");
                })));
        all.add("effectLooks", Put.class, on((kit, a, ctx) -> {
            kit.put(a.key(), a.value());
            ctx.afterCommit(() -> effects.add("found " + look.apply(a.key())));
        }));
        return all;
    }

    private void addFailing(Mutators<T> all) {
        all.add("fail", Json.class, on((kit, a, ctx) -> {
            throw new RejectedException("the kit's mutator 'fail' fails");
        }));
        all.add("failHalfway", Put.class, on((kit, a, ctx) -> {
            kit.put(a.key(), a.value());
            ctx.afterCommit(() -> effects.add("of a failed mutation"));
            throw new IllegalStateException("the kit's mutator 'failHalfway' fails");
        }));
        all.add("failsAtFirst", Put.class, on((kit, a, ctx) -> {
            kit.put(a.key(), a.value());
            if (runs(ctx.mutation().clientID(), ctx.mutation().id()) == 1) {
                throw new RejectedException("the kit's mutator 'failsAtFirst' fails once");
            }
        }));
        all.add("overflow", Put.class, on((kit, a, ctx) -> {
            kit.put(a.key(), a.value());
            throw new StackOverflowError("the kit's mutator 'overflow' fails");
        }));
        all.add("later", Put.class, on((kit, a, ctx) -> {
            kit.put(a.key(), a.value());
            ctx.afterCommit(() -> effects.add("later"));
            if (laterTimes.getAndDecrement() > 0) {
                throw new IllegalStateException(
                        "wrapped, as frameworks do", new RetryLaterException("the kit's mutator 'later' cannot now"));
            }
        }));
        all.add("error", Put.class, on((kit, a, ctx) -> {
            kit.put(a.key(), a.value());
            if (laterTimes.getAndDecrement() > 0) {
                throw new InternalError("the kit's mutator 'error' has an error");
            }
        }));
        all.add("swallow", Put.class, on((kit, a, ctx) -> {
            kit.put(a.key(), a.value());
            kit.swallowError();
        }));
    }

    /** Adds to a counter; the lock makes it right also where mutators run in parallel. */
    private static void increment(KitHandle kit, Add args, MutationContext ctx) {
        ctx.lock(args.key());
        long before = kit.get(args.key()).map(KitMutators::number).orElse(0L);
        kit.put(args.key(), Json.of(before + args.by()));
    }

    /** Takes the next free place in a list; two must never get the same. */
    private static void maxPlusOne(KitHandle kit, Key args, MutationContext ctx) {
        ctx.lock("list of " + args.key());
        int place = 1;
        while (kit.get(args.key() + "/" + place).isPresent()) {
            place++;
        }
        kit.put(
                args.key() + "/" + place,
                Json.of(ctx.mutation().clientID() + "/" + ctx.mutation().id()));
    }

    private static long number(Json json) {
        return Long.parseLong(json.toString());
    }

    private <A> Mutator<T, A> on(Logic<A> logic) {
        return (tx, args, ctx) -> {
            String run = ctx.mutation().clientID() + "/" + ctx.mutation().id();
            runs.computeIfAbsent(run, r -> new AtomicInteger()).incrementAndGet();
            beforeEach.accept(ctx.mutation());
            logic.apply(fixture.kit(tx, ctx), args, ctx);
        };
    }
}
