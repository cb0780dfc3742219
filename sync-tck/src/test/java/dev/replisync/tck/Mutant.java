package dev.replisync.tck;

import dev.replisync.WriteContext;
import dev.replisync.storage.Storage;
import dev.replisync.strategy.DiffStrategyProvider;
import dev.replisync.strategy.global.GlobalVersion;

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

    /** The mistake. */
    String name() {
        return name;
    }

    /** Which contracts are to notice: those whose name contains this. */
    String contract() {
        return "";
    }

    /** Which tests are to notice: those whose name begins with this. */
    String test() {
        return "";
    }

    /** What each failure says. */
    String says() {
        return "Rule " + rule + ": ";
    }

    boolean versionLast() {
        return false;
    }

    MemoryFixture store() {
        return new MemoryFixture();
    }

    Storage<MemoryTx> storage(MemoryStorage right) {
        return right;
    }

    Operator<MemoryTx> operator(Operator<MemoryTx> right, MemoryStorage store) {
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

    /** The contracts of a server, on this mutant. */
    ServerSetup<MemoryTx> setup() {
        ServerSetup<MemoryTx> setup = ServerSetup.of(
                        () -> new MutatedFixture(this), strategy(new GlobalVersion()), Trait.VERSIONS)
                .withWiring((server, endpoint) -> wire(Wire.to(server, endpoint)));
        return versionLast() ? setup.withVersionLast() : setup;
    }

    @Override
    public String toString() {
        return rule + ": " + name;
    }
}
