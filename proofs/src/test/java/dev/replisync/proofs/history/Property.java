package dev.replisync.proofs.history;

/** What we promise (and the rules of the protocol that it comes from). */
public enum Property {
    /** No effect comes twice, or of a mutation that was rejected or never sent. */
    EXACTLY_ONCE,
    /** What was acknowledged has its effect, in all that is pulled from then on. */
    NOTHING_LOST,
    /** All effects of a mutation, and its last mutation id, are seen together or not at all. */
    ATOMIC,
    /** Neither cookies nor last mutation ids go back, and no answer is one that a client drops. */
    MONOTONE,
    /** All views are states of one order in which mutations took effect, each client's in its own. */
    ONE_ORDER,
    /** When all is quiet, all who may see the same see the same. */
    CONVERGENT,
    /** When all is quiet, nobody waits for anything. */
    NEVER_WEDGED,
    /** What goes wrong is answered with 503, which makes the client come again, and with nothing else. */
    ANSWERS
}
