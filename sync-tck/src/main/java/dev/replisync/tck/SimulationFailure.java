package dev.replisync.tck;

/** A promise that was broken in a simulated history. */
final class SimulationFailure extends AssertionError {
    private static final long serialVersionUID = 1L;

    private final Promise promise;

    /** What a history is checked for. */
    enum Promise {
        /** Each mutation has its effect once, in the order of its client. */
        EXACTLY_ONCE,
        /** What was answered with success is processed, and stays so. */
        NOTHING_LOST,
        /** Cookies go up, and a higher one never carries an older state. */
        COOKIES,
        /** What one mutation wrote is seen together. */
        ATOMIC,
        /** A view is a state that the server had while it answered. */
        CONFIRMED_STATE,
        /** Nobody is told of what he may not see. */
        PERMISSION,
        /** In the end everybody sees what is there. */
        CONVERGENCE,
        /** Whom a commit concerns is poked after it. */
        POKES,
        /** Each client gets on. */
        NEVER_WEDGED
    }

    SimulationFailure(Promise promise, String what) {
        super(promise + ": " + what);
        this.promise = promise;
    }

    Promise promise() {
        return promise;
    }
}
