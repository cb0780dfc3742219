package dev.replisync.proofs;

import dev.replisync.MutationContext;
import dev.replisync.Mutators;
import dev.replisync.error.RejectedException;
import dev.replisync.jdbi.JdbiStorage;
import dev.replisync.jdbi.SyncedTable;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/** The application under test: mutators none of which can be done twice, or half, without leaving a trace. */
final class Journal {
    static final SyncedTable LISTS =
            SyncedTable.of("list").key("list/", "id").columns("id", "items").space("space_id");
    static final SyncedTable COUNTERS =
            SyncedTable.of("counter").key("counter/", "id").columns("id", "n").space("space_id");
    static final SyncedTable FLAGS =
            SyncedTable.of("flag").key("flag/", "id").columns("id", "text").space("space_id");

    private Journal() {}

    /**
     * What a mutator is told.
     *
     * @param target the list, counter or flag
     * @param bytes how long the text of a flag is
     */
    record Args(String target, int bytes) {}

    /** Creates the application's tables in an empty database. */
    static void create(Jdbi jdbi) {
        jdbi.useHandle(db -> {
            db.execute(
                    "create table list (id varchar(80) primary key, space_id varchar(80) not null, items text not null)");
            db.execute(
                    "create table counter (id varchar(80) primary key, space_id varchar(80) not null, n int not null)");
            db.execute(
                    "create table flag (id varchar(80) primary key, space_id varchar(80) not null, text text not null)");
        });
    }

    static JdbiStorage storage(Jdbi jdbi) {
        return JdbiStorage.builder(jdbi)
                .tables(LISTS, COUNTERS, FLAGS)
                .connectionsAlike()
                .build();
    }

    static Mutators<Handle> mutators() {
        return new Mutators<Handle>()
                .add("append", Args.class, (db, args, ctx) -> append(db, args.target, ctx))
                .add("both", Args.class, (db, args, ctx) -> {
                    append(db, args.target + "-left", ctx);
                    append(db, args.target + "-right", ctx);
                })
                .add("add", Args.class, Journal::add)
                .add("toggle", Args.class, Journal::toggle)
                .add("fail", Args.class, (db, args, ctx) -> {
                    append(db, args.target, ctx);
                    throw new RejectedException("as it was asked to");
                });
    }

    private static void append(Handle db, String list, MutationContext ctx) {
        ctx.lock(list);
        String tag = ctx.mutation().clientID() + ":" + ctx.mutation().id();
        Optional<Map<String, @Nullable Object>> found = LISTS.find(db, list);
        if (found.isEmpty()) {
            LISTS.insert(db, ctx, Map.of("id", list, "items", tag));
        } else {
            db.execute("update list set items = items || ' ' || ? where id = ?", tag, list);
            ctx.touch("list/" + list);
        }
    }

    private static void add(Handle db, Args args, MutationContext ctx) {
        ctx.lock(args.target);
        if (COUNTERS.find(db, args.target).isEmpty()) {
            COUNTERS.insert(db, ctx, Map.of("id", args.target, "n", 1));
        } else {
            db.execute("update counter set n = n + 1 where id = ?", args.target);
            ctx.touch("counter/" + args.target);
        }
    }

    private static void toggle(Handle db, Args args, MutationContext ctx) {
        ctx.lock(args.target);
        if (!FLAGS.delete(db, ctx, args.target)) {
            FLAGS.insert(
                    db,
                    ctx,
                    Map.of("id", args.target, "text", noise(ctx.mutation().id(), args.bytes)));
        }
    }

    /** A text that cannot be compressed. */
    static String noise(long seed, int bytes) {
        return new Random(seed)
                .ints(bytes, ' ' + 1, '~')
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }
}
