package dev.replisync.jdbi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.replisync.storage.RecordStore;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** View records as rows: read what was written, mark what is used seldom (R14), forget what is not used (R50). */
class RecordTableTest {
    private static final Duration NEVER = Duration.ofDays(100_000);

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static JdbiStorage storage(TestDatabase db, TestClock clock) {
        return JdbiStorage.builder(db.jdbi())
                .clock(clock)
                .recordLife(Duration.ofDays(8))
                .build()
                .install();
    }

    private static long marked(TestDatabase db, String id) {
        return db.jdbi()
                .withHandle(h -> h.select("select last_used from \"replisync_record\" where id = ?", id)
                        .mapTo(Long.class)
                        .one());
    }

    @ParameterizedTest
    @EnumSource(DatabaseKind.class)
    void keepsWhatIsUsedAndForgetsTheRest(DatabaseKind kind) {
        try (TestDatabase db = TestDatabase.create(kind)) {
            TestClock clock = new TestClock();
            JdbiStorage storage = storage(db, clock);
            RecordStore records = storage.recordTable();
            assertThat(records.read("a")).isEmpty();
            byte[] large = new byte[3_000_000];
            Arrays.fill(large, (byte) 0xFE);
            records.write("a", large);
            records.write("b", bytes("b"));
            records.write("b", bytes("b"));
            assertThat(storage(db, clock).recordTable().read("a"))
                    .as("on another node")
                    .contains(large);
            long written = marked(db, "a");
            clock.pass(Duration.ofDays(2).minusMillis(1));
            records.read("a");
            assertThat(marked(db, "a")).as("read within a quarter of its life").isEqualTo(written);
            clock.pass(Duration.ofMillis(1));
            records.read("a");
            assertThat(marked(db, "a")).as("read after a quarter of its life").isGreaterThan(written);
            clock.pass(Duration.ofDays(6).plusMillis(1));
            storage.collectGarbage(NEVER, NEVER);
            assertThat(records.read("a")).isPresent();
            assertThat(records.read("b")).isEmpty();
            records.write("c", bytes("c"));
            clock.pass(Duration.ofDays(7));
            records.write("c", bytes("c"));
            clock.pass(Duration.ofDays(7));
            storage.collectGarbage(NEVER, NEVER);
            assertThat(records.read("c")).as("written again").contains(bytes("c"));
            assertThat(records.read("a")).as("read 14 days ago").isEmpty();
            db.assertNoConnectionLeaks();
        }
    }

    @ParameterizedTest
    @EnumSource(DatabaseKind.class)
    void forgetsManyInBatches(DatabaseKind kind) {
        try (TestDatabase db = TestDatabase.create(kind)) {
            TestClock clock = new TestClock();
            JdbiStorage storage = storage(db, clock);
            Jdbi jdbi = db.jdbi();
            storage.recordTable().write("r", bytes("x"));
            db.execute(
                    "insert into \"replisync_record\" select 'r' || n.n, content, last_used from \"replisync_record\", "
                            + (db.isPostgres() ? "generate_series(1, 2500) n(n)" : "system_range(1, 2500) n(n)"),
                    "analyze");
            clock.pass(Duration.ofDays(9));
            storage.recordTable().write("new", bytes("x"));
            storage.collectGarbage(NEVER, NEVER);
            List<String> left = jdbi.withHandle(h -> h.createQuery("select id from \"replisync_record\"")
                    .mapTo(String.class)
                    .list());
            assertThat(left).containsExactly("new");
        }
    }

    @Test
    void aLifeMustBeOne() {
        try (TestDatabase db = TestDatabase.h2()) {
            assertThatThrownBy(() -> JdbiStorage.builder(db.jdbi())
                            .recordLife(Duration.ZERO)
                            .build())
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("recordLife was PT0S but it must be more than zero");
        }
    }
}
