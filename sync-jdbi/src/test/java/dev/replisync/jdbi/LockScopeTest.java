package dev.replisync.jdbi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.replisync.storage.KeptViews;
import dev.replisync.storage.OpenPush;
import dev.replisync.storage.PushTx;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A database may hold the SDK's tables more than once: locks of one installation are no other's (rule R27). */
@Timeout(60)
class LockScopeTest {
    private static final String SPACE = JdbiStorage.GLOBAL_SPACE;

    private final ExecutorService threads = Executors.newCachedThreadPool();

    /** How two installations in one database differ. */
    enum Apart {
        PREFIX,
        SCHEMA,
        /** The connections bring the schema along. */
        SEARCH_PATH
    }

    static Stream<Arguments> installations() {
        return Stream.of(DatabaseKind.values())
                .flatMap(kind -> Stream.of(Apart.values()).map(apart -> Arguments.of(kind, apart)));
    }

    @ParameterizedTest(name = "{0}, by {1}")
    @MethodSource("installations")
    void anotherInstallationWaitsForNothingAndTheSameOneDoes(DatabaseKind kind, Apart apart) throws Exception {
        try (TestDatabase db = TestDatabase.create(kind);
                TestDatabase one = connected(db, apart, "one");
                TestDatabase two = connected(db, apart, "two")) {
            JdbiStorage mine = storage(one, apart, "one");
            JdbiStorage others = storage(two, apart, "two");
            JdbiStorage sameAsMine = storage(one, apart, "one");
            List<Future<?>> waiting = new ArrayList<>();
            try (PushTx<Handle> tx = mine.open(push("g", true))) {
                tx.lock(SPACE, "name");
                assertThat(soon(() -> lockAll(others, "g"))).isTrue();
                waiting.add(waits(() -> lockAll(sameAsMine, "another group")));
                PushTx<Handle> second = sameAsMine.open(push("a third group", false));
                waiting.add(waits(() -> {
                    try (second) {
                        second.lock(SPACE, "name");
                        return true;
                    }
                }));
            }
            if (kind == DatabaseKind.POSTGRESQL) {
                try (KeptViews.Pull pull = pull(mine, "g")) {
                    assertThat(pull.state().continued()).isFalse();
                    assertThat(soon(() -> pullAll(others, "g"))).isTrue();
                    waiting.add(waits(() -> pullAll(sameAsMine, "g")));
                    waiting.add(waits(() -> pullAll(sameAsMine, "another group")));
                }
            }
            for (Future<?> waited : waiting) {
                assertThat(waited.get(30, TimeUnit.SECONDS)).isEqualTo(true);
            }
            one.assertNoConnectionLeaks();
            two.assertNoConnectionLeaks();
        } finally {
            threads.shutdownNow();
        }
    }

    private static TestDatabase connected(TestDatabase db, Apart apart, String name) {
        db.execute("create schema " + name);
        if (apart != Apart.SEARCH_PATH) {
            return db.sibling("");
        }
        return db.sibling(db.isPostgres() ? "&currentSchema=" + name : ";SCHEMA=" + name);
    }

    private static JdbiStorage storage(TestDatabase db, Apart apart, String name) {
        JdbiStorageBuilder builder = JdbiStorage.builder(db.jdbi());
        switch (apart) {
            case PREFIX -> builder.tablePrefix(name + "_");
            case SCHEMA -> builder.schema(db.isPostgres() ? name : name.toUpperCase(Locale.ROOT));
            case SEARCH_PATH -> {
                // The connection has it.
            }
        }
        db.execute("create table if not exists item (id varchar(20) primary key)");
        return builder.tables(SyncedTable.of("item").key("item/", "id").columns("id"))
                .build()
                .install();
    }

    private static OpenPush push(String group, boolean lockVersions) {
        return new OpenPush(
                List.of(new OpenPush.Group(group, "u", SPACE)),
                Set.of("c-" + group),
                new TreeSet<>(Set.of(SPACE)),
                lockVersions,
                true);
    }

    private static boolean lockAll(JdbiStorage storage, String group) {
        try (PushTx<Handle> tx = storage.open(push(group, true))) {
            tx.lock(SPACE, "name");
            return true;
        }
    }

    private static KeptViews.Pull pull(JdbiStorage storage, String group) {
        return storage.views()
                .orElseThrow()
                .kept()
                .orElseThrow()
                .open(new KeptViews.Request("u", SPACE, group, "profile", Optional.empty()));
    }

    private static boolean pullAll(JdbiStorage storage, String group) {
        try (KeptViews.Pull pull = pull(storage, group)) {
            return pull.state().group().id().equals(group);
        }
    }

    private <R> R soon(Callable<R> work) throws Exception {
        return threads.submit(work).get(20, TimeUnit.SECONDS);
    }

    private <R> Future<R> waits(Callable<R> work) {
        Future<R> future = threads.submit(work);
        assertThatThrownBy(() -> future.get(100, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
        return future;
    }
}
