package dev.replisync.architecture;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.module.ModuleDescriptor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** One published artifact with code: its name is its folder, and the BOM lists it. */
record PublishedModule(String name, Path folder) {

    private static final Pattern ARTIFACT = Pattern.compile("<artifactId>(sync-[a-z0-9-]+)</artifactId>");

    /** The folder that holds the whole project. */
    static final Path ROOT = findRoot();

    /** All of them: who adds a module to the BOM has it checked. */
    static List<PublishedModule> all() {
        return ARTIFACT.matcher(read(ROOT.resolve("sync-bom/pom.xml")))
                .results()
                .map(match -> match.group(1))
                .filter(name -> !name.equals("sync-bom"))
                .sorted()
                .map(name -> new PublishedModule(name, ROOT.resolve(name)))
                .toList();
    }

    Path classes() {
        return folder.resolve("target/classes");
    }

    ModuleDescriptor descriptor() {
        try (InputStream in = Files.newInputStream(classes().resolve("module-info.class"))) {
            return ModuleDescriptor.read(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The binary names of the classes that lie directly in a package. */
    List<String> classesIn(String packageName) {
        try (Stream<Path> files = Files.list(classes().resolve(packageName.replace('.', '/')))) {
            return files.map(file -> file.getFileName().toString())
                    .filter(file -> file.endsWith(".class") && !file.equals("package-info.class"))
                    .map(file -> packageName + "." + file.substring(0, file.length() - ".class".length()))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path findRoot() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.isDirectory(folder.resolve("sync-bom"))) {
            Path parent = folder.getParent();
            if (parent == null) {
                throw new IllegalStateException("no folder above " + Path.of("").toAbsolutePath() + " has sync-bom");
            }
            folder = parent;
        }
        return folder;
    }

    @Override
    public String toString() {
        return name;
    }
}
