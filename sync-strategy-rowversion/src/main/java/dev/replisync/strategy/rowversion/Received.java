package dev.replisync.strategy.rowversion;

import dev.replisync.error.RequestException;
import dev.replisync.protocol.Caller;
import dev.replisync.protocol.Json;
import dev.replisync.protocol.PullRequest;
import dev.replisync.storage.OpenPush.Group;
import dev.replisync.strategy.Cookie;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The cookie of a pull, and what it claims. Anybody may have made it up, so what follows from it is checked against a
 * record or harms none but the sender.
 *
 * @param json as it was received
 * @param cookie as it was read; empty if no server of this kind can have issued it
 * @param group what stands in cookies for the asking client group
 */
record Received(Json json, Optional<Cookie> cookie, String group) {
    static final String EPOCH = "e";
    static final String STRATEGY = "s";
    static final String SPACE = "p";
    static final String VIEW = "w";
    static final String USER = "u";
    static final String RECORD = "r";
    private static final String GROUP = "g";
    /** That the client may know higher ids than those on record; the version strategies call it so too. */
    private static final String KEPT_BACK = "k";

    private static final Pattern ID = Pattern.compile("[A-Za-z0-9_-]{1,64}");

    static Received of(PullRequest request) {
        return new Received(request.cookie(), Cookie.read(request.cookie()), name(request.clientGroupID()));
    }

    /** What stands for something that is no secret, but may be long. */
    static String name(String text) {
        return Cookie.mark(RowVersion.ID, text);
    }

    /** The id of the record of what the client holds, if this strategy has issued the cookie for this space. */
    Optional<String> record(String space) {
        return is(STRATEGY, RowVersion.ID) && is(SPACE, space)
                ? mark(RECORD).filter(id -> ID.matcher(id).matches())
                : Optional.empty();
    }

    long number() {
        return cookie.map(Cookie::v).orElse(0L);
    }

    Optional<String> mark(String name) {
        return cookie.map(c -> c.marks().get(name));
    }

    boolean is(String mark, String value) {
        return mark(mark).filter(value::equals).isPresent();
    }

    /** Whether the asking group itself was sent the cookie, and did not take it over from another one. */
    boolean ofSameGroup() {
        return is(STRATEGY, RowVersion.ID) && is(GROUP, group);
    }

    /** Whether the client knows ids of another history than this one, which may be higher (rule R37). */
    boolean crosses(String epoch) {
        return mark(EPOCH).isPresent() && !is(EPOCH, epoch);
    }

    /** Whether the cookie was taken over from another group, so that this one was told nothing yet. */
    private boolean ofAnotherGroup() {
        return mark(GROUP).isPresent() && !ofSameGroup();
    }

    /**
     * The cookie of the answer. Once ids were kept back, be it by another strategy, it says so from then on: a record
     * that would tell which may be lost, and other strategies have none.
     */
    Json next(long number, Map<String, String> marks, boolean crosses) {
        Map<String, String> all = new HashMap<>(marks);
        all.put(STRATEGY, RowVersion.ID);
        all.put(GROUP, group);
        if (crosses || mark(KEPT_BACK).isPresent()) {
            all.put(KEPT_BACK, mark(KEPT_BACK).orElse("0"));
        }
        // Decided by the cookie alone: whether its record is found may differ between tabs that sent the same one.
        Cookie next = ofSameGroup() ? cookie.orElseThrow().next(number, all) : Cookie.above(json, number, all);
        return next.json();
    }

    /**
     * Which last mutation ids to tell.
     *
     * @param clients all of the group as they are
     * @param told those that went with what the client holds, if that is known
     * @param crosses whether those are of another history
     */
    Map<String, Long> ids(Map<String, Long> clients, Optional<Map<String, Long>> told, boolean crosses) {
        boolean inDoubt = crosses || mark(KEPT_BACK).isPresent();
        if (inDoubt && told.isEmpty() && !ofAnotherGroup()) {
            return Map.of();
        }
        Map<String, Long> before = told.orElse(Map.of());
        Map<String, Long> ids = new HashMap<>();
        clients.forEach((client, last) -> {
            long known = before.getOrDefault(client, -1L);
            if (crosses ? last > known : last != known) {
                ids.put(client, last);
            }
        });
        return ids;
    }

    /** A client group belongs to one user and one space (rule R45). */
    static void check(Group group, Caller caller, String space) {
        if (!group.userID().equals(caller.userID()) || !group.spaceID().equals(space)) {
            throw RequestException.forbidden("this client group belongs to another user or space");
        }
    }
}
