package dev.replisync.proofs.history;

import static dev.replisync.proofs.history.Event.Effect.ADD;
import static dev.replisync.proofs.history.Event.Effect.APPEND;
import static dev.replisync.proofs.history.Event.Effect.BOTH;
import static dev.replisync.proofs.history.Event.Effect.FAIL;
import static dev.replisync.proofs.history.Property.ANSWERS;
import static dev.replisync.proofs.history.Property.ATOMIC;
import static dev.replisync.proofs.history.Property.CONVERGENT;
import static dev.replisync.proofs.history.Property.EXACTLY_ONCE;
import static dev.replisync.proofs.history.Property.MONOTONE;
import static dev.replisync.proofs.history.Property.NEVER_WEDGED;
import static dev.replisync.proofs.history.Property.NOTHING_LOST;
import static dev.replisync.proofs.history.Property.ONE_ORDER;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Histories of which each breaks one promise, and clean ones. */
class CheckerTest {
    /** Two groups, {@code a} with two tabs. */
    private final Story story = new Story().open("a", "A").open("a2", "A").open("b", "B");

    /** The history shows one violation, in these words. */
    private void shows(Property property, String words) {
        Verdict verdict = story.verdict();
        assertThat(verdict.violations()).containsExactly(property + ": " + words);
        assertThat(verdict.violated()).containsExactly(property);
    }

    /** All pull once more, and a fresh client; all see the same. */
    private Story end(Map<String, Integer> idsOfA, Map<String, Integer> idsOfB, String... puts) {
        return story.quiet()
                .open("fresh", "F")
                .pull("fresh", Map.of(), puts)
                .pull("a", idsOfA, puts)
                .pull("a2", idsOfA, puts)
                .pull("b", idsOfB, puts);
    }

    @Test
    void aCleanHistoryShowsNothing() {
        story.push("a", APPEND, "x", 0, "").push("b", APPEND, "x");
        story.pull("b", Map.of("b", 1), "list/x=b:1").pull("a", Map.of(), "list/x=b:1");
        story.push("a", BOTH, "p", 503, "").push("a2", ADD, "n").push("a", FAIL, "x");
        story.pull(
                "a", Map.of("a", 3, "a2", 1), "list/x=b:1 a:1", "list/p-left=a:2", "list/p-right=a:2", "counter/n=1");
        story.failedPull("b", 503).failedPull("b", 0);
        story.openFrom("a3", "a", "A");
        story.pull("a3", Map.of());
        end(
                Map.of("a", 3, "a2", 1),
                Map.of("b", 1),
                "list/x=b:1 a:1",
                "list/p-left=a:2",
                "list/p-right=a:2",
                "counter/n=1");
        story.pull("a3", Map.of());
        Verdict verdict = story.verdict();
        assertThat(verdict.violations()).isEmpty();
        assertThat(verdict.sent()).isEqualTo(5);
        assertThat(verdict.acknowledged()).isEqualTo(5);
        assertThat(verdict.unanswered()).isEqualTo(4);
        assertThat(verdict.pulls()).isEqualTo(9);
        assertThat(verdict.lost() + verdict.doubled() + verdict.diverged()).isZero();
    }

    @Nested
    class ExactlyOnce {
        @Test
        void aTagThatIsThereTwice() {
            story.push("a", APPEND, "x");
            end(Map.of("a", 1), Map.of(), "list/x=a:1 a:1");
            shows(EXACTLY_ONCE, "a:1 is twice in list/x, pull 5 of fresh");
            assertThat(story.verdict().doubled()).isEqualTo(1);
        }

        @Test
        void aCounterThatWentUpTwice() {
            story.push("a", ADD, "n");
            end(Map.of("a", 1), Map.of(), "counter/n=2");
            shows(EXACTLY_ONCE, "counter/n is 2 but 1 mutations that add one to it are marked as processed");
            assertThat(story.verdict().doubled()).isEqualTo(1);
        }

        @Test
        void whatARejectedMutationWrote() {
            story.push("a", FAIL, "x").pull("b", Map.of(), "list/x=a:1");
            end(Map.of("a", 1), Map.of(), "list/x=");
            shows(
                    EXACTLY_ONCE,
                    "a:1 is in list/x, pull 4 of b, but Sent[clientID=a, id=1, effect=FAIL, target=x] does nothing to it");
        }

