package dev.replisync.jdbi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replisync.storage.ViewReads;
import dev.replisync.storage.ViewReads.Pull;
import dev.replisync.storage.ViewReads.Request;
import dev.replisync.storage.ViewReads.ViewSink;
import dev.replisync.storage.ViewRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * When PostgreSQL's snapshot proves that a view is what it was. Whatever else is written, anywhere on the server, may cost
 * the proof, but never lets it stand where it must not.
 */
class ProofTest {
    private static TestDatabase db;
    private static ViewReads views;

    @BeforeAll
    static void create() {
        db = TestDatabase.postgres("");
        db.execute("create table item (id int primary key, txt text)");
        views = JdbiStorage.builder(db.jdbi())
                .tables(SyncedTable.of("item").key("item/", "id").columns("id", "txt"))
                .build()
                .install()
                .views()
                .orElseThrow();
    }

    @AfterAll
    static void close() {
        db.close();
    }

    @BeforeEach
    void empty() {
        db.execute("delete from item", "insert into item values (1, 'a')", "delete from replisync_pull");
    }

    /** What a client holds, with the proof that goes with it. */
    private static final class Held {
        private final Map<String, String> versions = new TreeMap<>();
        private @Nullable String proof;
        private @Nullable String seen;
        private boolean changed;

        /** Pulls as a strategy does that has nothing to tell but changes. */
        Held pull(String user) {
            return pull(user, false, () -> {});
        }

        /** Pulls, and commits whether anything changed or not. */
        Held pull(String user, Runnable beforeCommit) {
            return pull(user, true, beforeCommit);
        }

        private Held pull(String user, boolean commits, Runnable beforeCommit) {
            Request request = new Request(
                    user,
                    "s",
                    user + "g",
                    "p",
                    Optional.of(ViewRecord.of(versions)),
                    Objects.requireNonNullElse(proof, ""));
            try (Pull pull = views.open(request)) {
                seen = pull.state().proof();
                changed = false;
                pull.changes(new ViewSink() {
                    @Override
                    public void put(String key, String version, byte[] json) {
                        versions.put(key, version);
                        changed = true;
                    }

                    @Override
                    public void del(String key) {
                        versions.remove(key);
                        changed = true;
                    }
                });
                beforeCommit.run();
                proof = changed || commits ? pull.commit(pull.state().counter() + 1) : seen;
            }
            return this;
        }

        /** Pulls, and tells whether the proof of the time before stands. */
        boolean stands() {
            String before = proof;
            pull("u");
            return Objects.equals(before, seen);
        }
    }

    private static Held held() {
        return new Held().pull("u");
    }

    private static Handle begun(String statement) {
        Handle handle = db.jdbi().open();
        handle.begin();
        handle.execute(statement);
        return handle;
    }

    @Test
    void standsWhileNobodyWritesAlsoAfterThePullsOwnWrite() {
        Held held = held();
        assertThat(held.versions).containsOnlyKeys("item/1");
        assertThat(held.stands()).as("after a pull that counted").isTrue();
        assertThat(held.stands()).as("after a pull that did not").isTrue();
        held.pull("u", () -> {}).pull("u", () -> {});
        assertThat(held.stands()).as("after a pull that counted late").isTrue();
        assertThat(held.changed).isFalse();
    }

    @Test
    void fallsWithEachWrite() {
        Held held = held();
        db.execute("update item set txt = 'b'");
        assertThat(held.stands()).isFalse();
        assertThat(held.changed).isTrue();
        assertThat(held.stands()).isTrue();
        db.execute("create table other (id int)", "drop table other");
        assertThat(held.stands()).isFalse();
        assertThat(held.changed).isFalse();
        try (TestDatabase elsewhere = TestDatabase.postgres("")) {
            assertThat(held.stands()).isFalse();
            elsewhere.execute("create table other (id int)");
            assertThat(held.stands()).as("another database of the server").isFalse();
            assertThat(held.stands()).isTrue();
        }
    }

