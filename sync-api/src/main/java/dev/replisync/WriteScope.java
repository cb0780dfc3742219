package dev.replisync;

import dev.replisync.protocol.Text;
import dev.replisync.storage.PushTx;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One attempt at a transaction: what its writes told the SDK, to be used if it commits and forgotten if not. */
final class WriteScope implements WriteContext {
    private final PushTx<?> tx;
    private final String space;
    private final String keptSpace;
    private final int maxKeyBytes;
    private final List<Runnable> effects = new ArrayList<>();
    private @Nullable Throwable sdkFailure;

    WriteScope(PushTx<?> tx, String space, String keptSpace, int maxKeyBytes) {
        this.tx = tx;
        this.space = space;
        this.keptSpace = keptSpace;
        this.maxKeyBytes = maxKeyBytes;
    }

    @Override
    public String space() {
        return space;
    }

    @Override
    public void touch(String key) {
        touch(key, Set.of());
    }

    @Override
    public void touch(String key, Set<String> lostBy) {
        check("a key", key);
        lostBy.forEach(user -> check("a user id in lostBy", user));
        ask(() -> {
            tx.touch(keptSpace, key, lostBy);
            return true;
        });
    }

    @Override
    public void lock(String name) {
        check("the name of a lock", name);
        if (version().isEmpty()) {
            ask(() -> {
                tx.lock(keptSpace, name);
                return true;
            });
        }
    }

    @Override
    public OptionalLong version() {
        Long now = tx.state().versions().get(keptSpace);
        return now == null ? OptionalLong.empty() : OptionalLong.of(now + 1);
    }

    @Override
    public void afterCommit(Runnable effect) {
        effects.add(Objects.requireNonNull(effect, "effect"));
    }

    boolean visible(String userID, String key) {
        check("a key", key);
        return ask(() -> tx.visible(userID, keptSpace, key));
    }

    /** To be called once the transaction is committed and closed. */
    void runEffects() {
        effects.forEach(effect -> Quietly.run("an effect after the commit", effect));
    }

    /** Whether the SDK's own doing failed while application code ran, which must not be blamed on that code (R24). */
    boolean sdkFailed() {
        return sdkFailure != null;
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
        String problem = Text.problem(text, maxKeyBytes);
        if (problem != null) {
            throw new IllegalArgumentException(what + " " + problem);
        }
    }

    /** Runs a statement of the SDK. An illegal argument is the application's, everything else is the SDK's failure. */
    private <R> R ask(Supplier<R> statement) {
        try {
            return statement.get();
        } catch (IllegalArgumentException e) {
            throw e;
        } catch (RuntimeException | Error e) {
            sdkFailure = e;
            throw e;
        }
    }
}
