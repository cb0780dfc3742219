package dev.replisync.tck;

import static dev.replisync.tck.RuleCatalogue.Concern.ALL;
import static dev.replisync.tck.RuleCatalogue.Concern.ROW_VERSION;
import static dev.replisync.tck.RuleCatalogue.Concern.VERSION;
import static dev.replisync.tck.RuleCatalogue.Level.OPTIONAL;
import static dev.replisync.tck.RuleCatalogue.Level.REQUIRED;
import static dev.replisync.tck.RuleCatalogue.Level.STOCHASTIC;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The rules of the protocol, in one list: how binding each is, whom it concerns, and what it is for. Immutable. */
public final class RuleCatalogue {
    private static final RuleCatalogue ALL_RULES = new RuleCatalogue();

    private final List<Entry> entries = new ArrayList<>();

    /** How a rule is checked. */
    public enum Level {
        /** Each implementation must pass its tests. */
        REQUIRED,
        /** Its tests are skipped where a store or strategy lacks the feature that it is about. */
        OPTIONAL,
        /** Required, and a wrong implementation may pass its tests by luck. */
        STOCHASTIC,
        /** The kit does not check it, and says why. */
        UNTESTED
    }

    /** Which strategies a rule concerns. */
    public enum Concern {
        /** All strategies. */
        ALL,
        /** Those that pull by version: global and per space. */
        VERSION,
        /** The row-version strategy only. */
        ROW_VERSION
    }

    /**
     * A rule.
     *
     * @param id its number, {@code R1} to {@code R70}
     * @param level how it is checked
     * @param concern which strategies it concerns
     * @param intent what it is for, in one line
     * @param untestedBecause why the kit does not check it; empty if it does
     */
    public record Entry(String id, Level level, Concern concern, String intent, Optional<String> untestedBecause) {

        /** {@return where the rule stands in full} */
        public String source() {
            return "protocol.md, section 4, " + id;
        }
    }

    private RuleCatalogue() {
        versions();
        push();
        groups();
        entities();
        operation();
    }

    /** {@return all rules in the order of their numbers} */
    public static List<Entry> entries() {
        return List.copyOf(ALL_RULES.entries);
    }

    /**
     * Finds a rule.
     *
     * @param id its number
     * @return the rule, empty if there is none of that number
     */
    public static Optional<Entry> find(String id) {
        return ALL_RULES.entries.stream().filter(entry -> entry.id().equals(id)).findFirst();
    }

    private void versions() {
        rule(1, REQUIRED, VERSION, "what was pushed is pulled, with a greater cookie");
        rule(2, REQUIRED, VERSION, "a push moves the version of the space, under the space's own id");
        rule(3, REQUIRED, ALL, "a failed mutation is confirmed: error mode moves version and id too");
        rule(4, REQUIRED, ALL, "a mutation that changes nothing is confirmed");
        rule(5, REQUIRED, VERSION, "versions become visible in commit order, so that no pull misses a push");
        rule(6, REQUIRED, ALL, "a pull is one snapshot of entities, ids and version");
        rule(7, REQUIRED, ALL, "a patch never comes with an unchanged cookie");
        rule(8, REQUIRED, ALL, "a cookie is never lower than the one received, as the client compares");
        rule(9, REQUIRED, ALL, "orders stay below 2^53, whatever a client sends");
        rule(10, REQUIRED, ALL, "a first pull of nothing has a cookie");
        rule(11, REQUIRED, ALL, "a cookie of somebody else is answered by a reset that the client takes");
        rule(12, REQUIRED, ALL, "who begins with nothing is sent no tombstones");
        rule(13, REQUIRED, ALL, "a patch has one operation for each key, and clear only first");
        rule(14, REQUIRED, ALL, "a pull without news changes neither cookie nor datastore");
    }

    private void push() {
        rule(15, REQUIRED, ALL, "several clients in one push each have a sequence of their own");
        rule(16, REQUIRED, ALL, "duplicates inside a push run once");
        rule(17, REQUIRED, ALL, "lock first, read later: concurrent duplicates run once and both succeed");
        rule(18, REQUIRED, ALL, "a push without news changes nothing and pokes nobody");
        rule(19, REQUIRED, ALL, "error mode ends, and checks the id again");
        rule(20, REQUIRED, ALL, "what is left unprocessed is answered with 503, after progress and a poke");
        rule(21, REQUIRED, ALL, "a mutation from the future waits; a client whose state is gone is told so");
        rule(22, REQUIRED, ALL, "effects and ids of mutations are kept or lost together");
        rule(23, REQUIRED, ALL, "a failing mutation leaves nothing of itself, and takes nothing else with it");
        rule(24, REQUIRED, ALL, "passing faults are retried, lasting ones booked on the mutation at fault");
        rule(25, REQUIRED, ALL, "a fault is known through every wrapping");
        untested(
                26,
                ALL,
                "isolation comes from locks and from recipes of each database",
                "it is about the statements of each database: its outcome is R5, R6 and R17, its recipes an adapter's own tests");
        rule(27, STOCHASTIC, ALL, "locks are taken in one order, so that nobody deadlocks");
        rule(28, REQUIRED, ALL, "effects run at most once, after their own commit and before the answer");
        rule(29, REQUIRED, ALL, "an unknown mutator fails, or waits for the new release, as configured");
        rule(30, REQUIRED, ALL, "strange arguments are a failure of one mutation, never a 400");
        rule(31, REQUIRED, ALL, "a timestamp is a fraction");
        rule(32, REQUIRED, ALL, "no size of anything stops a client for ever");
        rule(33, REQUIRED, ALL, "success and the two errors of the protocol have exactly status 200");
        rule(34, REQUIRED, ALL, "pushes of old schemas are taken for longer than pulls");
    }

