package dev.replisync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.replisync.error.ConfigurationException;
import dev.replisync.strategy.DiffStrategy;
import dev.replisync.strategy.DiffStrategyProvider;
import dev.replisync.strategy.StrategyContext;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** R70: the strategy is chosen by name; whatever is wrong is said with the list of what was found. */
class StrategyLookupTest {
    @TempDir
    Path classPath;

    @Test
    void createsOnlyTheOneChosen() throws Exception {
        try (URLClassLoader loader = providers(One.class, Two.class)) {
            assertThat(new StrategyLookup(loader).find("two")).isInstanceOf(Two.class);
        }
    }

    @Test
    void saysThatThereIsNone() throws Exception {
        try (URLClassLoader loader = providersNamed()) {
            assertThatThrownBy(() -> new StrategyLookup(loader).find("global"))
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessage(
                            "strategy was 'global' but no strategy is on the class path; add the artifact that provides"
                                    + " it, dev.replisync:sync-strategy-global if it is one of ours");
        }
    }

    @Test
    void listsWhatThereIsForAnUnknownName() throws Exception {
        try (URLClassLoader loader = providers(Two.class, One.class)) {
            assertThatThrownBy(() -> new StrategyLookup(loader).find("row-version"))
                    .hasMessage(
                            "strategy was 'row-version' but it must be one of those on the class path: one, two; add"
                                    + " the artifact that provides it, dev.replisync:sync-strategy-rowversion if it is one of"
                                    + " ours");
        }
    }

    @Test
    void namesBothOfOneName() throws Exception {
        String where =
                One.class.getProtectionDomain().getCodeSource().getLocation().toString();
        try (URLClassLoader loader = providers(One.class, AnotherOne.class)) {
            assertThatThrownBy(() -> new StrategyLookup(loader).find("one"))
                    .hasMessage(
                            "strategy was 'one' but 2 providers have that id: " + One.class.getName() + " in " + where
                                    + ", " + AnotherOne.class.getName() + " in " + where
                                    + "; remove all but one from the class path");
        }
    }

    @Test
    void aBrokenProviderHidesNoOther() throws Exception {
        try (URLClassLoader loader = providersNamed("does.not.Exist", Broken.class.getName(), One.class.getName())) {
            StrategyLookup lookup = new StrategyLookup(loader);
            assertThat(lookup.find("one")).isInstanceOf(One.class);
            assertThatThrownBy(() -> lookup.find("broken"))
                    .hasMessage(
                            "strategy was 'broken' but it must be one of those on the class path: one; add the artifact"
                                    + " that provides it, dev.replisync:sync-strategy-broken if it is one of ours; providers that"
                                    + " could not be loaded: dev.replisync.strategy.DiffStrategyProvider: Provider does.not.Exist"
                                    + " not found | dev.replisync.strategy.DiffStrategyProvider: Provider "
                                    + Broken.class.getName() + " could not be instantiated");
        }
    }

    private URLClassLoader providers(Class<?>... classes) throws IOException {
        String[] names = new String[classes.length];
        for (int i = 0; i < classes.length; i++) {
            names[i] = classes[i].getName();
        }
        return providersNamed(names);
    }

    private URLClassLoader providersNamed(String... classes) throws IOException {
        Path services = Files.createDirectories(classPath.resolve("META-INF/services"));
        Files.write(services.resolve(DiffStrategyProvider.class.getName()), List.of(classes));
        return new URLClassLoader(new URL[] {classPath.toUri().toURL()}, StrategyLookupTest.class.getClassLoader());
    }

    private abstract static class Provider implements DiffStrategyProvider {
        private final String id;

        Provider(String id) {
            this.id = id;
        }

        @Override
        public String id() {
            return id;
        }

        @Override
        public DiffStrategy create(StrategyContext context) {
            throw new AssertionError("nobody chose it");
        }
    }

    /** A provider. */
    public static final class One extends Provider {
        /** For the loader. */
        public One() {
            super("one");
        }
    }

    /** A second provider of the same name. */
    public static final class AnotherOne extends Provider {
        /** For the loader. */
        public AnotherOne() {
            super("one");
        }
    }

    /** A provider. */
    public static final class Two extends Provider {
        /** For the loader. */
        public Two() {
            super("two");
        }
    }

    /** Cannot be created. */
    public static final class Broken extends Provider {
        /** For the loader. */
        public Broken() {
            super("broken");
            throw new IllegalStateException("on purpose");
        }
    }
}
