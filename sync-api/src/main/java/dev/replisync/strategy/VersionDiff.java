package dev.replisync.strategy;

import dev.replisync.error.RequestException;
import dev.replisync.protocol.Caller;
import dev.replisync.protocol.Json;
import dev.replisync.protocol.PullRequest;
import dev.replisync.storage.OpenPush.Group;
import dev.replisync.storage.VersionedReads;
import dev.replisync.storage.VersionedReads.ClientVersion;
import dev.replisync.storage.VersionedReads.Request;
import dev.replisync.storage.VersionedReads.Snapshot;
import dev.replisync.storage.VersionedReads.State;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * The pull of the strategies that keep one version for many entities: what has a later version than the cookie is sent.
 * The global strategy and the strategy per space differ only in which space they ask for.
 *
 * <p>A cookie that does not continue this very history — another epoch, strategy, space, user or view version, from
 * before the tombstones' floor or from the future, or not ours at all — is answered by {@code clear} and everything, with
 * a cookie above it. Safe for use by several threads.
 */
public final class VersionDiff {
    private static final String EPOCH = "e";
    private static final String STRATEGY = "s";
    private static final String SPACE = "p";
    private static final String VIEW = "w";
    private static final String USER = "u";
    /** The version up to which ids were kept back when the client last started again: see {@link #knownSince}. */
    private static final String KEPT_BACK = "k";

    private static final String RESERVED = "global";

    private final String strategyID;
    private final VersionedReads reads;
    private final boolean createsSpaces;
    private final boolean replicas;

    /**
     * Creates the diff.
     *
     * @param strategyID the strategy's id, written into cookies
     * @param reads the storage
     * @param createsSpaces whether a space that does not exist is an empty one, instead of an error
     * @param replicas whether pulls may be served by a replica that lags behind the cookie (rule R52)
     */
    public VersionDiff(String strategyID, VersionedReads reads, boolean createsSpaces, boolean replicas) {
        this.strategyID = strategyID;
        this.reads = reads;
        this.createsSpaces = createsSpaces;
        this.replicas = replicas;
    }

    /**
     * Answers a pull.
     *
     * @param caller who asks
     * @param space the space to read, as the strategy keeps it
     * @param request the request
     * @return what the client has not got yet
     * @throws RequestException with status 403 if the client group is another user's or of another space, with status 404
     *     if the space does not exist and is not to be created
     */
    public PullResult pull(Caller caller, String space, PullRequest request) {
        Optional<Cookie> cookie = Cookie.read(request.cookie());
        OptionalLong since = cookie.isPresent() && mayContinue(cookie.get(), space)
                ? OptionalLong.of(cookie.get().v())
                : OptionalLong.empty();
        if (since.isPresent()) {
            try (Snapshot snapshot = open(caller, space, request, since)) {
                State state = checked(snapshot.state(), caller, space);
                Cookie from = cookie.get();
                if (replicas && from.v() > state.version() && from.marks().equals(marks(state, caller, space))) {
                    return PullResult.unchanged(request.cookie());
                }
                if (continues(from, state, caller, space)) {
                    return changes(snapshot, state, from, request.cookie());
                }
            }
        }
        try (Snapshot snapshot = open(caller, space, request, OptionalLong.empty())) {
            return everything(
                    snapshot, checked(snapshot.state(), caller, space), cookie, caller, space, request.cookie());
        }
    }

    /**
     * Answers a pull with {@code clear} and everything, unless nothing at all was committed in the space since.
     *
     * @param caller who asks
     * @param space the space to read, as the strategy keeps it
     * @param request the request
     * @return all that the user may see
     * @throws RequestException as {@link #pull}
     */
    public PullResult reset(Caller caller, String space, PullRequest request) {
        Optional<Cookie> cookie = Cookie.read(request.cookie());
        try (Snapshot snapshot = open(caller, space, request, OptionalLong.empty())) {
            State state = checked(snapshot.state(), caller, space);
            boolean same = cookie.filter(
                            c -> c.v() == state.version() && origin(c).equals(marks(state, caller, space)))
                    .isPresent();
            return same
                    ? PullResult.unchanged(request.cookie())
                    : everything(snapshot, state, cookie, caller, space, request.cookie());
        }
    }

    /**
     * A space that callers may ask for, for strategies that keep each on its own.
     *
     * @param requested the space asked for
     * @return the same
     * @throws RequestException with status 403 if it is {@code "global"}, in which storages see the rows of all others
     */
    public static String ordinarySpace(String requested) {
        if (requested.equals(RESERVED)) {
            throw RequestException.forbidden("no space can be named '" + RESERVED + "'");
        }
        return requested;
    }

    private Snapshot open(Caller caller, String space, PullRequest request, OptionalLong since) {
        return reads.open(new Request(caller.userID(), space, request.clientGroupID(), since));
    }

    private static PullResult changes(Snapshot snapshot, State state, Cookie from, Json received) {
        if (state.version() == from.v()) {
            return PullResult.unchanged(received);
        }
        PatchBuffer patch = new PatchBuffer();
        snapshot.changes(patch);
        return new PullResult(from.at(state.version()).json(), ids(state, Long.MIN_VALUE), patch);
    }

