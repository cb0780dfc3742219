package dev.replisync.proofs.history;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What happened to a tab. Requests are noted when they have ended, with how many events were there when they began. */
public sealed interface Event {
    /** A request without an answer. */
    int NO_ANSWER = 0;

    /** {@return the tab} */
    String tab();

    /**
     * A tab was opened; it is a client of its group.
     *
     * @param tab the tab, whose name is its client's id
     * @param group its client group
     * @param space its space
     * @param from the tab of the same group whose view it begins with; null for an empty one
     */
    record Opened(
            String tab,
            String group,
            String space,
            @Nullable String from) implements Event {}

    /**
     * A push.
     *
     * @param tab who sent it
     * @param began how many events had ended before it was sent
     * @param mutations what it held, of all tabs of the group
     * @param status of the answer
     * @param body of the answer
     */
    record Pushed(String tab, int began, List<Sent> mutations, int status, String body) implements Event {}

    /**
     * A pull.
     *
     * @param tab who sent it
     * @param began how many events had ended before it was sent
     * @param status of the answer
     * @param body of the answer; missing if there was none
     */
    record Pulled(String tab, int began, int status, JsonNode body) implements Event {}

    /**
     * A mutation.
     *
     * @param clientID whose it is
     * @param id its number
     * @param effect what it does
     * @param target what it does it to
     */
    record Sent(String clientID, long id, Effect effect, String target) {
        /** What it leaves in lists, by which it is known again. */
        public String tag() {
            return clientID + ":" + id;
        }
    }

    /** What a mutation does. Only {@link #TOGGLE} could be done twice without leaving a trace. */
    enum Effect {
        /** Its tag is added to the end of a list. */
        APPEND,
        /** Its tag is added to two lists, which are always equal. */
        BOTH,
        /** A counter goes up by one. */
        ADD,
        /** An entity comes into being, or goes. */
        TOGGLE,
        /** Its tag is added to a list, and then it is rejected. */
        FAIL
    }
}
