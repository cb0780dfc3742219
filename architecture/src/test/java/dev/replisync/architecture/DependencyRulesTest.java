package dev.replisync.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.codeUnits;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Who may know whom. The words are those of the house style, sections 2 and 3. */
class DependencyRulesTest {

    private static final String OURS = "dev.replisync..";
    private static final String CORE = "sync-api";

    private static final List<PublishedModule> MODULES = PublishedModule.all();
    private static final JavaClasses ALL = new ClassFileImporter()
            .importPaths(MODULES.stream().map(PublishedModule::classes).toList());

    static List<PublishedModule> modules() {
        return MODULES;
    }

    @ParameterizedTest
    @MethodSource("modules")
    void theRulesSeeEveryModule(PublishedModule module) {
        assertThat(of(module)).isNotEmpty();
        assertThat(of(module)).allMatch(type -> type.getPackageName().startsWith("dev.replisync"));
    }

    @Test
    void noPackageCycles() {
        SlicesRuleDefinition.slices()
                .assignedFrom(new SliceAssignment() {
                    @Override
                    public SliceIdentifier getIdentifierOf(JavaClass type) {
                        return SliceIdentifier.of(type.getPackageName());
                    }

                    @Override
                    public String getDescription() {
                        return "packages";
                    }
                })
                .should()
                .beFreeOfCycles()
                .check(ALL);
    }

    @ParameterizedTest
    @MethodSource("modules")
    void aModuleKnowsTheCoreAndNoSibling(PublishedModule module) {
        DescribedPredicate<JavaClass> sibling = resideInAPackage(OURS)
                .and(describe(
                        "belong to another module than sync-api",
                        type -> !isPartOf(module.name(), type) && !isPartOf(CORE, type)));
        noClasses().should().dependOnClassesThat(sibling).check(of(module));
    }

    @ParameterizedTest
    @MethodSource("modules")
    void noModuleKnowsTheInternalsOfAnother(PublishedModule module) {
        DescribedPredicate<JavaClass> foreign = resideInAPackage("dev.replisync..internal..")
                .and(describe("belong to another module", type -> !isPartOf(module.name(), type)));
        noClasses().should().dependOnClassesThat(foreign).check(of(module));
    }

    @Test
    void errorKnowsNothingOfOurs() {
        classes()
                .that()
                .resideInAPackage("dev.replisync.error..")
                .should()
                .onlyDependOnClassesThat(not(resideInAPackage(OURS)).or(resideInAPackage("dev.replisync.error..")))
                .check(ALL);
    }

    @Test
    void protocolKnowsOnlyError() {
        classes()
                .that()
                .resideInAPackage("dev.replisync.protocol..")
                .should()
                .onlyDependOnClassesThat(not(resideInAPackage(OURS))
                        .or(resideInAnyPackage("dev.replisync.protocol..", "dev.replisync.error..")))
                .check(ALL);
    }

    @Test
    void storageKnowsOnlyProtocolAndError() {
        classes()
                .that()
                .resideInAPackage("dev.replisync.storage..")
                .should()
                .onlyDependOnClassesThat(not(resideInAPackage(OURS))
                        .or(resideInAnyPackage(
                                "dev.replisync.storage..", "dev.replisync.protocol..", "dev.replisync.error..")))
                .check(ALL);
    }

    @Test
    void onlyTheJdbiModuleKnowsSql() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.replisync.jdbi..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.sql..", "javax.sql..", "org.jdbi..", "org.h2..", "org.postgresql..")
                .check(ALL);
    }

    @Test
    void nothingLogsThroughTheJdk() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAPackage("java.util.logging..")
                .check(ALL);
    }

    @Test
    void nothingPrints() {
        noClasses()
                .should()
                .accessTargetWhere(describe("print", DependencyRulesTest::prints))
                .check(ALL);
    }

    private static boolean prints(JavaAccess<?> access) {
        boolean output = access.getTargetOwner().isEquivalentTo(System.class)
                && List.of("out", "err").contains(access.getName());
        return output || access.getName().equals("printStackTrace");
    }

    @Test
    void timeComesInThroughAClock() {
        noClasses()
                .should()
                .accessTargetWhere(describe("read the time without a clock", DependencyRulesTest::readsTheTime))
                .check(ALL);
    }

    private static boolean readsTheTime(JavaAccess<?> access) {
        JavaClass owner = access.getTargetOwner();
        if (owner.isEquivalentTo(Clock.class)) {
            return false;
        }
        boolean now = owner.getPackageName().equals("java.time")
                && access.getName().equals("now")
                && !access.getTarget().getFullName().contains(Clock.class.getName());
        boolean millis = owner.isEquivalentTo(System.class) && access.getName().equals("currentTimeMillis");
        boolean date = owner.isEquivalentTo(Date.class)
                && access.getTarget().getFullName().endsWith("<init>()");
        return now || millis || date;
    }

    @Test
    void aPublicInterfaceHasAtMostTenMethods() {
        classes()
                .that()
                .areInterfaces()
                .and()
                .areNotAnnotations()
                .and()
                .arePublic()
                .should(haveAtMostTenMethods())
                .check(ALL);
    }

    private static ArchCondition<JavaClass> haveAtMostTenMethods() {
        return new ArchCondition<>("have at most 10 methods") {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                long methods = type.getMethods().stream()
                        .filter(method -> Stream.of(JavaModifier.STATIC, JavaModifier.PRIVATE, JavaModifier.SYNTHETIC)
                                .noneMatch(method.getModifiers()::contains))
                        .count();
                if (methods > 10) {
                    events.add(SimpleConditionEvent.violated(type, type.getName() + " has " + methods + " methods"));
                }
            }
        };
    }

    @Test
    void whatIsPublicSpeaksOfPublicTypes() {
        codeUnits()
                .that()
                .areDeclaredInClassesThat()
                .arePublic()
                .and()
                .arePublic()
                .should(nameNoHiddenType())
                .check(ALL);
    }

    /** As javac's lint "exports" would, which would also want every user to have the annotations of JSpecify. */
    private static ArchCondition<JavaCodeUnit> nameNoHiddenType() {
        return new ArchCondition<>("name no type that their callers cannot") {
            @Override
            public void check(JavaCodeUnit unit, ConditionEvents events) {
                unit.getAllInvolvedRawTypes().stream()
                        .map(JavaClass::getBaseComponentType)
                        .filter(resideInAPackage(OURS))
                        .filter(type -> !type.getModifiers().contains(JavaModifier.PUBLIC)
                                || resideInAPackage("..internal..").test(type))
                        .forEach(type -> events.add(
                                SimpleConditionEvent.violated(unit, unit.getFullName() + " names " + type.getName())));
            }
        };
    }

    @Test
    void everyPackageIsNullMarked() {
        Map<String, JavaPackage> packages = ALL.stream()
                .map(JavaClass::getPackage)
                .collect(toMap(JavaPackage::getName, Function.identity(), (one, same) -> one));
        assertThat(packages.values())
                .allSatisfy(one -> assertThat(one.isAnnotatedWith(NullMarked.class))
                        .as("package-info.java of %s has @NullMarked", one.getName())
                        .isTrue());
    }

    private static JavaClasses of(PublishedModule module) {
        return ALL.that(describe("are in " + module, type -> isPartOf(module.name(), type)));
    }

    private static boolean isPartOf(String module, JavaClass type) {
        return type.getBaseComponentType()
                .getSource()
                .map(source -> Path.of(source.getUri()).startsWith(PublishedModule.ROOT.resolve(module)))
                .orElse(false);
    }
}
