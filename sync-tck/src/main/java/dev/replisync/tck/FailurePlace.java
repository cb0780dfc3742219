package dev.replisync.tck;

import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;

/** Says in a failure's trace which setup it is of. Reports of builds name the contract, which many setups share. */
final class FailurePlace implements TestExecutionExceptionHandler {

    @Override
    public void handleTestExecutionException(ExtensionContext context, Throwable failure) throws Throwable {
        failure.addSuppressed(new Place(path(context)));
        throw failure;
    }

    private static String path(ExtensionContext context) {
        String name = context.getDisplayName();
        return context.getParent()
                .filter(parent -> parent.getTestClass().isPresent())
                .map(parent -> path(parent) + " > " + name)
                .orElse(name);
    }

    /** No failure of its own: it has a message only. */
    private static final class Place extends Throwable {
        private static final long serialVersionUID = 1L;

        Place(String path) {
            super("failed in " + path, null, false, false);
        }
    }
}
