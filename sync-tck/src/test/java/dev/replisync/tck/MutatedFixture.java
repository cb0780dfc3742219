package dev.replisync.tck;

import dev.replisync.WriteContext;
import dev.replisync.storage.Storage;

/** The store in memory, as a mutant has it. */
final class MutatedFixture implements SyncFixture<MemoryTx>, GivesWay {
    private final MemoryFixture right;
    private final Mutant mutant;

    MutatedFixture(Mutant mutant) {
        this.right = mutant.store();
        this.mutant = mutant;
    }

    @Override
    public void insteadOfWaiting(Runnable giveWay) {
        right.insteadOfWaiting(giveWay);
    }

    @Override
    public void deleteBehind(String space, String key) {
        right.deleteBehind(space, key);
    }

    @Override
    public Storage<MemoryTx> node() {
        return mutant.storage(right.storage().node());
    }

    @Override
    public KitHandle kit(MemoryTx tx, WriteContext ctx) {
        return mutant.kit(right.kit(tx, ctx), tx, ctx);
    }

    @Override
    public StoreView look() {
        return right.look();
    }

    @Override
    public Operator<MemoryTx> operator() {
        return mutant.operator(right.operator(), right.storage());
    }

    @Override
    public void close() {
        right.close();
    }
}
