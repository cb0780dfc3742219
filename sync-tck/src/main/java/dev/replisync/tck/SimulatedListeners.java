package dev.replisync.tck;

import dev.replisync.tck.ServerModel.Commit;
import dev.replisync.tck.SimulationFailure.Promise;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who listens for pokes in a simulation: the user of each device, at one of the servers. A client pulls when it is poked
 * and not before, so whoever sees something else since a commit, or has an id confirmed by it, must be poked after it.
 */
final class SimulatedListeners {
    private final ServerModel model;
    private final List<Listener> listeners = new ArrayList<>();

    /** Nobody yet. */
    SimulatedListeners(ServerModel model) {
        this.model = model;
    }

    private final class Listener {
        private final Device device;
        private final int node;
        /** The state that was committed at its last poke. */
        private int poked;
        /** The last commit that concerns it, unless it was found to have been poked for it. */
        private @Nullable Commit owed;

        Listener(Device device, int node) {
            this.device = device;
            this.node = node;
        }

        /** Pulls at once: what came before was not told here (rule R68). */
        void listen(Wire wire) {
            poked = model.now();
            wire.listen(device.user(), device.space(), () -> poked = model.now());
        }

        boolean isConcerned(Commit commit) {
            return device.groups().stream().anyMatch(group -> commit.groups().contains(group.id))
                    || model.changed(commit, device.user(), model.kept(device.space()));
        }

        void check() {
            Commit commit = owed;
            owed = null;
            SimulationChecks.check(
                    Promise.POKES,
                    commit == null || commit.number() <= poked,
                    () -> device.user() + " in " + device.space() + " was last poked at state " + poked + ", before "
                            + commit);
        }
    }

    /** From now on the user of a device listens at a server. */
    void add(Device device, int node, Wire wire) {
        Listener listener = new Listener(device, node);
        listener.listen(wire);
        listeners.add(listener);
    }

    /** Another server has taken the place of one: who listened there listens again. */
    void reconnect(int node, Wire wire) {
        listeners.stream().filter(listener -> listener.node == node).forEach(listener -> listener.listen(wire));
    }

    void committed(Commit commit) {
        listeners.stream().filter(listener -> listener.isConcerned(commit)).forEach(listener -> listener.owed = commit);
    }

    /** Nothing is being processed any more, so all pokes must have been sent. */
    void check() {
        listeners.forEach(Listener::check);
    }
}
