package dev.replisync.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.replisync.error.RequestException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PushRequestTest {

    @Test
    void readsWhatTheRealClientSends() {
        PushRequest push = parse("""
                {"profileID":"p1","clientGroupID":"g1","mutations":[
                  {"id":1,"name":"createTodo","args":{"id":"a","text":"x"},"timestamp":4413.254198,"clientID":"c1"},
                  {"id":2,"name":"noArgs","args":null,"timestamp":4414,"clientID":"c2"}],
                 "pushVersion":1,"schemaVersion":"7"}""");

        assertThat(push.clientGroupID()).isEqualTo("g1");
        assertThat(push.profileID()).isEqualTo("p1");
        assertThat(push.schemaVersion()).isEqualTo("7");
        assertThat(push.mutations())
                .containsExactly(
                        new Mutation("c1", 1, "createTodo", Json.parse("{\"id\":\"a\",\"text\":\"x\"}"), 4413.254198),
                        new Mutation("c2", 2, "noArgs", Json.NULL, 4414));
    }

    @Test
    void ignoresUnknownMembersAndTakesTheLastOfTwo() {
        PushRequest push = parse("""
                {"pushVersion":1,"future":{"a":[1,{}]},"clientGroupID":"g0","clientGroupID":"g1","mutations":[]}""");

        assertThat(push.clientGroupID()).isEqualTo("g1");
        assertThat(push.schemaVersion()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "1e2",
                "-0",
                "9007199254740993",
                "\"\\ud800\"",
                "\"\\u0000\"",
                "\"G\u00fcnther \ud83d\ude00\"",
                "{ \"b\" : 1 , \"a\" : 1, \"a\" : 2 }",
                "[ [ ] , { } ]",
                "true"
            })
    void keepsArgumentsAsSent(String args) {
        PushRequest push =
                parse("{\"pushVersion\":1,\"clientGroupID\":\"g\",\"mutations\":[{\"clientID\":\"ü\",\"args\": " + args
                        + " ,\"id\":1,\"name\":\"m\",\"timestamp\":0.5}]}");

        assertThat(push.mutations().get(0).args().toString()).isEqualTo(args);
    }

    @Test
    void doesNotLookIntoArgumentsForLimits() {
        String deep = "[".repeat(5_000_000) + "]".repeat(5_000_000);
        String longNumber = "1".repeat(5_000);
        String longName = "{\"" + "n".repeat(100_000) + "\":0}";

        String loneSurrogateInName = "{\"\\ud800\":1}";
        for (String args : new String[] {deep, longNumber, longName, loneSurrogateInName}) {
            assertThat(parse(envelope(
                                    "\"args\":" + args + ",\"clientID\":\"c\",\"id\":1,\"name\":\"m\",\"timestamp\":1"))
                            .mutations())
                    .hasSize(1);
        }
    }

    @Test
    void readsNothingButTheVersionOfAnUnknownVersion() {
        assertThat(parse("{\"pushVersion\":0,\"clientID\":\"c\",\"mutations\":7}")
                        .version())
                .isZero();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "[]|malformed push: expected a JSON object but found '[' at byte 0",
                "{}|malformed push: pushVersion must be a whole number",
                "{\"pushVersion\":\"1\"}|malformed push: pushVersion must be a whole number",
                "{\"pushVersion\":1}|malformed push: clientGroupID is missing; it must be a string",
                "{\"pushVersion\":1,\"clientGroupID\":7}|malformed push: clientGroupID must be a string",
                "{\"pushVersion\":1,\"clientGroupID\":\"\"}|malformed push: clientGroupID must not be empty",
                "{\"pushVersion\":1,\"clientGroupID\":\"a\\u0000\"}|"
                        + "malformed push: clientGroupID must not hold U+0000",
                "{\"pushVersion\":1,\"clientGroupID\":\"a\\u0007\"}|"
                        + "malformed push: clientGroupID must not hold control characters",
                "{\"pushVersion\":1,\"clientGroupID\":\"g\"}|malformed push: mutations is missing; it must be an array",
                "{\"pushVersion\":1,\"clientGroupID\":\"g\",\"mutations\":{}}|"
                        + "malformed push: expected a JSON array but found '{' at byte 49",
                "{\"pushVersion\":1,\"clientGroupID\":\"g\",\"mutations\":[]} x|"
                        + "malformed push: expected the end but found 'x' at byte 53",
            })
    void saysWhatIsMalformed(String body, String message) {
        assertThatThrownBy(() -> parse(body))
                .isInstanceOfSatisfying(
                        RequestException.class, e -> assertThat(e.status()).isEqualTo(400))
                .hasMessage(message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "1.5", "1.0", "\"1\"", "null", "9007199254740992", "99999999999999999999"})
    void refusesIdsThatNoClientCounts(String id) {
        assertThatThrownBy(() -> parse(envelope("\"clientID\":\"c\",\"id\":" + id + ",\"name\":\"m\",\"timestamp\":1")))
                .hasMessage("malformed push: id must be a whole number from 1 to 9007199254740991");
    }

    @Test
    void refusesOtherEncodingsAndBrokenInput() {
        assertThatThrownBy(() -> PushRequest.parse("{\"pushVersion\":1}".getBytes(StandardCharsets.UTF_16)))
                .isInstanceOf(RequestException.class);
        assertThatThrownBy(() -> PushRequest.parse(new byte[0])).isInstanceOf(RequestException.class);
        assertThatThrownBy(() -> parse("{\"pushVersion\":1,")).isInstanceOf(RequestException.class);
    }

    private static String envelope(String mutation) {
        return "{\"pushVersion\":1,\"clientGroupID\":\"g\",\"mutations\":[{" + mutation + "}]}";
    }

    private static PushRequest parse(String body) {
        return PushRequest.parse(body.getBytes(StandardCharsets.UTF_8));
    }
}