        @Test
        void whatNobodySent() {
            story.pull("b", Map.of(), "list/x=a:7");
            end(Map.of(), Map.of(), "list/x=");
            shows(EXACTLY_ONCE, "a:7 is in list/x, pull 3 of b, but no mutation that was sent does nothing to it");
        }

        @Test
        void anEffectThatIsNotBooked() {
            story.push("a", APPEND, "x", 503, "");
            end(Map.of(), Map.of(), "list/x=a:1");
            shows(EXACTLY_ONCE, "a:1 is there and not marked as processed, so it will come again");
        }
    }

    @Nested
    class NothingLost {
        @Test
        void anAcknowledgedMutationThatIsGone() {
            story.push("a", APPEND, "x");
            end(Map.of(), Map.of());
            shows(NOTHING_LOST, "a:1 was acknowledged and is not marked as processed");
            assertThat(story.verdict().lost()).isEqualTo(1);
        }

        @Test
        void aMutationThatIsBookedWithoutItsEffect() {
            story.push("a", APPEND, "x", 503, "");
            end(Map.of("a", 1), Map.of());
            shows(NOTHING_LOST, "a:1 is marked as processed and its effect is nowhere");
            assertThat(story.verdict().lost()).isEqualTo(1);
        }

        @Test
        void aCounterThatLacksOne() {
            story.push("a", ADD, "n").push("b", ADD, "n");
            end(Map.of("a", 1), Map.of("b", 1), "counter/n=1");
            shows(NOTHING_LOST, "counter/n is 1 but 2 mutations that add one to it are marked as processed");
        }

        @Test
        void aPullAfterTheAnswerThatDoesNotKnowOfIt() {
            story.push("a", APPEND, "x").pull("b", Map.of());
            end(Map.of("a", 1), Map.of(), "list/x=a:1");
            shows(NOTHING_LOST, "a:1 is not there, pull 4 of b, but it was acknowledged before that began");
        }

        @Test
        void aPullThatBeganBeforeTheAnswerNeedNotKnow() {
            int before = story.now();
            story.push("a", APPEND, "x").pull("b", 1, before, Map.of());
            end(Map.of("a", 1), Map.of(), "list/x=a:1");
            assertThat(story.verdict().violations()).isEmpty();
        }

        @Test
        void aGroupThatIsForgotten() {
            story.push("a", ADD, "n", 200, "{\"error\":\"ClientStateNotFound\"}");
            end(Map.of("a", 1), Map.of(), "counter/n=1");
            shows(NOTHING_LOST, "the server does not know client group of a any more");
        }
    }

    @Nested
    class Atomic {
        @Test
        void halfOfAPair() {
            story.push("a", BOTH, "p", 0, "").pull("b", Map.of(), "list/p-left=a:1");
            end(Map.of("a", 1), Map.of(), "list/p-left=a:1", "list/p-right=a:1");
            shows(ATOMIC, "list/p-left is [a:1] but list/p-right is [], pull 4 of b");
        }

        @Test
        void theOtherHalfOfAPair() {
            story.push("a", BOTH, "p", 0, "").pull("b", Map.of(), "list/p-right=a:1");
            end(Map.of("a", 1), Map.of(), "list/p-left=a:1", "list/p-right=a:1");
            shows(ATOMIC, "list/p-right is [a:1] but it is alone, pull 4 of b");
        }

        @Test
        void anEffectWithoutItsID() {
            story.push("a", APPEND, "x", 0, "").pull("a", Map.of(), "list/x=a:1");
            end(Map.of("a", 1), Map.of(), "list/x=a:1");
            shows(ATOMIC, "a:1 is there, pull 4 of a, but the last mutation id is 0");
        }

        @Test
        void anIDWithoutItsEffect() {
            story.push("a", APPEND, "x", 0, "").pull("a2", Map.of("a", 1));
            end(Map.of("a", 1), Map.of(), "list/x=a:1");
            shows(ATOMIC, "a:1 is not there, pull 4 of a2, but the last mutation id is 1");
        }
    }

    @Nested
    class Monotone {
        @Test
        void aCookieThatGoesBack() {
            story.push("a", ADD, "n").pull("b", 7, story.now(), Map.of(), "counter/n=1");
            story.pull("b", 5, story.now(), Map.of());
            end(Map.of("a", 1), Map.of(), "counter/n=1");
            shows(MONOTONE, "b drops the answer to pull 5: the cookie goes back from {\"order\":7} to {\"order\":5}");
        }

