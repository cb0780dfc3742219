package dev.replisync.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replisync.tck.RuleCatalogue.Entry;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The catalogue and the contracts fit together: every rule has its tests, every test its rules. */
class RuleCatalogueTest {
    private static final Path REPORT = Path.of("target", "rules.md");

    @Test
    void holdsEachRuleOnce() {
        assertThat(RuleCatalogue.entries())
                .extracting(Entry::id)
                .containsExactlyElementsOf(
                        IntStream.rangeClosed(1, 70).mapToObj(n -> "R" + n).toList());
    }

    @Test
    void aRuleHasATestOrAReason() {
        Map<String, List<String>> tests = tests();
        assertThat(RuleCatalogue.entries())
                .filteredOn(entry -> entry.untestedBecause().isEmpty() && !tests.containsKey(entry.id()))
                .as("rules with neither a test in the kit nor a reason why there is none")
                .isEmpty();
    }

    @Test
    void aRuleThatIsCalledUntestedHasNoTest() {
        assertThat(RuleCatalogue.entries())
                .filteredOn(entry -> entry.untestedBecause().isPresent())
                .extracting(Entry::id)
                .doesNotContainAnyElementsOf(tests().keySet());
    }

    @Test
    void everyTestIsFinalAndNamesRulesThatExist() {
        assertThat(contractTests().toList()).hasSizeGreaterThan(80).allSatisfy(test -> {
            assertThat(Modifier.isFinal(test.getModifiers()))
                    .as("%s is final", test)
                    .isTrue();
            Rule rule = test.getAnnotation(Rule.class);
            assertThat(rule).as("rules of %s", test).isNotNull();
            assertThat(rule.value())
                    .as("rules of %s", test)
                    .isNotEmpty()
                    .allMatch(id -> RuleCatalogue.find(id).isPresent());
        });
    }

    @Test
    void theReportIsWritten() throws IOException {
        StringBuilder report = new StringBuilder(
                "# Rules and the tests that check them\n\n| rule | level | concerns | intent | tests |\n|---|---|---|---|---|\n");
        Map<String, List<String>> tests = tests();
        for (Entry entry : RuleCatalogue.entries()) {
            String checked = entry.untestedBecause()
                    .map(because -> "none: " + because)
                    .orElseGet(() -> String.join(", ", tests.getOrDefault(entry.id(), List.of("none yet"))));
            report.append("| ")
                    .append(entry.id())
                    .append(" | ")
                    .append(entry.level())
                    .append(" | ")
                    .append(entry.concern());
            report.append(" | ")
                    .append(entry.intent())
                    .append(" | ")
                    .append(checked)
                    .append(" |\n");
        }
        Files.createDirectories(REPORT.getParent());
        Files.writeString(REPORT, report);
        assertThat(REPORT).content().contains("| R17 | REQUIRED | ALL |");
    }

    private static Map<String, List<String>> tests() {
        Map<String, List<String>> tests = new TreeMap<>();
        contractTests()
                .forEach(test -> Stream.of(test.getAnnotation(Rule.class).value())
                        .forEach(id -> tests.merge(
                                id,
                                List.of(name(test)),
                                (a, b) -> Stream.concat(a.stream(), b.stream()).toList())));
        return tests;
    }

    private static String name(Method test) {
        return test.getDeclaringClass().getSimpleName() + "." + test.getName();
    }

    /** The tests of all contracts: those of a whole server, found as they are nested, and those of the port. */
    private static Stream<Method> contractTests() {
        Stream<Class<?>> nested = Arrays.stream(ServerCompliance.class.getDeclaredClasses())
                .filter(type -> type.isAnnotationPresent(Nested.class))
                .map(Class::getSuperclass);
        return Stream.concat(
                        nested,
                        Stream.of(
                                StorageContract.class,
                                VersionedReadsContract.class,
                                ViewReadsContract.class,
                                KeptViewsContract.class,
                                RecordStoreContract.class))
                .flatMap(type -> new TreeSet<>(Arrays.asList(type.getDeclaredMethods()).stream()
                                .map(Method::getName)
                                .toList())
                        .stream()
                                .flatMap(name -> Arrays.stream(type.getDeclaredMethods())
                                        .filter(m -> m.getName().equals(name))))
                .filter(method -> method.isAnnotationPresent(Test.class));
    }
}
