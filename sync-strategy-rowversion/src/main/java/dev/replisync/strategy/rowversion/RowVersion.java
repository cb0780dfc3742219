package dev.replisync.strategy.rowversion;

import dev.replisync.protocol.Caller;
import dev.replisync.protocol.PullRequest;
import dev.replisync.storage.RecordStore;
import dev.replisync.storage.ViewReads;
import dev.replisync.strategy.DiffStrategy;
import dev.replisync.strategy.DiffStrategyProvider;
import dev.replisync.strategy.PullResult;
import dev.replisync.strategy.StrategyContext;
import dev.replisync.strategy.VersionDiff;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The row version strategy, id {@code "row-version"}: each row has a version of its own, and a pull sends how the
 * client's view differs from the record of what it was sent before. For applications whose views are more than what
 * changed last: queries by user, with joins, windows and read rules of any kind, over rows that are really deleted. Pushes
 * lock no versions; a pull reads keys and versions of the whole view.
 *
 * <p>The records are kept where {@link #records} says; by default by the storage, if it keeps any, else in this process's
 * memory, where other nodes do not find them. Immutable.
 */
public final class RowVersion implements DiffStrategyProvider {
    /** The id of this strategy. */
    public static final String ID = "row-version";

    private final @Nullable RecordStore records;
    private final boolean hashedIDs;
    private final boolean lockingSpaces;
    private final @Nullable Function<Caller, Set<String>> channels;

    /** The strategy with its defaults. */
    public RowVersion() {
        this(null, false, false, null);
    }

    private RowVersion(
            @Nullable RecordStore records,
            boolean hashedIDs,
            boolean lockingSpaces,
            @Nullable Function<Caller, Set<String>> channels) {
        this.records = records;
        this.hashedIDs = hashedIDs;
        this.lockingSpaces = lockingSpaces;
        this.channels = channels;
    }

    /**
     * Where client view records are kept. By default the storage decides, see {@link ViewReads#kept} and {@link
     * ViewReads#records}; a storage that keeps none leaves them to {@link MemoryRecords}.
     *
     * @param store the store, shared by all nodes that answer the same clients
     * @return the strategy with this option
     */
    public RowVersion records(RecordStore store) {
        return new RowVersion(store, hashedIDs, lockingSpaces, channels);
    }

    /**
     * Calls records by a hash of what is in them, so that equal ones are stored once, instead of by random ids. Has no
     * effect on records that the storage keeps as rows.
     *
     * @return the strategy with this option
     */
    public RowVersion hashedRecordIDs() {
        return new RowVersion(records, true, lockingSpaces, channels);
    }

    /**
     * Has each push lock its space, as the version strategies do, so that mutators of a space run one after the other;
     * by default only the rows themselves and {@link dev.replisync.WriteContext#lock} keep them apart.
     *
     * @return the strategy with this option
     */
    public RowVersion lockingSpaces() {
        return new RowVersion(records, hashedIDs, true, channels);
    }

    /**
     * The channels of which a caller's view consists, so that it is poked when {@link dev.replisync.WriteContext#poke}
     * names one. By default that is the space, which each push to it pokes. Of what becomes of its own mutations a caller
     * hears in any case.
     *
     * @param byCaller gives the channels, at least one; called each time that a caller subscribes, by several threads
     * @return the strategy with this option
     */
    public RowVersion channels(Function<Caller, Set<String>> byCaller) {
        return new RowVersion(records, hashedIDs, lockingSpaces, byCaller);
    }

    @Override
    public String id() {
        return ID;
    }

    @Override
    public List<String> problems(StrategyContext context) {
        return context.views().isPresent()
                ? List.of()
                : List.of("strategy '" + ID + "' needs a storage that reads client views, but " + context.storageName()
                        + " does not; choose another strategy or storage");
    }

    @Override
    public DiffStrategy create(StrategyContext context) {
        ViewReads views = context.views().orElseThrow();
        if (records == null && views.kept().isPresent()) {
            return new Strategy(new KeptDiff(views, views.kept().get()), lockingSpaces, channels);
        }
        Supplier<RecordStore> other = () -> views.records().orElseGet(MemoryRecords::new);
        RecordStore store = records == null ? other.get() : records;
        return new Strategy(new RecordDiff(views, store, hashedIDs), lockingSpaces, channels);
    }

    /** Answers a pull. */
    interface Diff {
        PullResult pull(Caller caller, String space, PullRequest request);
    }

    private record Strategy(
            Diff diff, boolean movesVersions, @Nullable Function<Caller, Set<String>> views) implements DiffStrategy {

        @Override
        public String space(String requested) {
            return VersionDiff.ordinarySpace(requested);
        }

        @Override
        public boolean ownsSpaces() {
            return true;
        }

        @Override
        public Set<String> channels(Caller caller) {
            return views == null ? Set.of(space(caller.space())) : views.apply(caller);
        }

        @Override
        public String ownChannel(Caller caller) {
            String space = space(caller.space());
            return views == null ? space : "pushes of " + caller.userID() + " in " + space;
        }

        @Override
        public PullResult pull(Caller caller, PullRequest request) {
            return diff.pull(caller, space(caller.space()), request);
        }
    }
}
