package dev.replisync;

import dev.replisync.error.ConfigurationException;
import dev.replisync.storage.Storage;
import dev.replisync.storage.VersionedReads;
import dev.replisync.storage.ViewReads;
import dev.replisync.strategy.DiffStrategy;
import dev.replisync.strategy.DiffStrategyProvider;
import dev.replisync.strategy.StrategyContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Describes a {@link SyncServer}. Nothing is checked before {@link #build}, which reports all problems at once. Used by
 * one thread.
 *
 * @param <T> the storage's handle
 */
public final class SyncServerBuilder<T> {
    private static final Logger LOG = LoggerFactory.getLogger(SyncServerBuilder.class);

    private final Storage<T> storage;
    private @Nullable Mutators<T> mutators;
    private @Nullable String strategyID;
    private @Nullable DiffStrategyProvider strategy;
    private boolean versionLast;
    private int batch = 100;
    private Duration timeLimit = Duration.ofSeconds(20);
    private boolean unknownMutatorsLater;
    private boolean createSpaces;
    private BiPredicate<String, String> spaceAccess = (userID, space) -> true;
    private Predicate<String> pushSchemas = schema -> true;
    private Predicate<String> pullSchemas = schema -> true;
    private int maxBodyBytes = 64 * 1024 * 1024;
    private int maxArgsBytes = 8 * 1024 * 1024;
    private int maxArgsDepth = 500;
    private int maxKeyBytes = 1_000;
    private @Nullable Executor pokeExecutor;
    private SyncObserver observer = new SyncObserver() {};
    private Backoff backoff = Backoff.ofMachine();

    SyncServerBuilder(Storage<T> storage) {
        this.storage = Objects.requireNonNull(storage, "storage");
    }

    /**
     * The application's mutators. Required.
     *
     * @param mutators the mutators; copied by {@link #build}
     * @return this
     */
    public SyncServerBuilder<T> mutators(Mutators<T> mutators) {
        this.mutators = mutators;
        return this;
    }

    /**
     * The strategy, by the id of a provider on the class path: {@code "global"}, … Either this or an instance is
     * required.
     *
     * @param id the provider's id
     * @return this
     */
    public SyncServerBuilder<T> strategy(String id) {
        this.strategyID = id;
        this.strategy = null;
        return this;
    }

    /**
     * The strategy, as an instance: one with options, or of your own.
     *
     * @param provider makes the strategy
     * @return this
     */
    public SyncServerBuilder<T> strategy(DiffStrategyProvider provider) {
        this.strategy = provider;
        this.strategyID = null;
        return this;
    }

    /**
     * Takes the version last: mutators of a space run in parallel, as any web application's code does at READ COMMITTED,
     * and only the closing flush takes the space's version. Invariants over several rows then need {@link
     * WriteContext#lock}. Default: the version is taken first and mutators of a space run one after the other.
     *
     * @return this
     */
    public SyncServerBuilder<T> versionLast() {
        this.versionLast = true;
        return this;
    }

    /**
     * Creates a space on its first use. Default: a space that does not exist is an error, answered with 404; the
     * application creates spaces itself, as its storage says. Strategies without spaces make no difference.
     *
     * @return this
     */
    public SyncServerBuilder<T> createSpaces() {
        this.createSpaces = true;
        return this;
    }

    /**
     * Who may enter which space: asked with the user and the space, as callers name them, at each push, pull and
     * subscription, and when a mutator writes to another space than its own ({@link WriteContext#touchIn}). Default:
     * everybody enters every space that the application's authentication lets through.
     *
     * @param access whether a user may enter a space; quick, and safe for use by several threads
     * @return this
     */
    public SyncServerBuilder<T> spaceAccess(BiPredicate<String, String> access) {
        this.spaceAccess = access;
        return this;
    }

    /**
     * How many mutations share a transaction at most; 1 is a transaction for each. When one of them fails those before it
     * are done again without it. Default 100.
     *
     * <p>Under version first these may be mutations of several pushes, of several users, if the storage {@linkplain
     * Storage#sharesTransactions() shares transactions}: pushes of this node that wait for the same space share one, and
     * its one version. Each mutator runs on the thread of its own request, and a failing one harms none of the others.
     * But what a mutator sets in the database for the rest of the transaction, such as PostgreSQL's {@code set local},
     * holds for those after it too: each mutator sets for itself what it relies on.
     *
     * @param mutations at least 1
     * @return this
     */
    public SyncServerBuilder<T> batch(int mutations) {
        this.batch = mutations;
        return this;
    }

    /**
     * How long one push may go on. When the time is over the push ends between two transactions, and the client is told
     * to send the rest again. Default 20 seconds.
     *
     * @param limit more than zero
     * @return this
     */
    public SyncServerBuilder<T> timeLimit(Duration limit) {
        this.timeLimit = limit;
        return this;
    }

    /**
     * Lets a mutation without a mutator wait until there is one, with status 503, instead of failing it: for the time in
     * which old and new servers run side by side. Default: it fails, is marked as processed, and the client goes on
     * (rule R29).
     *
     * @return this
     */
    public SyncServerBuilder<T> unknownMutatorsLater() {
        this.unknownMutatorsLater = true;
        return this;
    }

    /**
     * The versions of the client's schema that are served; others get {@code VersionNotSupported}. Pushes must be
     * accepted for longer than pulls: an old client that is refused loses its unsent work (rule R34). Default: all.
     *
     * @param pulls the schema versions that may pull and push
     * @param pushesOnly older ones that may still push
     * @return this
     */
    public SyncServerBuilder<T> schemaVersions(Set<String> pulls, Set<String> pushesOnly) {
        Set<String> served = Set.copyOf(pulls);
        Set<String> accepted = Set.copyOf(pushesOnly);
        this.pullSchemas = served::contains;
        this.pushSchemas = schema -> served.contains(schema) || accepted.contains(schema);
        return this;
    }

    /**
     * The longest body; a longer one is answered with 413. Default 64 MiB. A client that was offline for a day sends
     * everything at once, so this must be generous, and so must the limits of the web server.
     *
     * @param bytes at least 1,024
     * @return this
     */
    public SyncServerBuilder<T> maxBodyBytes(int bytes) {
        this.maxBodyBytes = bytes;
        return this;
    }

    /**
     * The longest and deepest arguments of one mutation; others fail that mutation. Default 8 MiB and 500 levels.
     *
     * @param bytes at least 1
     * @param depth from 1 to 1,000
     * @return this
     */
    public SyncServerBuilder<T> maxArgs(int bytes, int depth) {
        this.maxArgsBytes = bytes;
        this.maxArgsDepth = depth;
        return this;
    }

    /**
     * The longest key that a mutator may touch, in bytes of UTF-8; datastores bound what they index. Default 1,000.
     *
     * @param bytes at least 1
     * @return this
     */
    public SyncServerBuilder<T> maxKeyBytes(int bytes) {
        this.maxKeyBytes = bytes;
        return this;
    }

    /**
     * Where pokes are delivered; a subscriber that blocks holds one of its threads. Default: as many daemon threads as
     * there are processors, ended by {@link SyncServer#close}.
     *
     * @param executor stays the caller's to shut down
     * @return this
     */
    public SyncServerBuilder<T> pokeExecutor(Executor executor) {
        this.pokeExecutor = executor;
        return this;
    }

    /**
     * Who is told what the server does. Default: nobody.
     *
     * @param observer safe for use by several threads
     * @return this
     */
    public SyncServerBuilder<T> observer(SyncObserver observer) {
        this.observer = observer;
        return this;
    }

    /**
     * How the server tells the time and waits, between attempts and for the turn of a push, for tests that have a time of
     * their own. Default: the machine's clock and sleep.
     *
     * @param nanoTime as {@link System#nanoTime}; called by several threads
     * @param sleep lets the given time pass; called by several threads
     * @return this
     */
    public SyncServerBuilder<T> time(LongSupplier nanoTime, Consumer<Duration> sleep) {
        this.backoff = Backoff.in(nanoTime, sleep::accept);
        return this;
    }

    /**
     * Builds the server.
     *
     * @return the server
     * @throws ConfigurationException if anything is missing, out of range, or does not fit together; its message lists
     *     everything found
     */
    public SyncServer<T> build() {
        List<String> problems = new ArrayList<>();
        checkNumbers(problems);
        Mutators<T> copied = mutators == null ? new Mutators<>() : mutators.copy();
        if (copied.names().isEmpty()) {
            problems.add("mutators was empty but it must hold at least one; call mutators(…)");
        }
        DiffStrategyProvider provider = provider(problems);
        StrategyContext context =
                new Context(storage.getClass().getSimpleName(), storage.versioned(), storage.views(), createSpaces);
        if (provider != null) {
            problems.addAll(provider.problems(context));
            problems.addAll(storage.problems(new Check(versionLast, provider.id(), createSpaces)));
        }
        if (!problems.isEmpty() || provider == null) {
            throw new ConfigurationException(problems);
        }
        DiffStrategy created = Objects.requireNonNull(
                provider.create(context),
                () -> "strategy '" + provider.id() + "': create() of "
                        + provider.getClass().getName() + " returned null");
        Settings<T> settings = new Settings<>(
                storage,
                copied,
                created,
                versionLast,
                batch,
                timeLimit,
                unknownMutatorsLater,
                createSpaces,
                spaceAccess,
                pushSchemas,
                pullSchemas,
                new Limits(maxBodyBytes, maxArgsBytes, maxArgsDepth, maxKeyBytes),
                observer,
                backoff);
        LOG.info(
                "Replisync: strategy {}, storage {}, version {}, batch {}, time limit {}, mutators {}",
                provider.id(),
                context.storageName(),
                versionLast ? "last" : "first",
                batch,
                timeLimit,
                new TreeSet<>(copied.names()));
        if (pokeExecutor != null) {
            return new SyncServer<>(settings, new PokeHub(pokeExecutor), () -> {});
        }
        ExecutorService own = pokeThreads();
        return new SyncServer<>(settings, new PokeHub(own), own::shutdownNow);
    }

    private void checkNumbers(List<String> problems) {
        atLeast(problems, "batch", batch, 1);
        atLeast(problems, "maxBodyBytes", maxBodyBytes, 1024);
        atLeast(problems, "maxArgs bytes", maxArgsBytes, 1);
        atLeast(problems, "maxArgs depth", maxArgsDepth, 1);
        atLeast(problems, "maxKeyBytes", maxKeyBytes, 1);
        if (maxArgsDepth > 1_000) {
            problems.add("maxArgs depth was " + maxArgsDepth + " but it must be at most 1000");
        }
        if (timeLimit.isNegative() || timeLimit.isZero()) {
            problems.add("timeLimit was " + timeLimit + " but it must be more than zero");
        }
    }

    private static void atLeast(List<String> problems, String name, int value, int least) {
        if (value < least) {
            problems.add(name + " was " + value + " but it must be at least " + least);
        }
    }

    private @Nullable DiffStrategyProvider provider(List<String> problems) {
        if (strategy != null) {
            return strategy;
        }
        StrategyLookup lookup = StrategyLookup.standard();
        if (strategyID == null) {
            problems.add("strategy was not given; " + lookup.choices());
            return null;
        }
        try {
            return lookup.find(strategyID);
        } catch (ConfigurationException e) {
            problems.addAll(e.problems());
            return null;
        }
    }

    private static ExecutorService pokeThreads() {
        int threads = Runtime.getRuntime().availableProcessors();
        return Executors.newFixedThreadPool(threads, task -> {
            Thread thread = new Thread(task, "replisync-poke");
            thread.setDaemon(true);
            return thread;
        });
    }

    private record Context(
            String storageName, Optional<VersionedReads> versioned, Optional<ViewReads> views, boolean createsSpaces)
            implements StrategyContext {}

    private record Check(boolean versionLast, String strategyID, boolean createsSpaces) implements Storage.Check {}
}
