package dev.replisync.architecture;

import static java.util.stream.Collectors.joining;

import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleDescriptor.Exports;
import java.lang.reflect.AccessibleObject;
import java.lang.reflect.AnnotatedParameterizedType;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A module's public API as text: one line for each type and each member, sorted. */
final class ApiText {

    private static final int ACCESS = Modifier.PUBLIC | Modifier.PROTECTED;

    /** The packages of the JDK and of ours, which a reader knows. */
    private static final Pattern KNOWN_PACKAGE = Pattern.compile("\\b(java|dev\\.replisync)(\\.[a-z]+)*\\.(?=[A-Z])");

    private ApiText() {}

    static String of(PublishedModule module) {
        ModuleDescriptor descriptor = module.descriptor();
        StringBuilder text = new StringBuilder("module " + descriptor.name() + "\n");
        List<String> exported = descriptor.exports().stream()
                .filter(exports -> !exports.isQualified())
                .map(Exports::source)
                .sorted()
                .toList();
        exported.forEach(name -> text.append("  exports ").append(name).append("\n"));
        descriptor.uses().stream()
                .sorted()
                .forEach(name -> text.append("  uses ").append(name).append("\n"));
        descriptor.provides().stream()
                .sorted()
                .forEach(one -> text.append("  provides %s with %s%n".formatted(one.service(), one.providers())));
        for (String name : exported) {
            module.classesIn(name).stream()
                    .map(ApiText::load)
                    .filter(ApiText::isVisible)
                    .forEach(type -> write(type, text));
        }
        return text.toString();
    }

