package dev.replisync.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.ModifiersTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePathScanner;
import java.io.IOException;
import java.lang.module.ModuleDescriptor.Exports;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.lang.model.element.Modifier;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What a user can call says what it does. Not asked of constructors and constants, whose names often say it all, and of what
 * overrides.
 */
class PublicCommentsTest {

    static List<PublishedModule> modules() {
        return PublishedModule.all();
    }

    @ParameterizedTest
    @MethodSource("modules")
    void everyTypeAndMethodHasOne(PublishedModule module) throws IOException {
        assertThat(withoutComment(exportedSources(module))).isEmpty();
    }

    private static List<Path> exportedSources(PublishedModule module) throws IOException {
        List<Path> sources = new ArrayList<>();
        for (Exports exports : module.descriptor().exports()) {
            Path folder = module.folder()
                    .resolve("src/main/java")
                    .resolve(exports.source().replace('.', '/'));
            try (Stream<Path> files = Files.list(folder)) {
                files.filter(file -> file.toString().endsWith(".java")).sorted().forEach(sources::add);
            }
        }
        return sources;
    }

    private static List<String> withoutComment(List<Path> sources) throws IOException {
        List<String> found = new ArrayList<>();
        if (sources.isEmpty()) {
            return found;
        }
        var compiler = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            var task = (JavacTask) compiler.getTask(
                    null, files, null, List.of("-proc:none"), null, files.getJavaFileObjectsFromPaths(sources));
            for (CompilationUnitTree unit : task.parse()) {
                new Scanner(DocTrees.instance(task)).scan(unit, found);
            }
        }
        return found;
    }

    private static final class Scanner extends TreePathScanner<@Nullable Void, List<String>> {

        private final DocTrees comments;

        Scanner(DocTrees comments) {
            this.comments = comments;
        }

        @Override
        public @Nullable Void visitClass(ClassTree type, List<String> found) {
            if (!isVisible(type.getModifiers())) {
                return null;
            }
            require(type.getSimpleName().toString(), found);
            return super.visitClass(type, found);
        }

        @Override
        public @Nullable Void visitMethod(MethodTree method, List<String> found) {
            boolean overrides = method.getModifiers().getAnnotations().stream()
                    .anyMatch(one -> one.getAnnotationType().toString().equals("Override"));
            boolean constructor = method.getReturnType() == null;
            if (isVisible(method.getModifiers()) && !overrides && !constructor) {
                require(method.getName().toString(), found);
            }
            return null;
        }

        @Override
        public @Nullable Void visitVariable(VariableTree field, List<String> found) {
            return null;
        }

        private boolean isVisible(ModifiersTree modifiers) {
            Tree outer = getCurrentPath().getParentPath().getLeaf();
            boolean inInterface =
                    List.of(Tree.Kind.INTERFACE, Tree.Kind.ANNOTATION_TYPE).contains(outer.getKind())
                            && !modifiers.getFlags().contains(Modifier.PRIVATE);
            return inInterface
                    || modifiers.getFlags().contains(Modifier.PUBLIC)
                    || modifiers.getFlags().contains(Modifier.PROTECTED);
        }

        private void require(String name, List<String> found) {
            String comment = comments.getDocComment(getCurrentPath());
            if (comment == null || comment.isBlank()) {
                Path file = Path.of(
                        getCurrentPath().getCompilationUnit().getSourceFile().toUri());
                found.add(PublishedModule.ROOT.relativize(file) + ": " + name);
            }
        }
    }
}
