package dev.replisync;

import dev.replisync.error.RejectedException;
import dev.replisync.error.RequestException;
import dev.replisync.protocol.Text;
import dev.replisync.storage.PushTx;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One attempt at a transaction: what its writes told the SDK, to be used if it commits and forgotten if not. */
final class WriteScope implements WriteContext {
    private final Settings<?> settings;
    private final PushTx<?> tx;
    private final String space;
    private final Spaces spaces;
    private final Predicate<String> mayEnter;
    private final Set<String> channels = new TreeSet<>();
    private final SortedSet<String> touched = new TreeSet<>();
    private final List<Runnable> effects = new ArrayList<>();
    private @Nullable Throwable sdkFailure;

    /**
     * Begins an attempt.
     *
     * @param space the space that is written to, as the caller named it
     * @param spaces the spaces that the transaction was opened with
     * @param mayEnter which other spaces may be written to
     */
    WriteScope(Settings<?> settings, PushTx<?> tx, String space, Spaces spaces, Predicate<String> mayEnter) {
        this.settings = settings;
        this.tx = tx;
        this.space = space;
        this.spaces = spaces;
        this.mayEnter = mayEnter;
        channels.add(spaces.own());
    }

    @Override
    public String space() {
        return space;
    }

    @Override
    public void touchIn(String named, String key, Set<String> lostBy) {
        check("a key", key);
        lostBy.forEach(user -> check("a user id in lostBy", user));
        String kept = named.equals(space) ? spaces.own() : enter(named);
        ask(() -> {
            tx.touch(kept, key, lostBy);
            return true;
        });
        touched.add(kept);
        channels.add(kept);
    }

    private String enter(String named) {
        if (!mayEnter.test(named)) {
            throw new RejectedException("the user may not enter space '" + Limits.forLog(named) + "'");
        }
        String kept;
        try {
            kept = settings.kept(named);
        } catch (RequestException | IllegalArgumentException e) {
            throw new RejectedException(String.valueOf(e.getMessage()));
        }
        return ask(() -> spaces.require(kept, tx::exists));
    }

    @Override
    public void poke(String channel) {
        channels.add(Objects.requireNonNull(channel, "channel"));
    }

    @Override
    public void lock(String name) {
        check("the name of a lock", name);
        if (version().isEmpty()) {
            ask(() -> {
                tx.lock(spaces.own(), name);
                return true;
            });
        }
    }

    @Override
    public OptionalLong version() {
        Long now = tx.state().versions().get(spaces.own());
        return now == null ? OptionalLong.empty() : OptionalLong.of(now + 1);
    }

    @Override
    public void afterCommit(Runnable effect) {
        effects.add(Objects.requireNonNull(effect, "effect"));
    }

    boolean visible(String userID, String key) {
        check("a key", key);
        return ask(() -> tx.visible(userID, spaces.own(), key));
    }

    /** The spaces whose versions the commit moves: its own, for the last mutation ids, and those that were touched. */
    SortedSet<String> spacesToMove() {
        SortedSet<String> moved = new TreeSet<>();
        if (settings.strategy().movesVersions()) {
            moved.add(spaces.own());
            moved.addAll(touched);
        }
        return moved;
    }

    /** The channels that the commit pokes. */
    Set<String> channels() {
        return channels;
    }

    /** To be called once the transaction is committed and closed. */
    void runEffects() {
        effects.forEach(effect -> Quietly.run("an effect after the commit", effect));
    }

    /** Whether the SDK's own doing failed while application code ran, which must not be blamed on that code (R24). */
    boolean sdkFailed() {
        return sdkFailure != null;
    }

    /** Whether the attempt ended only because it needs another space, which is known by now. */
    boolean needsSpace() {
        return sdkFailure instanceof Spaces.NotOpened;
    }

    /** Ends an attempt in which application code swallowed a failure of the SDK: what it noted would be missing. */
    void rethrowSdkFailure() {
        if (sdkFailure instanceof RuntimeException e) {
            throw e;
        }
        if (sdkFailure instanceof Error e) {
            throw e;
        }
    }

    private void check(String what, String text) {
        String problem = Text.problem(text, settings.limits().keyBytes());
        if (problem != null) {
            throw new IllegalArgumentException(what + " " + problem);
        }
    }

    /** Runs a statement of the SDK. An illegal argument is the application's, everything else is the SDK's failure. */
    private <R> R ask(Supplier<R> statement) {
        try {
            return statement.get();
        } catch (IllegalArgumentException | RejectedException e) {
            throw e;
        } catch (RuntimeException | Error e) {
            sdkFailure = e;
            throw e;
        }
    }
}
