package dev.replisync.tck;

import dev.replisync.WriteContext;
import dev.replisync.storage.Storage;
import dev.replisync.strategy.DiffStrategyProvider;

/** A wrong implementation: right in everything but what it overrides. */
class Mutant {
    private final String rule;
    private final String name;

    Mutant(String rule, String name) {
        this.rule = rule;
        this.name = name;
    }

    /** The rule that it breaks. */
    String rule() {
        return rule;
    }

    /** Which contracts are to notice: those whose name contains this. */
    String contract() {
        return "";
    }

    boolean versionLast() {
        return false;
    }

    Storage<MemoryTx> storage(MemoryStorage right) {
        return right;
    }

    KitHandle kit(KitHandle right, MemoryTx tx, WriteContext ctx) {
        return right;
    }

    DiffStrategyProvider strategy(DiffStrategyProvider right) {
        return right;
    }

    Wire wire(Wire right) {
        return right;
    }

    @Override
    public String toString() {
        return rule + ": " + name;
    }
}
