package dev.replisync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.replisync.error.RejectedException;
import dev.replisync.protocol.Json;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MutatorsTest {
    private static final MutationContext NOBODY = (MutationContext) Proxy.newProxyInstance(
            MutatorsTest.class.getClassLoader(), new Class<?>[] {MutationContext.class}, (p, m, a) -> {
                throw new AssertionError("no mutator here asks for anything");
            });

    record Move(String id, int by, @Nullable Boolean fast) {
        Move {
            if (by == 0) {
                throw new IllegalArgumentException("by must not be 0");
            }
        }
    }

    @Test
    void convertsToRecordsAndIgnoresWhatItDoesNotKnow() throws Exception {
        assertThat(run(Move.class, "{\"id\":\"a\",\"by\":2,\"later\":{}}")).isEqualTo(new Move("a", 2, null));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "null|mutator 'm' needs arguments but the client sent null",
                "{\"id\":\"a\",\"by\":\"2\"}|the arguments of mutator 'm' do not fit Move at by: Cannot coerce String",
                "{\"id\":7,\"by\":2}|the arguments of mutator 'm' do not fit Move at id: Cannot coerce Integer",
                "{\"id\":true,\"by\":2}|the arguments of mutator 'm' do not fit Move at id: Cannot coerce Boolean",
                "{\"id\":\"a\",\"by\":2.5}|the arguments of mutator 'm' do not fit Move at by: Cannot coerce Floating",
                "{\"id\":\"a\",\"by\":null}|the arguments of mutator 'm' do not fit Move at by: Cannot map `null`",
                "{\"id\":\"a\"}|the arguments of mutator 'm' do not fit Move at by: Cannot map `null`",
                "{\"id\":\"a\",\"by\":0}|by must not be 0",
                "[1]|the arguments of mutator 'm' do not fit Move: Cannot deserialize",
                "{\"id\":\"a\\ud800\",\"by\":2}|the arguments of mutator 'm' do not fit Move at id: "
                        + "the text holds a lone surrogate, which no database stores unaltered",
            })
    void rejectsWhatDoesNotFit(String args, String message) {
        assertThatThrownBy(() -> run(Move.class, args))
                .isInstanceOf(RejectedException.class)
                .hasMessageContaining(message);
    }

    @Test
    void givesRawArgumentsAsSent() throws Exception {
        // Half a character in the name of a member is JSON, though Jackson refuses it.
        for (String sent : List.of("{ \"x\" : 1e2, \"y\":\"\\ud800\" }", "{\"\\ud800y\":1}")) {
            assertThat(run(Json.class, sent)).isEqualTo(Json.parse(sent));
        }
        assertThat(run(Json.class, "null")).isEqualTo(Json.NULL);
        assertThat(((JsonNode) run(JsonNode.class, "null")).isNull()).isTrue();
    }

    @Test
    void givesNothingToAMutatorOfVoid() throws Exception {
        assertThat(run(Void.class, "null")).isNull();
        assertThat(run(Void.class, "{\"x\":1}")).isNull();
    }

    @Test
    void refusesTwoOfOneName() {
        Mutators<String> mutators = new Mutators<String>().add("m", Void.class, (tx, args, ctx) -> {});
        assertThatThrownBy(() -> mutators.add("m", Void.class, (tx, args, ctx) -> {}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("two mutators are named 'm'");
    }

    private static <A> @Nullable Object run(Class<A> type, String args) throws Exception {
        List<@Nullable Object> seen = new ArrayList<>();
        Mutators<String> mutators = new Mutators<String>().add("m", type, (tx, a, ctx) -> seen.add(a));
        mutators.find("m").orElseThrow().run("tx", Json.parse(args), NOBODY);
        return seen.get(0);
    }
}