    private static Class<?> load(String name) {
        try {
            return Class.forName(name, false, ApiText.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(name + " is not on the class path of the tests", e);
        }
    }

    private static boolean isVisible(Class<?> type) {
        for (Class<?> outer = type; outer != null; outer = outer.getDeclaringClass()) {
            if ((outer.getModifiers() & ACCESS) == 0 || outer.isAnonymousClass() || outer.isSynthetic()) {
                return false;
            }
        }
        return true;
    }

    private static void write(Class<?> type, StringBuilder text) {
        text.append("\n").append(header(type)).append("\n");
        members(type)
                .forEach(member -> text.append("  ").append(shortened(member)).append("\n"));
    }

    private static String shortened(String text) {
        return KNOWN_PACKAGE.matcher(text).replaceAll("").replace('$', '.');
    }

    private static String header(Class<?> type) {
        int modifiers = type.getModifiers() & ~(Modifier.INTERFACE | Modifier.STATIC);
        if (type.isInterface() || type.isEnum() || type.isRecord()) {
            modifiers &= ~(Modifier.ABSTRACT | Modifier.FINAL);
        }
        String sealed = type.isSealed() ? "sealed " : "";
        String components = type.isRecord()
                ? Arrays.stream(type.getRecordComponents())
                        .map(one -> nameOf(one.getAnnotatedType()) + " " + one.getName())
                        .collect(joining(", ", "(", ")"))
                : "";
        return Modifier.toString(modifiers) + " " + sealed + kind(type) + " "
                + type.getName().replace('$', '.')
                + shortened(typeParameters(type.getTypeParameters()) + components + superTypes(type));
    }

    private static String kind(Class<?> type) {
        if (type.isAnnotation()) {
            return "@interface";
        } else if (type.isInterface()) {
            return "interface";
        } else if (type.isRecord()) {
            return "record";
        }
        return type.isEnum() ? "enum" : "class";
    }

    private static String superTypes(Class<?> type) {
        Type superclass = type.getGenericSuperclass();
        boolean named = superclass != null && superclass != Object.class && !type.isRecord() && !type.isEnum();
        String text = named ? " extends " + superclass.getTypeName() : "";
        if (type.getGenericInterfaces().length > 0 && !type.isAnnotation()) {
            text += Arrays.stream(type.getGenericInterfaces())
                    .map(Type::getTypeName)
                    .collect(joining(", ", type.isInterface() ? " extends " : " implements ", ""));
        }
        if (type.isSealed()) {
            text += Arrays.stream(type.getPermittedSubclasses())
                    .map(Class::getName)
                    .sorted()
                    .collect(joining(", ", " permits ", ""));
        }
        return text;
    }

    private static Set<String> members(Class<?> type) {
        Set<String> lines = new TreeSet<>();
        visible(type.getDeclaredFields()).forEach(field -> lines.add(line(field)));
        visible(type.getDeclaredConstructors())
                .filter(one -> !(type.isRecord() && isCanonical(one)))
                .forEach(one -> lines.add(line(one)));
        visible(type.getDeclaredMethods())
                .filter(method -> !isImplied(type, method))
                .forEach(method -> lines.add(line(method)));
        return lines;
    }

    private static <M extends AccessibleObject & Member> Stream<M> visible(M[] members) {
        return Arrays.stream(members).filter(one -> (one.getModifiers() & ACCESS) != 0 && !one.isSynthetic());
    }

    private static boolean isCanonical(Constructor<?> constructor) {
        RecordComponent[] components = constructor.getDeclaringClass().getRecordComponents();
        return Arrays.equals(
                constructor.getParameterTypes(),
                Arrays.stream(components).map(RecordComponent::getType).toArray());
    }

    /** What every type, record or enum has without saying so. */
    private static boolean isImplied(Class<?> type, Method method) {
        boolean object = Set.of("equals", "hashCode", "toString").contains(method.getName());
        boolean accessor = type.isRecord()
                && Arrays.stream(type.getRecordComponents()).anyMatch(one -> method.equals(one.getAccessor()));
        boolean constants = type.isEnum() && Set.of("values", "valueOf").contains(method.getName());
        return object || accessor || constants;
    }

    private static String line(Field field) {
        return modifiers(field) + nameOf(field.getAnnotatedType()) + " " + field.getName();
    }

    private static String line(Constructor<?> constructor) {
        return modifiers(constructor) + typeParameters(constructor.getTypeParameters()) + "new"
                + parameters(constructor);
    }

    private static String line(Method method) {
        String typeParameters = typeParameters(method.getTypeParameters());
        return modifiers(method)
                + (method.isDefault() ? "default " : "")
                + (typeParameters.isEmpty() ? "" : typeParameters + " ")
                + nameOf(method.getAnnotatedReturnType())
                + " "
                + method.getName()
                + parameters(method)
                + (method.getDefaultValue() == null ? "" : " default " + text(method.getDefaultValue()));
    }

    /** The default of an annotation's element, which may be an array. */
    private static String text(Object value) {
        return value instanceof Object[] array ? Arrays.toString(array) : value.toString();
    }

    private static String modifiers(Member member) {
        int all = member.getModifiers() & ~(Modifier.TRANSIENT | Modifier.VOLATILE | Modifier.SYNCHRONIZED);
        if (member.getDeclaringClass().isInterface()) {
            all &= ~(Modifier.PUBLIC | Modifier.ABSTRACT);
        }
        return all == 0 ? "" : Modifier.toString(all) + " ";
    }

    private static String parameters(Executable executable) {
        List<String> parameters = new ArrayList<>();
        for (Parameter parameter : executable.getParameters()) {
            parameters.add(nameOf(parameter.getAnnotatedType()));
        }
        String thrown = Arrays.stream(executable.getGenericExceptionTypes())
                .map(Type::getTypeName)
                .sorted()
                .collect(joining(", "));
        return "(" + String.join(", ", parameters) + ")" + (thrown.isEmpty() ? "" : " throws " + thrown);
    }

    private static String typeParameters(TypeVariable<?>[] variables) {
        if (variables.length == 0) {
            return "";
        }
        return Arrays.stream(variables).map(ApiText::declaration).collect(joining(", ", "<", ">"));
    }

    private static String declaration(TypeVariable<?> variable) {
        String bounds = Arrays.stream(variable.getAnnotatedBounds())
                .map(ApiText::nameOf)
                .filter(bound -> !bound.equals("java.lang.Object"))
                .collect(joining(" & "));
        return variable.getName() + (bounds.isEmpty() ? "" : " extends " + bounds);
    }

    /** The type's name, with a question mark where it may be null. */
    private static String nameOf(AnnotatedType type) {
        String name = type.getType().getTypeName();
        if (type instanceof AnnotatedParameterizedType generic) {
            String raw = name.substring(0, name.indexOf('<'));
            name = Arrays.stream(generic.getAnnotatedActualTypeArguments())
                    .map(ApiText::nameOf)
                    .collect(joining(", ", raw + "<", ">"));
        }
        return name + (type.isAnnotationPresent(Nullable.class) ? "?" : "");
    }
}
