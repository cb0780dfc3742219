package dev.replisync;

import dev.replisync.protocol.Text;
import dev.replisync.storage.PushTx;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One attempt at a transaction: what its writes told the SDK, to be used if it commits and forgotten if not. */
class WriteScope implements WriteContext {
    private final PushTx<?> tx;
    private final String space;
    private final String keptSpace;
    private final int maxKeyLength;
    private final List<Runnable> effects = new ArrayList<>();
    private @Nullable Throwable sdkFailure;

    WriteScope(PushTx<?> tx, String space, String keptSpace, int maxKeyLength) {
        this.tx = tx;
        this.space = space;
        this.keptSpace = keptSpace;
        this.maxKeyLength = maxKeyLength;
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
        if (key.length() > maxKeyLength) {
            throw new IllegalArgumentException(
                    "a key must have at most " + maxKeyLength + " characters but has " + key.length());
        }
        if (Text.hasLoneSurrogate(key)) {
            throw new IllegalArgumentException("a key must not hold lone surrogates");
        }
        ask(() -> {
            tx.touch(keptSpace, key, lostBy);
            return true;
        });
    }

    @Override
    public void lock(String name) {
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
        effects.add(effect);
    }

    boolean visible(String userID, String key) {
        return ask(() -> tx.visible(userID, keptSpace, key));
    }

    List<Runnable> effects() {
        return effects;
    }

    /** What failed of the SDK's own doing while application code ran, which must not be blamed on that code (R24). */
    @Nullable
    Throwable sdkFailure() {
        return sdkFailure;
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