    private void groups() {
        rule(35, REQUIRED, ALL, "an unknown group may come with a cookie, and hears no ids of another group");
        rule(36, OPTIONAL, ALL, "after a restore a pull is reset, never refused");
        rule(37, OPTIONAL, ALL, "after a restore no id is told that is lower than the client's own");
        rule(38, REQUIRED, ALL, "only who has really lost its state is told so");
        rule(39, REQUIRED, ALL, "a group is recovered with its old cookie as often as it comes");
        rule(40, REQUIRED, ALL, "tabs with different cookies both go forward");
        rule(41, REQUIRED, ROW_VERSION, "a row is changed if its version differs");
        untested(
                42,
                ROW_VERSION,
                "xmin is compared for inequality",
                "only PostgreSQL has it: a test of its adapter; of other versions R41 is the same");
        rule(43, REQUIRED, ALL, "a release that shows entities differently sends them again");
        rule(44, OPTIONAL, ALL, "a cookie belongs to a user: another's is a reset that names no key of the first");
        rule(45, REQUIRED, ALL, "somebody else's group is forbidden and stays as it is");
        rule(46, REQUIRED, ALL, "a client of another group is refused and not moved");
        rule(47, REQUIRED, ALL, "an unknown group may pull");
        rule(48, REQUIRED, VERSION, "a pull creates no rows and tells no ids of clients never seen");
        rule(49, OPTIONAL, ALL, "groups are collected whole, and their clients never taken as new");
        rule(50, REQUIRED, ROW_VERSION, "the view record before the newest stays");
        rule(51, OPTIONAL, VERSION, "below purged tombstones a client starts again");
        rule(52, OPTIONAL, VERSION, "a replica that lags is no restore where replicas are declared");
        rule(53, REQUIRED, ALL, "groups do not move each other");
    }

    private void entities() {
        rule(54, OPTIONAL, ALL, "an entity moves between spaces in one transaction, heard of in both");
        rule(55, OPTIONAL, ALL, "who may see an entity is sent it, who may not any more a del, others nothing");
        rule(56, REQUIRED, ALL, "a view depends on user and cookie only");
        rule(57, REQUIRED, ALL, "deleted and created again is one put");
        rule(58, REQUIRED, ALL, "a deleted entity is gone for mutators and can come back");
        rule(59, OPTIONAL, ALL, "writes that no client asked for are pulled too");
        rule(60, REQUIRED, ALL, "keys are told apart, in whatever order");
        rule(61, REQUIRED, ALL, "U+0000 is kept, or fails that mutation for good");
        rule(62, REQUIRED, ALL, "half a character is refused or kept, never altered");
        rule(63, REQUIRED, ALL, "JSON is stored as it was sent");
        rule(64, REQUIRED, ALL, "numbers are passed through as they were sent");
        rule(65, REQUIRED, ALL, "answers are written exactly as the client demands");
        rule(66, REQUIRED, ALL, "a view of more rows than a statement has parameters is pulled");
    }

    private void operation() {
        rule(67, REQUIRED, ALL, "pokes come after a commit, for each push that committed something");
        untested(
                68,
                ALL,
                "a subscriber that reconnects pulls, heartbeats end, channels are authorised",
                "the kit has no connection to break: a web adapter's own tests check it");
        untested(69, ALL, "NOTIFY is optional and coalesced", "only PostgreSQL has it: a test of its adapter");
        untested(
                70,
                ALL,
                "a strategy is chosen by name, and mistakes are reported at start",
                "no store or strategy takes part in it: a test of the core");
    }

    private void rule(int number, Level level, Concern concern, String intent) {
        entries.add(new Entry("R" + number, level, concern, intent, Optional.empty()));
    }

    private void untested(int number, Concern concern, String intent, String because) {
        entries.add(new Entry("R" + number, Level.UNTESTED, concern, intent, Optional.of(because)));
    }
}