    private PullResult everything(
            Snapshot snapshot, State state, Optional<Cookie> cookie, Caller caller, String space, Json received) {
        PatchBuffer patch = new PatchBuffer();
        if (!received.isNull()) {
            patch.clear();
        }
        snapshot.everything(patch);
        Map<String, String> marks = marks(state, caller, space);
        long since = knownSince(cookie, state, marks);
        if (since != Long.MIN_VALUE) {
            marks.put(KEPT_BACK, Long.toString(Math.min(since, state.version())));
        }
        return new PullResult(next(cookie, state, marks, received).json(), ids(state, since), patch);
    }

    /** Tabs of a client group compare their orders, so that the higher one must go with the later view (rule R40). */
    private Cookie next(Optional<Cookie> cookie, State state, Map<String, String> marks, Json received) {
        long version = state.version();
        return cookie.filter(from -> countsAlike(from, marks) && from.v() <= version)
                .map(from -> from.marks().equals(marks) ? from.at(version) : from.again(version, marks))
                .orElseGet(() -> Cookie.above(received, version, marks));
    }

    private static boolean countsAlike(Cookie cookie, Map<String, String> marks) {
        return Stream.of(STRATEGY, SPACE)
                .allMatch(mark -> Objects.equals(cookie.marks().get(mark), marks.get(mark)));
    }

    /** What can be told without the datastore: whether it is worth reading the changes since this cookie. */
    private boolean mayContinue(Cookie cookie, String space) {
        Map<String, String> marks = cookie.marks();
        return strategyID.equals(marks.get(STRATEGY))
                && space.equals(marks.get(SPACE))
                && reads.viewVersion().equals(marks.get(VIEW));
    }

    private boolean continues(Cookie cookie, State state, Caller caller, String space) {
        return cookie.v() >= state.floor()
                && cookie.v() <= state.version()
                && origin(cookie).equals(marks(state, caller, space));
    }

    /** The marks that must be the same for a client to go on. */
    private static Map<String, String> origin(Cookie cookie) {
        Map<String, String> origin = new HashMap<>(cookie.marks());
        origin.remove(KEPT_BACK);
        return origin;
    }

    private Map<String, String> marks(State state, Caller caller, String space) {
        Map<String, String> marks = new HashMap<>();
        marks.put(EPOCH, state.epoch());
        marks.put(STRATEGY, strategyID);
        marks.put(SPACE, space);
        marks.put(VIEW, reads.viewVersion());
        if (reads.perUser()) {
            marks.put(USER, Cookie.mark(state.secret(), caller.userID()));
        }
        return marks;
    }

    /**
     * The version after which a client's last mutation id is safe to tell. A client that knows a higher id than a
     * restored datastore drops the whole answer (rule R37), so ids that the cookie's own epoch may have known higher are
     * left out: those not confirmed again in this epoch. One that was confirmed here is safe, because a push continues
     * what its client knows. The cookie remembers what was left out: the client still knows it in the next epoch.
     */
    private static long knownSince(Optional<Cookie> cookie, State state, Map<String, String> marks) {
        String epoch = cookie.map(c -> c.marks().get(EPOCH)).orElse(null);
        if (cookie.isEmpty() || epoch == null) {
            return Long.MIN_VALUE;
        }
        Cookie from = cookie.get();
        boolean countsAlike = countsAlike(from, marks);
        long keptBack = keptBack(from);
        long newest = state.ancestors().values().stream().reduce(0L, Math::max);
        if (epoch.equals(state.epoch())) {
            if (countsAlike && from.v() > state.version()) {
                return Long.MAX_VALUE; // from the future of its own epoch: a restore that nobody announced
            }
            return countsAlike || keptBack == Long.MIN_VALUE ? keptBack : newest;
        }
        Long common = state.ancestors().get(epoch);
        if (common == null) {
            // Nothing is known of that epoch: safe is what was confirmed in this one, or at a version that the cookie
            // had not reached, so after this history and that one parted. A change of the strategy stamps ids anew.
            return countsAlike && from.v() >= state.floor() ? Math.min(newest, from.v()) : newest;
        }
        return countsAlike && from.v() <= common ? keptBack : common;
    }

    private static long keptBack(Cookie cookie) {
        try {
            return Long.parseLong(cookie.marks().getOrDefault(KEPT_BACK, ""));
        } catch (NumberFormatException e) {
            return Long.MIN_VALUE;
        }
    }

    private static Map<String, Long> ids(State state, long after) {
        Map<String, Long> ids = new HashMap<>();
        for (Map.Entry<String, ClientVersion> client : state.clients().entrySet()) {
            if (client.getValue().version() > after) {
                ids.put(client.getKey(), client.getValue().lastMutationID());
            }
        }
        return ids;
    }

    private State checked(State state, Caller caller, String space) {
        if (state.group().isPresent()) {
            Group group = state.group().get();
            if (!group.userID().equals(caller.userID()) || !group.spaceID().equals(space)) {
                throw RequestException.forbidden("this client group belongs to another user or space");
            }
        }
        if (!state.exists() && !createsSpaces) {
            throw RequestException.unknownSpace(space);
        }
        return state;
    }
}
