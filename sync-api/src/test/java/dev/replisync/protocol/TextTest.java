package dev.replisync.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TextTest {

    @ParameterizedTest
    @ValueSource(strings = {"\ud800", "\udc00", "a\ud800b", "\ud83d\ude00\ud800", "\udc00\ud800"})
    void findsLoneSurrogates(String text) {
        assertThat(Text.hasLoneSurrogate(text)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "\ud83d\ude00", "\ud83d\ude00\ud83d\ude00", "\uffff", "\u0000"})
    void leavesOtherTextAlone(String text) {
        assertThat(Text.hasLoneSurrogate(text)).isFalse();
    }

    @Test
    void countsBytesOfKeys() {
        assertThat(Text.problem("aé\uffff\ud83d\ude00", 10)).isNull();
        assertThat(Text.problem("aé\uffff\ud83d\ude00", 9)).isEqualTo("must have at most 9 bytes of UTF-8 but has 10");
        assertThat(Text.problem("a\u0000", 9)).isEqualTo("must not hold U+0000");
        assertThat(Text.problem("a\ud800", 9)).isEqualTo("must not hold lone surrogates");
        assertThat(Text.problem(null, 9)).isEqualTo("must not be null");
    }

    @Test
    void callersAreCheckedWhereTheApplicationMakesThem() {
        assertThatThrownBy(() -> Caller.of(""))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("userID must not be empty");
        assertThatThrownBy(() -> Caller.of("u", "a\u0007"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("space must not hold control characters");
    }
}
