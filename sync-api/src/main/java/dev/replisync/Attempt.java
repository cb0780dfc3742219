package dev.replisync;

import dev.replisync.error.RequestException;
import dev.replisync.protocol.Caller;
import dev.replisync.protocol.Mutation;
import dev.replisync.protocol.PushRequest;
import dev.replisync.storage.OpenPush;
import dev.replisync.storage.PushTx;
import dev.replisync.storage.Storage.Failure;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** One try at one transaction, as one push sees it; others may share the transaction (see {@link SharedTurn}). */
final class Attempt<T> {
    private final Settings<T> settings;
    private final Caller caller;
    private final PushRequest push;
    private final Spaces spaces;
    private final Map<Mutation, Throwable> failedBefore;
    private final BooleanSupplier outOfTime;

    private List<Mutation> chunk = List.of();
    private @Nullable Mutation running;
    private @Nullable WriteScope scope;
    private boolean committed;
    private @Nullable Throwable thrown;
    private Failure failure = Failure.TRANSIENT;

    Attempt(
            Settings<T> settings,
            Caller caller,
            PushRequest push,
            Spaces spaces,
            Map<Mutation, Throwable> failedBefore,
            BooleanSupplier outOfTime) {
        this.settings = settings;
        this.caller = caller;
        this.push = push;
        this.spaces = spaces;
        this.failedBefore = failedBefore;
        this.outOfTime = outOfTime;
    }

    OpenPush.Group group() {
        return new OpenPush.Group(push.clientGroupID(), caller.userID(), spaces.own());
    }

    /** The user owns the group, the group belongs to the space, the clients belong to the group (R45 to R47). */
    void verify(PushTx.State state, Set<String> clients) {
        boolean owned = Optional.ofNullable(state.groups().get(push.clientGroupID()))
                .filter(g -> g.userID().equals(caller.userID()) && g.spaceID().equals(spaces.own()))
                .isPresent();
        if (!owned) {
            throw RequestException.forbidden("this client group belongs to another user or space");
        }
        if (state.unknownSpaces().contains(spaces.own())) {
            throw RequestException.unknownSpace(spaces.own());
        }
        for (Map.Entry<String, PushTx.Client> client : state.clients().entrySet()) {
            if (clients.contains(client.getKey())
                    && !client.getValue().groupID().equals(push.clientGroupID())) {
                throw RequestException.forbidden("a client of this push belongs to another client group");
            }
        }
    }

    void plan(List<Mutation> next) {
        chunk = next;
    }

    /** Runs the chunk's mutators; a chunk that takes too long is cut behind the last one that ran. */
    boolean runs(PushTx<T> tx) {
        WriteScope attempted = new WriteScope(
                settings,
                tx,
                caller.space(),
                spaces,
                space -> settings.spaceAccess().test(caller.userID(), space));
        attempted.poke(settings.strategy().ownChannel(caller));
        scope = attempted;
        for (int i = 0; i < chunk.size(); i++) {
            if (i > 0 && outOfTime.getAsBoolean()) {
                chunk = chunk.subList(0, i);
                return true;
            }
            Mutation mutation = chunk.get(i);
            if (!failedBefore.containsKey(mutation) && !runs(tx, attempted, mutation)) {
                return false;
            }
        }
        return true;
    }

    private boolean runs(PushTx<T> tx, WriteScope attempted, Mutation mutation) {
        running = mutation;
        try {
            settings.mutators()
                    .find(mutation.name())
                    .orElseThrow()
                    .run(tx.handle(), mutation.args(), new MutationScope(attempted, caller, push, mutation));
            attempted.rethrowSdkFailure();
        } catch (Throwable e) {
            failed(e, Faults.ofApplication(settings.storage(), attempted, e));
            return false;
        }
        running = null;
        return true;
    }

    /** What the commit must write for this push: its clients, as they are to be on record. */
    Map<String, PushTx.Client> clients() {
        Map<String, PushTx.Client> clients = new HashMap<>();
        chunk.forEach(m -> clients.put(m.clientID(), new PushTx.Client(push.clientGroupID(), m.id())));
        return clients;
    }

    /** The spaces whose versions the commit must move. */
    Set<String> spacesToMove() {
        return scope == null ? Set.of() : scope.spacesToMove();
    }

    void committed() {
        committed = true;
    }

    void commitFailed(Throwable e) {
        Failure found = Faults.ofCommit(settings.storage(), e);
        boolean nobodyToBlame = chunk.stream().allMatch(failedBefore::containsKey);
        boolean blames = found == Failure.PERMANENT || found == Failure.POISONED;
        failed(e, nobodyToBlame && blames ? Failure.TRANSIENT : found);
    }

    void failed(Throwable e, Failure how) {
        thrown = e;
        failure = how;
    }

    List<Mutation> chunk() {
        return chunk;
    }

    /** How many mutations of the chunk ran well before one failed. */
    int ranWell() {
        return running == null ? 0 : chunk.indexOf(running);
    }

    @Nullable
    Throwable thrown() {
        return thrown;
    }

    Failure failure() {
        return failure;
    }

    boolean isCommitted() {
        return committed;
    }

    /** Whether the connection was lost while committing, so that it may have happened. */
    boolean mayBeCommitted() {
        return thrown != null && failure == Failure.UNKNOWN;
    }

    /** Whether it ended only because it needs another space, which is known by now. */
    boolean needsSpace() {
        return scope != null && scope.needsSpace();
    }

    /** What the commit pokes. */
    Set<String> channels() {
        return scope == null ? Set.of() : scope.channels();
    }

    void runEffects() {
        if (scope != null) {
            scope.runEffects();
        }
    }

    /**
     * Whose fault it is: the one that was running, or the only one; null if that is not known. A transaction that is
     * found unusable was made so by any of those that ran before.
     */
    @Nullable
    Mutation culprit() {
        if (failure == Failure.POISONED && chunk.size() > 1) {
            return null;
        }
        return running == null && chunk.size() == 1 ? chunk.get(0) : running;
    }
}