        @Test
        void anIDThatGoesBack() {
            story.push("a", ADD, "n").push("a", ADD, "n").pull("a2", Map.of("a", 2), "counter/n=2");
            story.pull("a2", Map.of("a", 1));
            end(Map.of("a", 2), Map.of(), "counter/n=2");
            shows(MONOTONE, "a2 drops the answer to pull 6: the last mutation id of a goes back from 2 to 1");
        }

        @Test
        void aPatchWithoutANewCookie() {
            story.push("a", ADD, "n").pull("b", 1, story.now(), Map.of());
            story.pull("b", 1, story.now(), Map.of(), "counter/n=1");
            end(Map.of("a", 1), Map.of(), "counter/n=1");
            assertThat(story.verdict().violated()).containsExactly(MONOTONE);
            assertThat(story.verdict().violations().get(0))
                    .startsWith("MONOTONE: b drops the answer to pull 5: the cookie stays at {\"order\":1} but");
        }
    }

    @Nested
    class OneOrder {
        @Test
        void twoViewsOfWhichNeitherHoldsTheOther() {
            story.push("a", APPEND, "x", 0, "").push("b", APPEND, "y", 0, "");
            int before = story.now();
            story.pull("a", 1, before, Map.of("a", 1), "list/x=a:1").pull("b", 1, before, Map.of("b", 1), "list/y=b:1");
            end(Map.of("a", 1), Map.of("b", 1), "list/x=a:1", "list/y=b:1");
            shows(
                    ONE_ORDER,
                    "pull 5 of a and pull 6 of b: each holds what the other does not, in the first {a=1, b=0}, in the"
                            + " second {a=0, b=1}");
        }

        @Test
        void aListInAnotherOrder() {
            story.push("a", APPEND, "x", 0, "").push("b", APPEND, "x", 0, "");
            story.pull("a", Map.of("a", 1), "list/x=b:1 a:1");
            end(Map.of("a", 1), Map.of("b", 1), "list/x=a:1 b:1");
            shows(ONE_ORDER, "list/x is [b:1, a:1], pull 5 of a, which is no beginning of [a:1, b:1]");
        }

        @Test
        void theSecondMutationBeforeTheFirst() {
            story.push("a", APPEND, "x", 0, "").push("a", APPEND, "y", 0, "");
            story.pull("b", Map.of(), "list/y=a:2");
            end(Map.of("a", 2), Map.of(), "list/x=a:1", "list/y=a:2");
            shows(ONE_ORDER, "a:1 is not there, pull 5 of b, but a:2 is, which came later");
        }
    }

    @Nested
    class Convergent {
        @Test
        void aGhost() {
            story.push("a", ADD, "n").pull("b", Map.of(), "counter/n=1", "note/ghost=boo");
            end(Map.of("a", 1), Map.of(), "counter/n=1");
            shows(CONVERGENT, "b and a fresh client: note/ghost is {\"items\":\"boo\"} and not null");
            assertThat(story.verdict().diverged()).isEqualTo(1);
        }

        @Test
        void anOldValue() {
            story.quiet().open("fresh", "F").pull("fresh", Map.of(), "note/x=new");
            story.pull("a", Map.of(), "note/x=new")
                    .pull("a2", Map.of(), "note/x=old")
                    .pull("b", Map.of(), "note/x=new");
            shows(CONVERGENT, "a2 and a fresh client: note/x is {\"items\":\"old\"} and not {\"items\":\"new\"}");
        }
    }

    @Nested
    class NeverWedged {
        @Test
        void aMutationThatIsNeverProcessed() {
            story.push("a", APPEND, "x", 503, "");
            end(Map.of(), Map.of());
            shows(NEVER_WEDGED, "a:1 was sent and is not processed");
        }

        @Test
        void aTabThatIsNeverAnswered() {
            story.quiet().open("fresh", "F").pull("fresh", Map.of());
            story.pull("a", Map.of()).failedPull("a2", 503).pull("b", Map.of());
            shows(NEVER_WEDGED, "no pull of a2 was answered when all was quiet");
        }
    }

    @Nested
    class Answers {
        @Test
        void anErrorThatIsNot503() {
            story.failedPull("b", 500);
            end(Map.of(), Map.of());
            shows(ANSWERS, "a pull of b was answered with 500 ");
        }

        @Test
        void aPushThatIsRefused() {
            story.push("a", ADD, "n", 403, "no").push("a", ADD, "n");
            end(Map.of("a", 2), Map.of(), "counter/n=2");
            shows(ANSWERS, "a push of a was answered with 403 no");
        }
    }
}
