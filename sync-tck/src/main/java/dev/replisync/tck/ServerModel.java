package dev.replisync.tck;

import com.fasterxml.jackson.databind.JsonNode;
import dev.replisync.storage.PushTx;
import dev.replisync.tck.SimulationFailure.Promise;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What the servers of a simulation must come to: one state after each commit, made by running the same mutations here,
 * in the order of the commits, one after the other. Knows nothing of versions, cookies, patches or stores.
 */
final class ServerModel {
    private final List<State> states = new ArrayList<>();
    private UnaryOperator<String> kept;
    /** Since which state each user could see what is at a place. */
    private final Map<Place, Map<String, Integer>> shown = new HashMap<>();

    private final Map<String, String> names = new HashMap<>();
    private boolean forgot;
    private boolean changed;

    /** A place where an entity may be; the space as the strategy keeps it. */
    record Place(String space, String key) {}

    /**
     * An entity; no readers means everybody.
     *
     * @param named its space, as callers name it
     */
    record Entity(JsonNode value, @Nullable Set<String> readers, String named) {
        boolean visibleTo(String user) {
            return readers == null || readers.contains(user);
        }
    }

    record Client(String groupID, long lastMutationID) {}

    /** All that is committed at one moment; never changed. */
    record State(Map<Place, Entity> entities, Map<String, Client> clients) {
        long lastMutationID(String clientID) {
            Client client = clients.get(clientID);
            return client == null ? 0 : client.lastMutationID();
        }

        boolean shows(String user, String space, String key, JsonNode value) {
            return shown(user, new Place(space, key)).filter(value::equals).isPresent();
        }

        boolean hasTwins() {
            return entities.keySet().stream().map(Place::key).distinct().count() < entities.size();
        }

        private Optional<JsonNode> shown(String user, Place place) {
            return Optional.ofNullable(entities.get(place))
                    .filter(entity -> entity.visibleTo(user))
                    .map(Entity::value);
        }

        boolean shows(String user, String space, Map<String, JsonNode> view) {
            int visible = 0;
            for (Map.Entry<Place, Entity> at : entities.entrySet()) {
                if (at.getKey().space().equals(space) && at.getValue().visibleTo(user)) {
                    if (!at.getValue().value().equals(view.get(at.getKey().key()))) {
                        return false;
                    }
                    visible++;
                }
            }
            return visible == view.size();
        }

        Map<String, JsonNode> view(String user, String space) {
            Map<String, JsonNode> view = new TreeMap<>();
            entities.forEach((place, entity) -> {
                if (place.space().equals(space) && entity.visibleTo(user)) {
                    view.put(place.key(), entity.value());
                }
            });
            return view;
        }
    }

    /** A mutation that ran in a transaction, or a write of the server itself. */
    record Run(String clientID, long id, String name, JsonNode args, String space) {
        /** Stands for the client where there is none. */
        static final String SERVER = "the server";

        @Override
        public String toString() {
            return clientID + ":" + id + " " + name + args;
        }
    }

    /**
     * A transaction that was committed.
     *
     * @param number that of the state that it made
     * @param runs what ran in it
     * @param written where something was written
     * @param groups the client groups of which a last mutation id went up
     */
    record Commit(int number, List<Run> runs, Set<Place> written, Set<String> groups) {
        @Override
        public String toString() {
            return "commit " + number + ", of " + runs + ", which wrote " + written + " and confirmed mutations of "
                    + groups;
        }
    }

    /**
     * An empty server.
     *
     * @param kept where the first strategy keeps a space
     */
    ServerModel(UnaryOperator<String> kept) {
        this.kept = kept;
        states.add(new State(Map.of(), Map.of()));
    }

    /** Where the strategy keeps a space now. */
    String kept(String space) {
        return kept.apply(space);
    }

    /** The number of the state that is committed now. */
    int now() {
        return states.size() - 1;
    }

    State state(int number) {
        return states.get(number);
    }

    State current() {
        return states.get(now());
    }

    /** Whether the servers have lost something that they once had: by a restore, or because groups were collected. */
    boolean forgot() {
        return forgot;
    }

    /**
     * Whether a user could ever see a key up to a state, be it between two mutations of one transaction: who may have held
     * it is told of its end.
     */
    boolean everShown(String user, String space, String key, int upTo) {
        return shown.getOrDefault(new Place(space, key), Map.of()).getOrDefault(user, Integer.MAX_VALUE) <= upTo;
    }

    private void show(Place place, Entity entity) {
        for (String user : Simulation.USERS) {
            if (entity.visibleTo(user)) {
                shown.computeIfAbsent(place, p -> new HashMap<>()).putIfAbsent(user, states.size());
            }
        }
    }

