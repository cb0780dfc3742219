package dev.replisync.strategy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replisync.protocol.Json;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CookieTest {
    private static final Map<String, String> MARKS = Map.of("e", "epoch", "s", "global");

    @Test
    void carriesCounterOrderAndMarks() {
        Json json = Cookie.above(Json.NULL, 7, MARKS).json();

        assertThat(json).hasToString("{\"order\":7,\"v\":7,\"e\":\"epoch\",\"s\":\"global\"}");
        Cookie read = Cookie.read(json).orElseThrow();
        assertThat(read.v()).isEqualTo(7);
        assertThat(read.marks()).isEqualTo(MARKS);
        assertThat(Cookie.read(Cookie.above(Json.NULL, 0, MARKS).json()))
                .as("the cookie of what is still empty")
                .isPresent();
        assertThat(read.at(9).json()).hasToString("{\"order\":9,\"v\":9,\"e\":\"epoch\",\"s\":\"global\"}");
    }

    /** R8, R11, R36: whatever the client holds, a reset is above it, and so is each later cookie. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "0",
                "-3",
                "1234",
                "1234.5",
                "-0.5",
                "4503599627370495",
                "4503599627370496",
                "9007199254740993",
                "1e300",
                "\"\"",
                "\"9\"",
                "\"10\"",
                "\"zzz\"",
                "\"a/0000000000000041\"",
                "\"a/9999999999999999\"",
                "\"a/00000000000000x1\"",
                "\"\ud83d\ude00\"",
                "{\"order\":55}",
                "{\"order\":\"55\",\"v\":3}",
                "{\"order\":4503599627370496,\"v\":3}",
                "{\"order\":1000000,\"v\":3,\"e\":\"other\",\"s\":\"global\"}",
            })
    void aResetIsAboveWhatWasReceived(String text) {
        Json received = Json.parse(text);
        Cookie reset = Cookie.above(received, 3, MARKS);

        assertThat(Cookie.compare(reset.json(), received)).isPositive();
        Cookie read = Cookie.read(reset.json()).orElseThrow();
        assertThat(read.v()).isEqualTo(3);
        assertThat(read.json()).isEqualTo(reset.json());
        assertThat(Cookie.compare(read.at(4).json(), reset.json())).isPositive();
        assertThat(Cookie.compare(read.at(1_000_000).json(), read.at(999_999).json()))
                .isPositive();
        assertThat(Cookie.compare(Cookie.above(reset.json(), 2, MARKS).json(), reset.json()))
                .as("a second restore")
                .isPositive();
    }

    @Test
    void repeatedResetsOfAStringDoNotMakeItLonger() {
        Json cookie = Json.parse("\"abc\"");
        for (int i = 0; i < 100; i++) {
            cookie = Cookie.above(cookie, 5, MARKS).json();
        }
        assertThat(cookie.toString()).contains("\"order\":\"abc/0000000000000500\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "7",
                "\"7\"",
                "{}",
                "{\"order\":7}",
                "{\"order\":7,\"v\":-1}",
                "{\"order\":7,\"v\":8}",
                "{\"order\":7.5,\"v\":7}",
                "{\"order\":7,\"v\":\"7\"}",
                "{\"order\":\"7\",\"v\":7}",
                "{\"order\":\"x/0000000000000006\",\"v\":7}",
                "{\"order\":1e300,\"v\":7}",
                "{\"order\":7,\"v\":1e300}",
                "{\"order\":99999999999999999999,\"v\":7}",
                "{\"order\":4503599627370496,\"v\":7}",
                "{\"order\":\"x/4503599627370496\",\"v\":7}",
                "{\"order\":\"x/000000000000000x\",\"v\":7}",
                "{\"order\":null,\"v\":7}",
                "[7]"
            })
    void doesNotTakeTheCookieOfAnotherForItsOwn(String text) {
        assertThat(Cookie.read(Json.parse(text))).isEmpty();
    }

    /** R8, as the client compares. */
    @Test
    void comparesAsTheClientDoes() {
        assertThat(Cookie.compare(Json.parse("\"9\""), Json.parse("\"10\""))).isPositive();
        assertThat(Cookie.compare(Json.parse("9"), Json.parse("10"))).isNegative();
        assertThat(Cookie.compare(Json.parse("9"), Json.parse("\"10\""))).isPositive();
        assertThat(Cookie.compare(Json.parse("{\"order\":2}"), Json.parse("1"))).isPositive();
        assertThat(Cookie.compare(Json.NULL, Json.parse("-1"))).isNegative();
        assertThat(Cookie.compare(Json.NULL, Json.NULL)).isZero();
        for (String nobodys : new String[] {"{}", "{\"a\":1}", "true", "[]", "{\"order\":true}"}) {
            Json received = Json.parse(nobodys);
            assertThat(Cookie.compare(Cookie.above(received, 0, MARKS).json(), received))
                    .isPositive();
        }
    }

    @Test
    void aCookieTooDeepToReadIsNobodys() {
        Json deep = Json.parse("[".repeat(2_000) + "]".repeat(2_000));
        assertThat(Cookie.read(deep)).isEmpty();
        assertThat(Cookie.above(deep, 3, MARKS).v()).isEqualTo(3);
    }

    /** R40: two tabs that sent the same cookie, and one that goes on, get orders apart and in the order of the counters. */
    @Test
    void aboveKeepsTabsInTheOrderOfTheirCounters() {
        Json received = Json.parse("{\"order\":55,\"v\":3}");
        Cookie first = Cookie.above(received, 1, MARKS);
        Cookie second = Cookie.above(received, 2, MARKS);
        assertThat(first.json()).hasToString("{\"order\":56,\"v\":1,\"e\":\"epoch\",\"s\":\"global\"}");
        assertThat(Cookie.compare(first.json(), received)).isPositive();
        assertThat(Cookie.compare(second.json(), first.json())).isPositive();
        assertThat(Cookie.compare(first.next(3, MARKS).json(), second.json())).isPositive();
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "0", "-3", "1.5", "4503599627370496", "\"zzz\"", "{\"order\":\"9\"}"})
    void aboveIsAboveAnything(String text) {
        Json received = Json.parse(text);
        for (long v : new long[] {0, 1, 70}) {
            assertThat(Cookie.compare(Cookie.above(received, v, MARKS).json(), received))
                    .isPositive();
        }
    }

    /** R40: tabs of one group that start again stay in the order of their counters, whatever each of them held. */
    @Test
    void againLiftsAllTabsAlike() {
        Cookie behind = Cookie.above(Json.parse("10"), 7, MARKS);
        Cookie upToDate = behind.at(9);
        Cookie first = upToDate.again(9, Map.of("e", "later"));
        assertThat(first.json()).hasToString("{\"order\":20,\"v\":9,\"e\":\"later\"}");
        assertThat(behind.again(9, Map.of("e", "later")).json()).isEqualTo(first.json());
        assertThat(Cookie.compare(behind.again(10, MARKS).json(), first.json())).isPositive();
        assertThat(Cookie.compare(first.json(), upToDate.json())).isPositive();
    }

    @Test
    void nextIsAboveAlsoWhereTheCounterWentBack() {
        Cookie cookie = Cookie.above(Json.parse("10"), 7, MARKS);
        Cookie next = cookie.next(2, Map.of("e", "later"));
        assertThat(next.json()).hasToString("{\"order\":18,\"v\":2,\"e\":\"later\"}");
        assertThat(Cookie.compare(next.next(3, MARKS).json(), next.json())).isPositive();
    }

    @Test
    void aMarkDependsOnSecretAndText() {
        assertThat(Cookie.mark("secret", "ann")).hasSize(16).isEqualTo(Cookie.mark("secret", "ann"));
        assertThat(Cookie.mark("secret", "bob")).isNotEqualTo(Cookie.mark("secret", "ann"));
        assertThat(Cookie.mark("other", "ann")).isNotEqualTo(Cookie.mark("secret", "ann"));
    }
}
