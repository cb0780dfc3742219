package dev.replisync.strategy.rowversion;

import dev.replisync.protocol.Caller;
import dev.replisync.protocol.PullRequest;
import dev.replisync.storage.RecordStore;
import dev.replisync.storage.ViewReads;
import dev.replisync.storage.ViewReads.Pull;
import dev.replisync.storage.ViewReads.Request;
import dev.replisync.storage.ViewReads.State;
import dev.replisync.storage.ViewRecord;
import dev.replisync.strategy.Cookie;
import dev.replisync.strategy.PatchBuffer;
import dev.replisync.strategy.PullResult;
import dev.replisync.strategy.rowversion.SentView.Owner;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pulls with records in a store beside the data:
 *
 * <ol>
 *   <li>read the record that the cookie names; what is not this user's, or cannot be read, is lost;
 *   <li>open the pull with it: the group is locked, then the view is read;
 *   <li>nothing changed: the cookie received, and nothing is written (rule R14);
 *   <li>else count the group's counter up, commit, and give the connection back;
 *   <li>only then write the new record, under an id of its own, because the old one is still somebody's (rule R50).
 * </ol>
 *
 * <p>Safe for use by several threads.
 */
final class RecordDiff implements RowVersion.Diff {
    private static final Logger LOG = LoggerFactory.getLogger(RecordDiff.class);

    private final ViewReads views;
    private final RecordStore records;
    private final boolean hashedIDs;
    private final Proofs proofs = new Proofs();

    RecordDiff(ViewReads views, RecordStore records, boolean hashedIDs) {
        this.views = views;
        this.records = records;
        this.hashedIDs = hashedIDs;
    }

    @Override
    public PullResult pull(Caller caller, String space, PullRequest request) {
        return new OnePull(caller, space, request).answer();
    }

    private final class OnePull {
        private final Caller caller;
        private final String space;
        private final PullRequest request;
        private final Received received;
        private final Owner owner;
        private final Optional<String> recordID;
        /** What was sent to this user, also in another form or of another history. */
        private final Optional<SentView> sent;

        OnePull(Caller caller, String space, PullRequest request) {
            this.caller = caller;
            this.space = space;
            this.request = request;
            this.received = Received.of(request);
            this.owner = Owner.of(caller, space, request);
            this.recordID = received.record(space);
            this.sent = recordID.flatMap(RecordDiff.this::read)
                    .filter(record -> record.owner().equals(owner));
        }

        PullResult answer() {
            Optional<ViewRecord> since = sent.filter(
                            record -> record.viewVersion().equals(views.viewVersion()))
                    .map(SentView::view);
            Answer answer;
            try (Pull pull = open(since)) {
                State state = checked(pull);
                answer = since.isEmpty() || continues(state) ? answer(pull, state, since) : null;
            }
            if (answer == null) {
                // Read for a record of another history, of which nothing holds here.
                try (Pull pull = open(Optional.empty())) {
                    answer = answer(pull, checked(pull), Optional.empty());
                }
            }
            answer.afterwards().run();
            return answer.result();
        }

        private Pull open(Optional<ViewRecord> since) {
            String proof = since.isPresent() ? proof() : null;
            return views.open(
                    new Request(caller.userID(), space, request.clientGroupID(), request.profileID(), since, proof));
        }

        private State checked(Pull pull) {
            State state = pull.state();
            Received.check(state.group(), caller, space);
            return state;
        }

        private boolean continues(State state) {
            return sent.filter(record -> record.epoch().equals(state.epoch())).isPresent()
                    && received.is(Received.EPOCH, state.epoch())
                    && received.is(Received.VIEW, views.viewVersion())
                    && received.is(Received.USER, Cookie.mark(state.secret(), caller.userID()))
                    && !fromTheFuture(state);
        }

        /** A counter or an id that went back: a restore that nobody announced (rule R36). */
        private boolean fromTheFuture(State state) {
            return received.ofSameGroup()
                    && (received.number() > state.counter()
                            || told().orElse(Map.of()).entrySet().stream()
                                    .anyMatch(id ->
                                            id.getValue() > state.clients().getOrDefault(id.getKey(), 0L)));
        }

        /** The ids that this group, not the one that it was forked from, was told together with what it holds. */
        private Optional<Map<String, Long>> told() {
            return sent.map(record -> record.group().equals(received.group()) ? record.lastMutationIDs() : Map.of());
        }

        private Answer answer(Pull pull, State state, Optional<ViewRecord> since) {
            PatchBuffer patch = new PatchBuffer();
            if (since.isEmpty() && !request.cookie().isNull()) {
                patch.clear();
            }
            Changes changes = new Changes(patch);
            if (since.isEmpty() || state.proof() == null || !state.proof().equals(proof())) {
                pull.changes(changes);
            }
            boolean crosses = received.crosses(state.epoch()) || fromTheFuture(state);
            Map<String, Long> ids = received.ids(state.clients(), told(), crosses);
            if (since.isPresent() && ids.isEmpty() && patch.operations() == 0) {
                recordID.ifPresent(id -> proofs.note(id, state.proof()));
                return new Answer(PullResult.unchanged(request.cookie()), () -> {});
            }
            String proof = pull.commit(state.counter() + 1);
            ViewRecord view = since.orElseGet(() -> ViewRecord.of(Map.of())).with(changes.puts, changes.dels);
            byte[] record = new SentView(
                            owner,
                            views.viewVersion(),
                            state.epoch(),
                            received.group(),
                            hashedIDs ? null : proof,
                            state.clients(),
                            view)
                    .toBytes();
            String id = hashedIDs ? hash(record) : UUID.randomUUID().toString();
            proofs.note(id, proof);
            Map<String, String> marks = new HashMap<>();
            marks.put(Received.EPOCH, state.epoch());
            marks.put(Received.SPACE, space);
            marks.put(Received.VIEW, views.viewVersion());
            marks.put(Received.USER, Cookie.mark(state.secret(), caller.userID()));
            marks.put(Received.RECORD, id);
            return new Answer(
                    new PullResult(received.next(state.counter() + 1, marks, crosses), ids, patch),
                    () -> write(id, record));
        }

        /** The latest proof that goes with what the client holds. */
        private @Nullable String proof() {
            String later = recordID.map(proofs::of).orElse(null);
            return later == null ? sent.map(SentView::proof).orElse(null) : later;
        }
    }

    /** What to answer, and what to do once the connection is given back. */
    private record Answer(PullResult result, Runnable afterwards) {}

    /** Writes the patch, and notes what the new record differs by. */
    private static final class Changes implements ViewReads.ViewSink {
        private final PatchBuffer patch;
        private final Map<String, String> puts = new LinkedHashMap<>();
        private final Set<String> dels = new HashSet<>();

        Changes(PatchBuffer patch) {
            this.patch = patch;
        }

        @Override
        public void put(String key, String version, byte[] json) {
            patch.put(key, json);
            puts.put(key, version);
        }

        @Override
        public void del(String key) {
            patch.del(key);
            dels.add(key);
        }
    }

    private Optional<SentView> read(String id) {
        try {
            return records.read(id).flatMap(SentView::read);
        } catch (RuntimeException e) {
            LOG.warn("the client view record {} could not be read; its client is sent everything", id, e);
            return Optional.empty();
        }
    }

    private void write(String id, byte[] record) {
        try {
            records.write(id, record);
        } catch (RuntimeException e) {
            LOG.warn("a client view record could not be written; its next pull will be sent everything", e);
        }
    }

    private static String hash(byte[] record) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(record);
            return Base64.getUrlEncoder().withoutPadding().encodeToString(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
