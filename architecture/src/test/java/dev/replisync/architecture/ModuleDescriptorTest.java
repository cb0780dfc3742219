package dev.replisync.architecture;

import static java.util.stream.Collectors.toMap;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleDescriptor.Exports;
import java.lang.module.ModuleDescriptor.Provides;
import java.lang.module.ModuleDescriptor.Requires;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A user on the module path and one on the class path see the same. */
class ModuleDescriptorTest {

    static List<PublishedModule> modules() {
        return PublishedModule.all();
    }

    @ParameterizedTest
    @MethodSource("modules")
    void theNameFollowsTheArtifact(PublishedModule module) {
        String tail = module.name().substring("sync-".length()).replace('-', '.');
        assertThat(module.descriptor().name()).isEqualTo("dev.replisync." + tail);
    }

    @ParameterizedTest
    @MethodSource("modules")
    void internalsAreNotExported(PublishedModule module) {
        assertThat(module.descriptor().exports())
                .filteredOn(exports -> !exports.isQualified())
                .extracting(Exports::source)
                .noneMatch(name -> name.endsWith(".internal") || name.contains(".internal."));
    }

    /** Transitive, it would have to be there for whoever compiles against the module. */
    @ParameterizedTest
    @MethodSource("modules")
    void nobodyNeedsTheAnnotations(PublishedModule module) {
        assertThat(module.descriptor().requires())
                .filteredOn(requires -> requires.name().equals("org.jspecify"))
                .singleElement()
                .satisfies(requires -> assertThat(requires.modifiers()).containsExactly(Requires.Modifier.STATIC));
    }

    @ParameterizedTest
    @MethodSource("modules")
    void bothListsOfServicesAgree(PublishedModule module) throws IOException {
        assertThat(inServicesFiles(module)).isEqualTo(inDescriptor(module.descriptor()));
    }

    private static Map<String, Set<String>> inDescriptor(ModuleDescriptor descriptor) {
        return descriptor.provides().stream().collect(toMap(Provides::service, one -> Set.copyOf(one.providers())));
    }

    private static Map<String, Set<String>> inServicesFiles(PublishedModule module) throws IOException {
        Path folder = module.classes().resolve("META-INF/services");
        if (!Files.isDirectory(folder)) {
            return Map.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.collect(toMap(
                    file -> file.getFileName().toString(),
                    file -> PublishedModule.read(file)
                            .lines()
                            .map(line -> line.replaceFirst("#.*", "").strip())
                            .filter(line -> !line.isEmpty())
                            .collect(toSet())));
        }
    }
}
