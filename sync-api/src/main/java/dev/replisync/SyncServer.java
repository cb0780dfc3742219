package dev.replisync;

import dev.replisync.error.RejectedException;
import dev.replisync.error.RequestException;
import dev.replisync.protocol.Caller;
import dev.replisync.protocol.Json;
import dev.replisync.protocol.Mutation;
import dev.replisync.protocol.PullRequest;
import dev.replisync.protocol.PushRequest;
import dev.replisync.storage.Storage;
import dev.replisync.storage.Storage.Failure;
import dev.replisync.storage.Storage.Where;
import dev.replisync.strategy.Cookie;
import dev.replisync.strategy.PullResult;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Replicache server: answers pushes and pulls, and tells subscribers when to pull. Built once, from {@link #builder};
 * safe for use by several threads.
 *
 * @param <T> the storage's handle, which mutators get
 */
public final class SyncServer<T> implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SyncServer.class);
    private static final String STATE_GONE = "{\"error\":\"ClientStateNotFound\"}";

    private final Settings<T> settings;
    private final Turns<T> turns = new Turns<>();
    private final PokeHub pokes;
    private final Runnable onClose;

    SyncServer(Settings<T> settings, PokeHub pokes, Runnable onClose) {
        this.settings = settings;
        this.pokes = pokes;
        this.onClose = onClose;
    }

    /**
     * Starts to describe a server.
     *
     * @param storage where the data is
     * @param <T> the storage's handle
     * @return a builder with every option at its default
     */
    public static <T> SyncServerBuilder<T> builder(Storage<T> storage) {
        return new SyncServerBuilder<>(storage);
    }

    /**
     * The push and the pull endpoint for a web framework.
     *
     * @param authenticator finds out who asks
     * @return the endpoints
     */
    public SyncEndpoint endpoint(SyncEndpoint.Authenticator authenticator) {
        return new SyncEndpoint(this, authenticator);
    }

    /**
     * Answers a push. Runs the mutations that were not processed yet, in order, each exactly once, and pokes.
     *
     * @param caller who asks, authenticated
     * @param body the request's body; not closed
     * @return the answer, whatever happens: 200 only if nothing is left to be sent again (rule R20)
     */
    public SyncResponse push(Caller caller, InputStream body) {
        long started = settings.backoff().now();
        PushRequest push = null;
        PushLoop<T> loop = null;
        SyncResponse response;
        try {
            enter(caller);
            push = PushRequest.parse(settings.limits().read(body));
            if (push.version() != PushRequest.VERSION) {
                response = notSupported(caller, "push", Long.toString(push.version()));
            } else if (!settings.pushSchemas().test(push.schemaVersion())) {
                response = notSupported(caller, "schema", push.schemaVersion());
            } else {
                loop = new PushLoop<>(settings, turns, caller, push);
                response = run(loop, caller, push.clientGroupID());
            }
        } catch (RequestException e) {
            response = refused(caller, "push", e);
        } catch (IOException e) {
            response = unreadable("push", e);
        } catch (RuntimeException | Error e) {
            response = unavailable("push", e);
        }
        int received = push == null ? 0 : push.mutations().size();
        int processed = loop == null ? 0 : loop.processed();
        int status = response.status();
        Duration took = Duration.ofNanos(settings.backoff().now() - started);
        Quietly.run("observer", () -> settings.observer().pushed(caller, status, received, processed, took));
        return response;
    }

    /**
     * Answers a pull.
     *
     * @param caller who asks, authenticated
     * @param body the request's body; not closed
     * @return the answer, whatever happens
     */
    public SyncResponse pull(Caller caller, InputStream body) {
        long started = settings.backoff().now();
        SyncResponse response;
        int operations = 0;
        try {
            enter(caller);
            PullRequest pull = PullRequest.parse(settings.limits().read(body));
            if (pull.version() != PullRequest.VERSION) {
                response = notSupported(caller, "pull", Long.toString(pull.version()));
            } else if (!settings.pullSchemas().test(pull.schemaVersion())) {
                response = notSupported(caller, "schema", pull.schemaVersion());
            } else {
                PullResult result = pull(caller, pull);
                operations = result.patch().operations();
                response = SyncResponse.json(new PullBody(result));
            }
        } catch (RequestException e) {
            response = refused(caller, "pull", e);
        } catch (IOException e) {
            response = unreadable("pull", e);
        } catch (RuntimeException | Error e) {
            response = unavailable("pull", e);
        }
        SyncResponse answer = response;
        int patched = operations;
        Duration took = Duration.ofNanos(settings.backoff().now() - started);
        Quietly.run(
                "observer",
                () -> settings.observer()
                        .pulled(caller, answer.status(), patched, answer.body().length(), took));
        return response;
    }

    /**
     * Subscribes to the pokes that concern a caller. A poke says only: pull now. Those that come faster than they are
     * delivered are one. A subscriber must pull once after subscribing: a poke may have been missed before (rule R68).
     *
     * @param caller who listens, authenticated and allowed into the space
     * @param onPoke called after each change, on a thread of the server, one at a time; must not block
     * @return ends the subscription when it is closed; closing throws nothing
     * @throws RequestException if the user may not enter the space
     */
    public Subscription pokes(Caller caller, Runnable onPoke) {
        enter(caller);
        Set<String> channels = new HashSet<>(settings.strategy().channels(caller));
        channels.add(settings.strategy().ownChannel(caller));
        return pokes.subscribe(channels, onPoke);
    }

    /**
     * Pokes the subscribers of this process, for a commit that another process made: what a transport between several
     * nodes calls when it hears of one. Commits of this server poke by themselves.
     *
     * @param channel the space written to, or any channel that {@link SyncObserver#poked} told on the other node
     */
    public void poke(String channel) {
        Set<String> named = new HashSet<>();
        named.add(channel);
        try {
            named.add(settings.strategy().space(channel));
        } catch (RequestException e) {
            LOG.debug("channel '{}' is no space", Limits.forLog(channel), e);
        }
        pokes.poke(named);
    }

    /** A running subscription. */
    @FunctionalInterface
    public interface Subscription extends AutoCloseable {
        /** Ends the subscription; a poke that is being delivered may still arrive. Throws nothing. */
        @Override
        void close();
    }

    /**
     * Writes without a client: for scheduled jobs and administrators' pages. Goes through the same gate as a push, is
     * tried again after passing faults, and pokes.
     *
     * @param space the space to write to
     * @param work what to write; may run more than once
     * @param <X> what the work throws
     * @throws RequestException if the space does not exist and is not to be created, or if no space can have this name
     * @throws IllegalArgumentException if the name is none that {@link Caller} takes
     * @throws X what the work threw; nothing is written then. If the connection is lost while committing, the storage's
     *     own exception: whether it is written only the datastore knows then
     */
    public <X extends Exception> void write(String space, Work<T, X> work) throws X {
        new ServerWrite<>(settings, space, this::poke).run(work);
    }

    /**
     * Writes inside a transaction of the application. Takes the version first, does not commit and tries nothing again.
     *
     * @param handle the application's handle, with a transaction begun
     * @param space the space to write to
     * @param otherSpaces the other spaces that the work touches, which must be known before it runs
     * @param work what to write
     * @param <X> what the work throws
     * @return to be run by the application after its own commit: runs the effects and pokes. If the application rolls
     *     back it is to be forgotten
     * @throws RequestException if the space does not exist and is not to be created, or if no space can have this name
     * @throws IllegalArgumentException if a name is none that {@link Caller} takes
     * @throws IllegalStateException if the work touches a space that was not named
     * @throws X what the work threw; the application must roll back then
     */
    public <X extends Exception> Runnable writeWithin(T handle, String space, Set<String> otherSpaces, Work<T, X> work)
            throws X {
        return new ServerWrite<>(settings, space, this::poke).within(handle, otherSpaces, work);
    }

    /**
     * Writes inside a transaction of the application, to one space.
     *
     * @param handle the application's handle, with a transaction begun
     * @param space the space to write to
     * @param work what to write
     * @param <X> what the work throws
     * @return as for {@link #writeWithin(Object, String, Set, Work)}
     * @throws RequestException if the space does not exist and is not to be created
     * @throws X what the work threw; the application must roll back then
     */
    public <X extends Exception> Runnable writeWithin(T handle, String space, Work<T, X> work) throws X {
        return writeWithin(handle, space, Set.of(), work);
    }

    /**
     * Marks a mutation as processed without running it. For the operator, when a mutation fails for ever with an error
     * that looks as if it would pass, so that its client is stuck; {@link SyncObserver#mutationDelayed} names it.
     *
     * @param caller the user and space of the client group
     * @param clientGroupID the client group
     * @param clientID the client
     * @param mutationID the mutation
     * @return false if it is not the next one of its client, or the datastore is not available
     * @throws RequestException if the client group belongs to somebody else
     */
    public boolean skip(Caller caller, String clientGroupID, String clientID, long mutationID) {
        Mutation mutation = new Mutation(clientID, mutationID, "skipped", Json.NULL, 0);
        PushRequest push = new PushRequest(PushRequest.VERSION, clientGroupID, "", "", List.of(mutation));
        PushLoop<T> loop = new PushLoop<>(settings, turns, caller, push)
                .skipping(mutation, new RejectedException("skipped by the operator"));
        return run(loop, caller, clientGroupID).status() == 200 && loop.processed() == 1;
    }

    /** Stops delivering pokes. Requests are still answered; the storage is not closed. */
    @Override
    public void close() {
        onClose.run();
    }

    private SyncResponse run(PushLoop<T> loop, Caller caller, String clientGroupID) {
        try {
            return switch (loop.run()) {
                case DONE -> SyncResponse.json("{}");
                case INCOMPLETE -> SyncResponse.text(503, "not all mutations are processed; send them again");
                case STATE_GONE -> {
                    LOG.warn(
                            "client group {} of user {} waits for mutation ids that are not known here any more; it is told"
                                    + " to start again and loses its unsent work",
                            clientGroupID,
                            caller.userID());
                    Quietly.run("observer", () -> settings.observer().stateGone(caller, clientGroupID));
                    yield SyncResponse.json(STATE_GONE);
                }
            };
        } finally {
            // Also when the push ends badly: what was committed before must be heard of (rule R67).
            if (!loop.channels().isEmpty()) {
                poke(loop.channels());
            }
        }
    }

    private PullResult pull(Caller caller, PullRequest request) {
        for (int attempt = 1; ; attempt++) {
            try {
                return checked(request, settings.strategy().pull(caller, request));
            } catch (RequestException e) {
                throw e;
            } catch (RuntimeException e) {
                boolean again = attempt < 3
                        && settings.storage().classify(e, Where.SDK) == Failure.TRANSIENT
                        && settings.backoff().await(attempt);
                if (!again) {
                    throw e;
                }
                int failed = attempt;
                Quietly.run("observer", () -> settings.observer().retried(caller, failed, e));
            }
        }
    }

    /** What the client would drop without a word must not leave the server (rules R7, R8). */
    private PullResult checked(PullRequest request, PullResult result) {
        int order = result.cookie().equals(request.cookie()) ? 0 : Cookie.compare(result.cookie(), request.cookie());
        boolean tells = result.patch().operations() > 0
                || !result.lastMutationIDChanges().isEmpty();
        if (result.cookie().isNull() || order < 0 || (order == 0 && tells)) {
            throw new IllegalStateException(
                    "strategy " + settings.strategy().getClass().getName()
                            + ": pull() must return a cookie above the one received, or that one with nothing to tell; received "
                            + request.cookie() + ", returned " + result.cookie());
        }
        return result;
    }

    private static SyncResponse notSupported(Caller caller, String type, String version) {
        LOG.info("{} version '{}' of user {} is not supported", type, Limits.forLog(version), caller.userID());
        return SyncResponse.json("{\"error\":\"VersionNotSupported\",\"versionType\":\"" + type + "\"}");
    }

    private static SyncResponse refused(Caller caller, String what, RequestException e) {
        LOG.info(
                "{} of user {} (request {}) answered with {}: {}",
                what,
                caller.userID(),
                Limits.forLog(caller.requestID()),
                e.status(),
                e.getMessage());
        return SyncResponse.text(e.status(), e.getMessage());
    }

    private static SyncResponse unreadable(String what, IOException e) {
        LOG.info("the body of a {} could not be read: {}", what, e.getMessage());
        return SyncResponse.text(400, "the body could not be read");
    }

    private static SyncResponse unavailable(String what, Throwable e) {
        LOG.error("{} failed; answered with 503", what, e);
        return SyncResponse.text(503, "not available now");
    }

    private void enter(Caller caller) {
        if (!settings.spaceAccess().test(caller.userID(), caller.space())) {
            throw RequestException.forbidden("this user may not enter the space");
        }
    }

    private void poke(Set<String> channels) {
        pokes.poke(channels);
        Quietly.run("observer", () -> settings.observer().poked(channels));
    }
}
