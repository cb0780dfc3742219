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
    void callersAreCheckedWhereTheApplicationMakesThem() {
        assertThatThrownBy(() -> Caller.of(""))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("userID must have 1 to 512 characters but has 0");
        assertThatThrownBy(() -> Caller.of("u", "a\u0007"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("space must not hold control characters");
    }
}