    /**
     * A transaction was committed.
     *
     * @param written the clients that it wrote, as they are on record since
     * @param runs the mutations that ran in it, in order
     * @return the same, for those who ask what it changed
     * @throws SimulationFailure if a mutation ran twice, out of order, or was processed without being run
     */
    Commit committed(Map<String, PushTx.Client> written, List<Run> runs) {
        Map<Place, Entity> entities = new HashMap<>(current().entities());
        Map<String, Client> clients = new HashMap<>(current().clients());
        Map<String, Long> done = new HashMap<>();
        Set<Place> places = new HashSet<>();
        Set<String> groups = new HashSet<>();
        for (Run run : runs) {
            if (!run.clientID().equals(Run.SERVER)) {
                long before = done.getOrDefault(run.clientID(), current().lastMutationID(run.clientID()));
                check(run.id() > before, () -> "mutation " + run + " ran again: " + before + " was processed before");
                skipped(run.clientID(), before, run.id() - 1);
                check(!ModelMutators.fails(run.name()), () -> "the failing mutation " + run + " was committed");
                done.put(run.clientID(), run.id());
            }
            ModelMutators.run(run.name(), run.args(), new On(entities, places, run.space()));
        }
        written.forEach((client, now) -> {
            long last = now.lastMutationID();
            long before = done.getOrDefault(client, current().lastMutationID(client));
            check(last >= before, () -> "the last mutation id of " + client + " went from " + before + " to " + last);
            skipped(client, before, last);
            if (last > current().lastMutationID(client)) {
                groups.add(now.groupID());
            }
            clients.put(client, new Client(now.groupID(), last));
        });
        done.forEach((client, last) -> check(
                written.containsKey(client) && written.get(client).lastMutationID() >= last,
                () -> "mutation " + last + " of " + client + " ran, but " + written + " were committed with it"));
        states.add(new State(entities, clients));
        return new Commit(now(), runs, places, groups);
    }

    /** Whether a user sees something else in a space since a commit. */
    boolean changed(Commit commit, String user, String space) {
        State before = state(commit.number() - 1);
        State after = state(commit.number());
        return commit.written().stream()
                .filter(place -> place.space().equals(space))
                .anyMatch(place -> !before.shown(user, place).equals(after.shown(user, place)));
    }

    /** Mutations that were booked as failed: they must be of those that fail. */
    private void skipped(String clientID, long after, long upTo) {
        for (long id = after + 1; id <= upTo; id++) {
            String name = names.getOrDefault(clientID + ":" + id, "unknown");
            long skipped = id;
            check(
                    ModelMutators.fails(name),
                    () -> "mutation " + clientID + ":" + skipped + " (" + name
                            + ") was processed, but its effects were not committed");
        }
    }

    /** A client made a mutation. */
    void made(String clientID, long id, String name) {
        names.put(clientID + ":" + id, name);
    }

    /** An entity was deleted behind the servers. */
    void deleted(String space, String key) {
        Map<Place, Entity> entities = new HashMap<>(current().entities());
        entities.remove(new Place(space, key));
        states.add(new State(entities, current().clients()));
    }

    /** The strategy was changed: each entity is where the new one keeps its space. */
    void changed(UnaryOperator<String> newlyKept) {
        kept = newlyKept;
        Map<Place, Entity> entities = new HashMap<>();
        current().entities().forEach((place, entity) -> {
            Place now = new Place(kept(entity.named()), place.key());
            entities.put(now, entity);
            show(now, entity);
        });
        states.add(new State(entities, current().clients()));
        changed = true;
    }

    /** Whether the strategy was ever changed. */
    boolean hasChanged() {
        return changed;
    }

    /** All client groups were forgotten. */
    void collected() {
        forgot = true;
        states.add(new State(current().entities(), Map.of()));
    }

    /** The state of an earlier moment came back. */
    void restored(State earlier) {
        forgot = true;
        states.add(earlier);
    }

    private static void check(boolean holds, java.util.function.Supplier<String> otherwise) {
        if (!holds) {
            throw new SimulationFailure(Promise.EXACTLY_ONCE, otherwise.get());
        }
    }

    /** Runs a mutator in the model. */
    private final class On implements ModelMutators.Entities {
        private final Map<Place, Entity> entities;
        private final Set<Place> written;
        private final String space;

        On(Map<Place, Entity> entities, Set<Place> written, String space) {
            this.entities = entities;
            this.written = written;
            this.space = space;
        }

        private Place at(String key) {
            return new Place(kept(space), key);
        }

        private void write(Place place, Entity entity) {
            entities.put(place, entity);
            written.add(place);
            show(place, entity);
        }

        private @Nullable Entity take(Place place) {
            written.add(place);
            return entities.remove(place);
        }

        @Override
        public Optional<JsonNode> get(String key) {
            return Optional.ofNullable(entities.get(at(key))).map(Entity::value);
        }

        @Override
        public void put(String key, JsonNode value) {
            Entity before = entities.get(at(key));
            write(
                    at(key),
                    before == null
                            ? new Entity(value, null, space)
                            : new Entity(value, before.readers(), before.named()));
        }

        @Override
        public void remove(String key) {
            take(at(key));
        }

        @Override
        public void share(String key, Set<String> users) {
            Entity before = Objects.requireNonNull(entities.get(at(key)));
            write(at(key), new Entity(before.value(), users, before.named()));
        }

        @Override
        public void carry(String key, String to, JsonNode value) {
            Entity before = take(at(key));
            if (before != null) {
                write(new Place(kept(to), key), new Entity(value, before.readers(), to));
            }
        }

        @Override
        public void lock(String key) {}

        @Override
        public String space() {
            return space;
        }

        @Override
        public void trouble(String name, JsonNode args) {}
    }
}
