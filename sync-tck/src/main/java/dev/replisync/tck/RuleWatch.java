package dev.replisync.tck;

import dev.replisync.tck.RuleResult.Outcome;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.LifecycleMethodExecutionExceptionHandler;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;
import org.junit.jupiter.api.extension.TestWatcher;
import org.opentest4j.AssertionFailedError;
import org.opentest4j.TestAbortedException;

/**
 * Notes how each test of a rule ended, for the report, and says in what a test fails with which rules it is about, what
 * to check and which setup it ran in. Reports of builds name the contract only, which many setups share.
 */
final class RuleWatch implements TestExecutionExceptionHandler, LifecycleMethodExecutionExceptionHandler, TestWatcher {
    /** How much of what happened in a test its failure tells. */
    private static final int MOST_LINES = 5;

    private static final ExtensionContext.Namespace ALL_RUNS = ExtensionContext.Namespace.create(RuleWatch.class);

    @Override
    public void handleTestExecutionException(ExtensionContext context, Throwable failure) throws Throwable {
        throw explained(context, failure);
    }

    @Override
    public void handleBeforeEachMethodExecutionException(ExtensionContext context, Throwable failure) throws Throwable {
        throw explained(context, failure);
    }

    @Override
    public void handleAfterEachMethodExecutionException(ExtensionContext context, Throwable failure) throws Throwable {
        throw explained(context, failure);
    }

    private static Throwable explained(ExtensionContext context, Throwable failure) {
        if (failure instanceof TestAbortedException) {
            return failure;
        }
        if (!(failure instanceof AssertionError)) {
            return new Thrown(failure + "\n\n" + explanation(context), failure);
        }
        String message = failure.getMessage() + "\n\n" + explanation(context);
        AssertionError explained = failure instanceof AssertionFailedError compared && compared.isExpectedDefined()
                ? new AssertionFailedError(message, compared.getExpected(), compared.getActual(), failure.getCause())
                : new AssertionError(message, failure.getCause());
        explained.setStackTrace(failure.getStackTrace());
        for (Throwable suppressed : failure.getSuppressed()) {
            explained.addSuppressed(suppressed);
        }
        return explained;
    }

    @Override
    public void testSuccessful(ExtensionContext context) {
        note(context, Outcome.PASSED, "");
    }

    @Override
    public void testFailed(ExtensionContext context, @Nullable Throwable cause) {
        if (cause instanceof FixtureCheck.WrongFixture) {
            // It says nothing of the rules of the test that happened to be the first.
            note(context, Outcome.SKIPPED, message(cause));
            return;
        }
        // Without what was added to it, which the report says once for each rule.
        String first = message(cause)
                .lines()
                .takeWhile(line -> !line.startsWith("Rule R"))
                .collect(Collectors.joining(" "));
        note(context, Outcome.FAILED, first);
    }

    @Override
    public void testAborted(ExtensionContext context, @Nullable Throwable cause) {
        String message = message(cause);
        int reason = message.indexOf(StoreContract.SKIPPED);
        note(
                context,
                Outcome.SKIPPED,
                reason < 0 ? message : message.substring(reason + StoreContract.SKIPPED.length()));
    }

    @Override
    public void testDisabled(ExtensionContext context, Optional<String> reason) {
        note(context, Outcome.SKIPPED, "disabled: " + reason.orElse("no reason given"));
    }

    private static void note(ExtensionContext context, Outcome outcome, String reason) {
        RuleResults results = context.getRoot()
                .getStore(ALL_RUNS)
                .computeIfAbsent(RuleResults.class, type -> RuleResults.of(context), RuleResults.class);
        results.add(new RuleResult(outermost(context), place(context), rules(context), outcome, reason));
    }

    private static String message(@Nullable Throwable cause) {
        return cause == null || cause.getMessage() == null ? String.valueOf(cause) : cause.getMessage();
    }

    private static String explanation(ExtensionContext context) {
        String rules = rules(context).stream()
                .flatMap(id -> RuleCatalogue.find(id).stream())
                .map(rule -> "Rule " + rule.id() + ": " + rule.intent() + ".\n  Check: " + rule.check() + ".\n")
                .collect(Collectors.joining());
        return rules + "Failed in " + place(context) + happened(context);
    }

    /** What a client does not see. */
    private static String happened(ExtensionContext context) {
        return context.getTestInstance()
                .filter(StoreContract.class::isInstance)
                .map(contract -> ((StoreContract<?>) contract).happened())
                .filter(lines -> !lines.isEmpty())
                .map(lines -> lines.stream().limit(MOST_LINES).collect(Collectors.joining("\n  ", ", where\n  ", "")))
                .orElse("");
    }

    private static List<String> rules(ExtensionContext context) {
        return context.getTestMethod().stream()
                .flatMap(method -> Stream.ofNullable(method.getAnnotation(Rule.class)))
                .flatMap(rule -> Stream.of(rule.value()))
                .toList();
    }

    /** Where a test ran, from the outermost class on. */
    private static String place(ExtensionContext context) {
        String name = context.getTestMethod()
                .map(method -> method.getName())
                .or(() -> context.getTestClass().map(Class::getSimpleName))
                .orElse("");
        return context.getParent()
                .filter(parent -> parent.getTestClass().isPresent())
                .map(parent -> place(parent) + " > " + name)
                .orElse(name);
    }

    private static String outermost(ExtensionContext context) {
        return context.getParent()
                .filter(parent -> parent.getTestClass().isPresent())
                .map(RuleWatch::outermost)
                .orElseGet(() -> context.getRequiredTestClass().getName());
    }

    /** A test did not fail by what it asserts: something threw, which is the cause and tells where. */
    static final class Thrown extends AssertionError {
        private static final long serialVersionUID = 1L;

        Thrown(String message, Throwable cause) {
            super(message, cause);
            setStackTrace(cause.getStackTrace());
        }
    }
}
