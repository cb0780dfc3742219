package dev.replisync.tck;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.replisync.protocol.Caller;
import dev.replisync.protocol.Json;
import dev.replisync.protocol.PullRequest;
import dev.replisync.storage.OpenPush;
import dev.replisync.strategy.PullResult;
import dev.replisync.strategy.VersionDiff;
import dev.replisync.strategy.global.GlobalVersion;
import dev.replisync.strategy.reset.Reset;
import dev.replisync.strategy.space.SpaceVersion;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What cookies that were counted elsewhere tell, and what they do not. */
class VersionDiffTest {
    private static final Caller ANN = Caller.of("ann", "s");

    private final MemoryStorage storage = new MemoryStorage();
    private final VersionDiff diff = new VersionDiff("one", storage.versioned().orElseThrow(), true, false);

    /** Rule R37 keeps ids back that a client may know higher; the count of another strategy says nothing of that. */
    @Test
    void aHigherVersionOfAnotherStrategyOrSpaceKeepsNoIdBack() {
        storage.change(next -> {
            next.groups.put("g", new OpenPush.Group("g", "ann", "s"));
            next.clients.put("c", new MemoryState.Client("g", 7, 0));
        });
        Json cookie = pull(Json.NULL).cookie();
        assertThat(pull(counted(cookie, "s", "one")).lastMutationIDChanges())
                .as("from the future of its own count")
                .isEmpty();
        assertThat(pull(counted(cookie, "s", "two")).lastMutationIDChanges()).isEqualTo(Map.of("c", 7L));
        assertThat(pull(counted(cookie, "p", "another")).lastMutationIDChanges())
                .isEqualTo(Map.of("c", 7L));
    }

    /** What was left out at a version of one count says nothing in another: there, all is that was not stamped since. */
    @Test
    void whatWasKeptBackInAnotherCountIsKeptBackUpToTheLastRestore() {
        storage.change(next -> {
            next.ancestors.put("before", Map.of("s", 5L));
            next.spaces.put("s", new MemoryState.Space(6, 0));
            next.groups.put("g", new OpenPush.Group("g", "ann", "s"));
            next.clients.put("c4", new MemoryState.Client("g", 7, 4));
            next.clients.put("c6", new MemoryState.Client("g", 8, 6));
        });
        Json first = pull(Json.NULL).cookie();
        ObjectNode node = (ObjectNode) Bodies.read(first.toString());
        node.put("order", 3).put("v", 3).put("w", "an older view").put("k", "3");
        assertThat(pull(Json.of(node)).lastMutationIDChanges()).isEqualTo(Map.of("c4", 7L, "c6", 8L));
        assertThat(pull(Json.of(node.put("s", "two"))).lastMutationIDChanges()).isEqualTo(Map.of("c6", 8L));
    }

    @Test
    void theStrategiesSayWhatTheyNeedByTheirNames() {
        StorageContext shelf = new StorageContext("Shelf", Optional.empty(), Optional.empty(), false);
        Map.of("global", new GlobalVersion(), "space", new SpaceVersion(), "reset", new Reset())
                .forEach((id, strategy) -> {
                    assertThat(strategy.id()).isEqualTo(id);
                    assertThat(strategy.problems(shelf))
                            .containsExactly("strategy '" + id + "' needs a storage that reads by version, but Shelf"
                                    + " does not; choose another strategy or storage");
                    assertThat(strategy.problems(StorageContext.of(storage))).isEmpty();
                });
    }

    private PullResult pull(Json cookie) {
        return diff.pull(ANN, "s", new PullRequest(1, "g", "profile", "", cookie));
    }

    /** The cookie as it would be after many versions of a count. */
    private static Json counted(Json cookie, String mark, String value) {
        ObjectNode node = (ObjectNode) Bodies.read(cookie.toString());
        return Json.of(node.put("order", 50).put("v", 50).put(mark, value));
    }
}
