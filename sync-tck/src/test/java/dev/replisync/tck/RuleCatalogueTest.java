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
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The catalogue and the contracts fit together: every rule has its tests, every test its rules. */
class RuleCatalogueTest {
    private static final Path PAGE = Path.of("RULES.md");

    /** Rules that no wrong implementation breaks, and why. */
    private static final Map<String, String> NO_MUTANT = Map.of();

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
    void aRuleSaysAllAboutItself() {
        assertThat(RuleCatalogue.entries()).allSatisfy(entry -> {
            assertThat(List.of(entry.intent(), entry.check(), entry.source())).allMatch(text -> text.length() > 10);
            assertThat(entry.untestedBecause().isPresent())
                    .as("%s has a reason if it is untested", entry.id())
                    .isEqualTo(entry.level() == RuleCatalogue.Level.UNTESTED);
        });
    }

    /** So that a wrong implementation is known to be found out, by name. */
    @Test
    void aRuleThatMustHoldHasAWrongImplementation() {
        assertThat(RuleCatalogue.entries())
                .filteredOn(entry -> entry.untestedBecause().isEmpty()
                        && !mutants().containsKey(entry.id())
                        && !NO_MUTANT.containsKey(entry.id()))
                .as("rules without a wrong implementation that breaks them")
                .isEmpty();
        assertThat(NO_MUTANT.keySet()).doesNotContainAnyElementsOf(mutants().keySet());
    }

    /** Written anew with {@code -Drules.update}. With the tests of each rule it is {@code target/rules.md}. */
    @Test
    void thePageInGitIsWhatTheKitIs() throws IOException {
        Files.writeString(Path.of("target", "rules.md"), page(true));
        String page = page(false);
        if (System.getProperty("rules.update") != null) {
            Files.writeString(PAGE, page);
        }
        assertThat(PAGE)
                .as("sync-tck/RULES.md; written anew with -Drules.update")
                .content()
                .isEqualTo(page);
    }

    private static String page(boolean withTests) {
        StringBuilder page = new StringBuilder("""
                # The rules of the protocol

                Made from the catalogue and the wrong implementations of this module. *Required*: must hold
                everywhere. *Optional*: must hold where a store or strategy has the feature. *Stochastic*: must hold, and a wrong
                implementation may pass by luck. *Untested*: the kit has no test of it, and says why. A wrong implementation is a
                store, strategy or server with one mistake, which fails a test of its rule.
                """);
        RuleCatalogue.entries().forEach(entry -> write(entry, page, withTests));
        return page.toString();
    }

    private static void write(Entry entry, StringBuilder page, boolean withTests) {
        page.append("\n## ").append(entry.id()).append(": ").append(entry.intent());
        page.append("\n\n- level: ")
                .append(word(entry.level()))
                .append("; concerns: ")
                .append(word(entry.concern()));
        page.append("\n- from: ").append(entry.source());
        page.append("\n- when it fails: ").append(entry.check());
        entry.untestedBecause()
                .ifPresent(because -> page.append("\n- untested because ").append(because));
        if (withTests) {
            list(page, "tests", tests().getOrDefault(entry.id(), List.of()));
        }
        list(page, "wrong implementations", mutants().getOrDefault(entry.id(), List.of()));
        Optional.ofNullable(NO_MUTANT.get(entry.id()))
                .ifPresent(
                        because -> page.append("\n- no wrong implementation: ").append(because));
        page.append('\n');
    }

    private static void list(StringBuilder page, String title, List<String> lines) {
        if (!lines.isEmpty()) {
            page.append("\n- ").append(title).append(':');
            lines.forEach(line -> page.append("\n  - ").append(line));
        }
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static Map<String, List<String>> mutants() {
        return MutantsTest.mutants()
                .collect(Collectors.groupingBy(Mutant::rule, Collectors.mapping(Mutant::name, Collectors.toList())));
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
                                WritersContract.class,
                                StorageContract.class,
                                VersionedReadsContract.class,
                                ViewContract.class,
                                ViewReadsContract.class,
                                KeptViewsContract.class,
                                RecordStoreContract.class,
                                SimulationContract.class))
                .flatMap(type -> new TreeSet<>(Arrays.asList(type.getDeclaredMethods()).stream()
                                .map(Method::getName)
                                .toList())
                        .stream()
                                .flatMap(name -> Arrays.stream(type.getDeclaredMethods())
                                        .filter(m -> m.getName().equals(name))))
                .filter(method -> method.isAnnotationPresent(Test.class));
    }
}
