package dev.replisync.protocol;

import java.io.IOException;
import java.util.Map;

/**
 * One mutation of a push, as the client sent it. Nothing in it is trusted.
 *
 * @param clientID the client (a tab) that made it; need not be the one that sends it (rule R15)
 * @param id counts 1, 2, 3 … per client
 * @param name the mutator's name
 * @param args the mutator's arguments, raw; {@code null} where the client passed none (rule R30)
 * @param timestamp milliseconds on the client's own clock, a fraction (rule R31); no time of day
 */
public record Mutation(String clientID, long id, String name, Json args, double timestamp) {

    /** The largest number that JavaScript counts exactly (rule R9). */
    static final long MAX_ID = (1L << 53) - 1;

    static Mutation read(Json json) throws IOException {
        Map<String, Json> m = Slices.members(json);
        return new Mutation(
                Fields.identifier(m, "clientID"),
                Fields.count(m, "id", MAX_ID),
                Fields.string(m, "name"),
                m.getOrDefault("args", Json.NULL),
                Fields.number(m, "timestamp"));
    }
}
