package dev.replisync.tck;

import dev.replisync.storage.OpenPush;
import dev.replisync.storage.PushTx;
import dev.replisync.storage.Storage;
import java.util.Set;
import java.util.function.Consumer;

/** A storage that a test can make fail at each of its calls, before or after the call did its work. */
class FaultyStorage<T> extends DecoratedStorage<T> {
    private static final int DEEPEST_CHAIN = 50;

    private final Consumer<Point> plan;

    /** Where something can go wrong. */
    enum Point {
        OPEN,
        OPENED,
        TOUCH,
        LOCK,
        VISIBLE,
        COMMIT,
        /** The commit happened, and its answer is lost. */
        COMMITTED,
        /** A statement of a mutator; only where the mutators ask for it. */
        STATEMENT,
        /** A step of a pull; only where the reads ask for it. */
        READ
    }

    /** What the datastore throws, with what it means. */
    static final class Fault extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final Failure meaning;

        Fault(Failure meaning, Object where) {
            // Made by the thousand, and known by its place: no stack trace.
            super("a fault that the kit made: " + meaning + " at " + where, null, true, false);
            this.meaning = meaning;
        }

        /** What such a fault means if it comes at this point. */
        static Fault at(Point point) {
            return new Fault(point == Point.COMMITTED ? Failure.UNKNOWN : Failure.TRANSIENT, point);
        }
    }

    FaultyStorage(Storage<T> real, Consumer<Point> plan) {
        super(real);
        this.plan = plan;
    }

    @Override
    public PushTx<T> open(OpenPush what) {
        plan.accept(Point.OPEN);
        PushTx<T> tx = super.open(what);
        try {
            plan.accept(Point.OPENED);
        } catch (RuntimeException e) {
            tx.close();
            throw e;
        }
        return new FaultyTx(tx);
    }

    @Override
    public Failure classify(Throwable thrown, Where where) {
        Throwable t = thrown;
        for (int i = 0; t != null && i < DEEPEST_CHAIN; i++, t = t.getCause()) {
            if (t instanceof Fault fault) {
                return fault.meaning;
            }
        }
        return super.classify(thrown, where);
    }

    private final class FaultyTx extends Tx<T> {
        FaultyTx(PushTx<T> real) {
            super(real);
        }

        @Override
        public void touch(String spaceID, String key, Set<String> lostBy) {
            plan.accept(Point.TOUCH);
            super.touch(spaceID, key, lostBy);
        }

        @Override
        public boolean visible(String userID, String spaceID, String key) {
            plan.accept(Point.VISIBLE);
            return super.visible(userID, spaceID, key);
        }

        @Override
        public void lock(String spaceID, String name) {
            plan.accept(Point.LOCK);
            super.lock(spaceID, name);
        }

        @Override
        public void commit(Closing closing) {
            plan.accept(Point.COMMIT);
            super.commit(closing);
            plan.accept(Point.COMMITTED);
        }
    }
}
