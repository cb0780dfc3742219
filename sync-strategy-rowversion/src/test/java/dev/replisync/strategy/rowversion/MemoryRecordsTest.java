package dev.replisync.strategy.rowversion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class MemoryRecordsTest {
    private final TestClock clock = new TestClock();
    private final MemoryRecords records = new MemoryRecords(4_000, Duration.ofHours(1), clock);

    @Test
    void whatWasNotUsedForLongestGoesFirst() {
        records.write("a", new byte[1_000]);
        records.write("b", new byte[1_000]);
        records.write("c", new byte[1_000]);
        assertThat(records.bytes()).isEqualTo(3_600);
        records.read("a");
        records.write("d", new byte[1_000]);
        assertThat(records.read("b")).isEmpty();
        assertThat(records.read("a")).isPresent();
        assertThat(records.read("c")).isPresent();
        assertThat(records.read("d")).isPresent();
        assertThat(records.bytes()).isEqualTo(3_600);
    }

    @Test
    void aRecordThatHasNoRoomIsNotKeptAndTakesNobodysPlace() {
        records.write("a", new byte[1_000]);
        records.write("big", new byte[4_000]);
        assertThat(records.read("big")).isEmpty();
        assertThat(records.read("a")).isPresent();
    }

    @Test
    void aRecordThatFillsAllRoomIsKept() {
        records.write("a", new byte[3_800]);
        assertThat(records.read("a")).isPresent();
        assertThat(records.bytes()).isEqualTo(4_000);
    }

    @Test
    void writtenAgainItIsCountedOnce() {
        for (int i = 0; i < 10; i++) {
            records.write("a", new byte[1_000]);
        }
        assertThat(records.bytes()).isEqualTo(1_200);
    }

    @Test
    void aRecordLivesAsLongAsItIsUsed() {
        records.write("used", new byte[1]);
        records.write("left", new byte[1]);
        for (int i = 0; i < 4; i++) {
            clock.pass(Duration.ofMinutes(59));
            assertThat(records.read("used")).isPresent();
        }
        assertThat(records.read("left")).isEmpty();
        assertThat(records.bytes()).isEqualTo(201);
        clock.pass(Duration.ofHours(1));
        assertThat(records.read("used")).isEmpty();
        assertThat(records.bytes()).isZero();
    }

    @Test
    void whatExpiredMakesRoomForWhatIsWritten() {
        records.write("old", new byte[1_000]);
        clock.pass(Duration.ofHours(1));
        records.write("new", new byte[1_000]);
        assertThat(records.bytes()).isEqualTo(1_200);
    }

    @Test
    void limitsMustBePositive() {
        assertThatThrownBy(() -> new MemoryRecords(0, Duration.ofHours(1), clock))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("maxBytes was 0 but it must be positive");
        assertThatThrownBy(() -> new MemoryRecords(1, Duration.ZERO, clock))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("timeToLive was PT0S but it must be positive");
    }

    private static final class TestClock extends Clock {
        private Instant now = Instant.parse("2026-03-01T00:00:00Z");

        void pass(Duration time) {
            now = now.plus(time);
        }

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }
}
