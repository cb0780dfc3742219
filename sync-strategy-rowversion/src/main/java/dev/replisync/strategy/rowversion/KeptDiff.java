package dev.replisync.strategy.rowversion;

import dev.replisync.protocol.Caller;
import dev.replisync.protocol.PullRequest;
import dev.replisync.storage.KeptViews;
import dev.replisync.storage.KeptViews.Position;
import dev.replisync.storage.KeptViews.Pull;
import dev.replisync.storage.KeptViews.Request;
import dev.replisync.storage.KeptViews.State;
import dev.replisync.storage.ViewReads;
import dev.replisync.strategy.PatchBuffer;
import dev.replisync.strategy.PullResult;
import java.util.Map;
import java.util.Optional;

/** Pulls with records that the storage keeps, compares and writes itself. Safe for use by several threads. */
final class KeptDiff implements RowVersion.Diff {
    private final ViewReads views;
    private final KeptViews kept;

    KeptDiff(ViewReads views, KeptViews kept) {
        this.views = views;
        this.kept = kept;
    }

    @Override
    public PullResult pull(Caller caller, String space, PullRequest request) {
        Received received = Received.of(request);
        Optional<Position> held = received.is(Received.VIEW, views.viewVersion())
                ? received.record(space).map(view -> new Position(view, received.number()))
                : Optional.empty();
        try (Pull pull =
                kept.open(new Request(caller.userID(), space, request.clientGroupID(), request.profileID(), held))) {
            State state = pull.state();
            Received.check(state.group(), caller, space);
            if (held.equals(Optional.of(state.position()))) {
                return PullResult.unchanged(request.cookie());
            }
            PatchBuffer patch = new PatchBuffer();
            if (!state.continued() && !request.cookie().isNull()) {
                patch.clear();
            }
            pull.changes(patch);
            boolean crosses = received.crosses(state.epoch()) || fromTheFuture(received, state);
            Map<String, Long> ids = received.ids(state.clients(), state.told(), crosses);
            Map<String, String> marks = Map.of(
                    Received.EPOCH, state.epoch(),
                    Received.SPACE, space,
                    Received.VIEW, views.viewVersion(),
                    Received.RECORD, state.position().view());
            return new PullResult(received.next(state.position().number(), marks, crosses), ids, patch);
        }
    }

    /** A count that went back: a restore that nobody announced (rule R36). */
    private static boolean fromTheFuture(Received received, State state) {
        return !state.continued()
                && received.ofSameGroup()
                && received.number() >= state.position().number();
    }
}