    @Test
    void standsAndFallsWithTransactionsInProgress() {
        Held held = held();
        try (Handle writer = begun("update item set txt = 'b'")) {
            held.stands();
            assertThat(held.stands()).as("in progress at both times").isTrue();
            assertThat(held.changed).isFalse();
            writer.commit();
            assertThat(held.stands()).as("committed in between").isFalse();
            assertThat(held.changed).isTrue();
        }
        try (Handle writer = begun("update item set txt = 'c'")) {
            held.stands();
            writer.rollback();
            assertThat(held.stands()).as("rolled back in between").isFalse();
            assertThat(held.changed).isFalse();
        }
    }

    @Test
    void whatCommitsBetweenTheReadAndTheCountIsNotCovered() {
        Held held = held();
        try (Handle writer = begun("update item set txt = 'b'")) {
            held.pull("u", writer::commit);
            assertThat(held.changed).isFalse();
            assertThat(held.stands()).as("began before the pull").isFalse();
            assertThat(held.changed).isTrue();
        }
        held.pull("u", () -> db.execute("update item set txt = 'c'"));
        assertThat(held.stands()).as("began after the pull had read").isFalse();
        assertThat(held.changed).isTrue();
        List<Handle> late = new ArrayList<>();
        held.pull("u", () -> late.add(begun("update item set txt = 'd'")));
        assertThat(held.stands())
                .as("began after the pull had read, and goes on")
                .isTrue();
        late.get(0).commit();
        late.get(0).close();
        assertThat(held.stands()).isFalse();
        assertThat(held.changed).isTrue();
    }

    @Test
    void isOfOneViewOnly() {
        List<String> proofs = new ArrayList<>();
        for (String[] who : new String[][] {{"u", "s", "p"}, {"v", "s", "p"}, {"u", "t", "p"}, {"u", "s", "q"}}) {
            Request request = new Request(who[0], who[1], "same", who[2], Optional.empty(), null);
            try (Pull pull = views.open(request)) {
                proofs.add(String.valueOf(pull.state().proof()));
            }
        }
        assertThat(proofs.stream().map(p -> p.substring(p.indexOf('/')))).doesNotHaveDuplicates();
    }

    @Test
    void thereIsNoneWhereDataMayBeElsewhere() {
        Held held = held();
        db.execute(
                "create extension if not exists file_fdw",
                "create server files foreign data wrapper file_fdw",
                "create foreign table far (id int) server files options (program 'echo 1')");
        try {
            held.pull("u");
            assertThat(held.seen).isNull();
        } finally {
            db.execute("drop foreign table far", "drop server files", "drop extension file_fdw");
        }
    }

    /** Transactions begin, write, commit and roll back in any order; what a standing proof says must always be so. */
    @Test
    void neverStandsWhereTheViewIsAnother() {
        for (long seed = 1; seed <= 6; seed++) {
            Random random = new Random(seed);
            Held held = held();
            List<Handle> open = new ArrayList<>();
            int stood = 0;
            for (int step = 0; step < 120; step++) {
                int what = random.nextInt(7);
                if (what == 0 && open.size() < 4) {
                    open.add(begun("insert into item values (" + (100 + step) + ", 'x')"));
                } else if (what == 1 && !open.isEmpty()) {
                    try (Handle ended = open.remove(random.nextInt(open.size()))) {
                        if (random.nextBoolean()) {
                            ended.commit();
                        } else {
                            ended.rollback();
                        }
                    }
                } else if (what == 2) {
                    held.pull(
                            "u",
                            random.nextBoolean()
                                    ? () -> {}
                                    : () -> db.execute("update item set txt = txt || 'x' where id = 1"));
                } else if (what == 3) {
                    new Held().pull("other");
                } else {
                    boolean stands = held.stands();
                    Held fresh = new Held();
                    try (Pull pull = views.open(new Request("u", "s", "ug", "p", Optional.empty(), null))) {
                        pull.changes(new ViewSink() {
                            @Override
                            public void put(String key, String version, byte[] json) {
                                fresh.versions.put(key, version);
                            }

                            @Override
                            public void del(String key) {
                                throw new AssertionError(key);
                            }
                        });
                    }
                    assertThat(held.versions)
                            .as("seed %d, step %d, stands %s", seed, step, stands)
                            .isEqualTo(fresh.versions);
                    stood += stands ? 1 : 0;
                }
            }
            open.forEach(handle -> handle.rollback().close());
            assertThat(stood).as("seed %d: how often a proof stood", seed).isPositive();
            empty();
        }
    }
}
