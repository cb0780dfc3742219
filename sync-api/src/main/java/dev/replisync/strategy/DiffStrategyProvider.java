package dev.replisync.strategy;

import java.util.List;

/**
 * Makes a strategy; the service type that {@link java.util.ServiceLoader} looks for. Being on the class path registers
 * nothing: only the provider whose id the application chose is asked to create anything.
 */
public interface DiffStrategyProvider {

    /** {@return the name an application chooses it by: lower case letters, digits and {@code -}} */
    String id();

    /**
     * What this strategy needs and lacks. Called before {@link #create}.
     *
     * @param context what the server offers
     * @return what is missing, one sentence each with what to do; empty if the strategy can be created
     */
    default List<String> problems(StrategyContext context) {
        return List.of();
    }

    /**
     * Creates the strategy. Called once per server, and only if {@link #problems} found none.
     *
     * @param context what the server offers
     * @return the strategy, never null
     */
    DiffStrategy create(StrategyContext context);
}
