package dev.replisync;

import dev.replisync.error.ConfigurationException;
import dev.replisync.strategy.DiffStrategyProvider;
import java.net.URL;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds a strategy by name among those on the class path (rule R70). A provider that cannot be loaded hides no other; it
 * is named only if the wanted one is not found.
 */
final class StrategyLookup {
    private static final Logger LOG = LoggerFactory.getLogger(StrategyLookup.class);
    private static final int MOST_FAILURES = 100;

    private final TreeMap<String, List<DiffStrategyProvider>> found = new TreeMap<>();
    private final List<String> broken = new ArrayList<>();

    /** What the application's class loader sees; if that is nothing, what our own sees. */
    static StrategyLookup standard() {
        ClassLoader own = StrategyLookup.class.getClassLoader();
        ClassLoader context = Thread.currentThread().getContextClassLoader();
        StrategyLookup lookup = new StrategyLookup(context == null ? own : context);
        return lookup.found.isEmpty() && context != null ? new StrategyLookup(own) : lookup;
    }

    StrategyLookup(ClassLoader loader) {
        Iterator<DiffStrategyProvider> providers =
                ServiceLoader.load(DiffStrategyProvider.class, loader).iterator();
        int failures = 0;
        while (failures < MOST_FAILURES) {
            try {
                if (!providers.hasNext()) {
                    return;
                }
                DiffStrategyProvider provider = providers.next();
                found.computeIfAbsent(provider.id(), id -> new ArrayList<>()).add(provider);
            } catch (ServiceConfigurationError | LinkageError | RuntimeException e) {
                failures++;
                broken.add(String.valueOf(e.getMessage()));
                LOG.debug("a strategy provider cannot be loaded", e);
            }
        }
    }

    DiffStrategyProvider find(String id) {
        List<DiffStrategyProvider> candidates = found.getOrDefault(id, List.of());
        if (candidates.size() == 1) {
            return candidates.get(0);
        }
        if (candidates.isEmpty()) {
            throw new ConfigurationException(
                    List.of("strategy was '" + id + "' but " + choices() + hint(id) + failures()));
        }
        List<String> where = candidates.stream()
                .map(c -> c.getClass().getName() + " in " + location(c))
                .toList();
        throw new ConfigurationException(List.of("strategy was '" + id + "' but " + candidates.size()
                + " providers have that id: " + String.join(", ", where) + "; remove all but one from the class path"));
    }

    /** What can be chosen, for messages. */
    String choices() {
        return found.isEmpty()
                ? "no strategy is on the class path"
                : "it must be one of those on the class path: " + String.join(", ", found.keySet());
    }

    private static String hint(String id) {
        return "; add the artifact that provides it, dev.replisync:sync-strategy-" + id.replaceAll("[^a-z0-9]", "")
                + " if it is one of ours";
    }

    private String failures() {
        return broken.isEmpty() ? "" : "; providers that could not be loaded: " + String.join(" | ", broken);
    }

    private static String location(Object o) {
        CodeSource source = o.getClass().getProtectionDomain().getCodeSource();
        URL url = source == null ? null : source.getLocation();
        return url == null ? "an unknown place" : url.toString();
    }
}
