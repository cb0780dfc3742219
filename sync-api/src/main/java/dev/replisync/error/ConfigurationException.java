package dev.replisync.error;

import java.util.List;

/**
 * The server was put together wrongly. Raised at start only, by {@code build()} and by the lookup of a strategy; the
 * message holds every problem found, one line each, so that one start shows them all.
 */
public final class ConfigurationException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient List<String> problems;

    /**
     * Creates the exception.
     *
     * @param problems what is wrong, one sentence each; not empty
     */
    public ConfigurationException(List<String> problems) {
        super(message(problems));
        this.problems = List.copyOf(problems);
    }

    /**
     * Creates the exception for a single problem.
     *
     * @param problem what is wrong
     * @param cause what raised it
     */
    public ConfigurationException(String problem, Throwable cause) {
        super(message(List.of(problem)), cause);
        this.problems = List.of(problem);
    }

    /** {@return every problem found, in the order found, never empty} */
    public List<String> problems() {
        return problems;
    }

    private static String message(List<String> problems) {
        if (problems.size() == 1) {
            return problems.get(0);
        }
        return problems.size() + " problems:\n- " + String.join("\n- ", problems);
    }
}
