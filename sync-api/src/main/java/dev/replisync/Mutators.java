package dev.replisync;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.deser.std.StringDeserializer;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.type.LogicalType;
import dev.replisync.error.RejectedException;
import dev.replisync.protocol.Json;
import dev.replisync.protocol.Text;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The mutators of an application, by name. Arguments are converted by Jackson to the registered type, usually a record;
 * unknown members are ignored, and what cannot be converted is a permanent failure of that one mutation (rule R30).
 * Jackson's modules on the class path are used, so {@code java.time} needs {@code jackson-datatype-jsr310} there.
 *
 * <p>Built up by one thread; the server takes a copy when it is built.
 *
 * @param <T> the storage's handle
 */
public final class Mutators<T> {
    private final Map<String, Entry<T, ?>> entries;
    private final ObjectMapper mapper;

    /** No mutators yet; arguments are read with the SDK's own mapper, which is strict about types. */
    public Mutators() {
        this(standardMapper());
    }

    /**
     * No mutators yet.
     *
     * @param mapper reads the arguments; is copied, and made to ignore unknown members and to refuse strings with lone
     *     surrogates, which databases would silently alter (rule R62)
     */
    public Mutators(ObjectMapper mapper) {
        this(
                new LinkedHashMap<>(),
                mapper.copy()
                        .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                        .registerModule(new SimpleModule().addDeserializer(String.class, new StrictString())));
    }

    private Mutators(Map<String, Entry<T, ?>> entries, ObjectMapper mapper) {
        this.entries = entries;
        this.mapper = mapper;
    }

    /**
     * Adds a mutator.
     *
     * @param name the name that the client calls it by
     * @param args the type of its arguments; {@code Void} for none, {@link Json} to get them as sent
     * @param mutator the logic
     * @param <A> the type of its arguments
     * @return this
     * @throws IllegalArgumentException if the name is taken
     */
    public <A> Mutators<T> add(String name, Class<A> args, Mutator<T, A> mutator) {
        return put(name, mapper.constructType(args), mutator);
    }

    /**
     * Adds a mutator whose arguments have type parameters, such as a list.
     *
     * @param name the name that the client calls it by
     * @param args the type of its arguments
     * @param mutator the logic
     * @param <A> the type of its arguments
     * @return this
     * @throws IllegalArgumentException if the name is taken
     */
    public <A> Mutators<T> add(String name, TypeReference<A> args, Mutator<T, A> mutator) {
        return put(name, mapper.constructType(args.getType()), mutator);
    }

    private <A> Mutators<T> put(String name, JavaType type, Mutator<T, A> mutator) {
        if (entries.putIfAbsent(name, new Entry<>(name, type, mutator, mapper.readerFor(type))) != null) {
            throw new IllegalArgumentException("two mutators are named '" + name + "'");
        }
        return this;
    }

    /** {@return the names added so far} */
    public Set<String> names() {
        return Set.copyOf(entries.keySet());
    }

    Mutators<T> copy() {
        return new Mutators<>(new LinkedHashMap<>(entries), mapper);
    }

    Optional<Entry<T, ?>> find(String name) {
        return Optional.ofNullable(entries.get(name));
    }

    private static JsonMapper standardMapper() {
        JsonFactory factory = JsonFactory.builder()
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxStringLength(Integer.MAX_VALUE)
                        .build())
                .build();
        return JsonMapper.builder(factory)
                .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
                .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
                .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                .withCoercionConfig(
                        LogicalType.Textual,
                        coercion -> coercion.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                                .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                                .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail))
                .findAndAddModules()
                .build();
    }

    /** One mutator with what it takes to call it from JSON. */
    record Entry<T, A>(String name, JavaType type, Mutator<T, A> mutator, ObjectReader reader) {

        void run(T tx, Json json, MutationContext ctx) throws Exception {
            mutator.apply(tx, convert(json), ctx);
        }

        // A mutator of Void is promised null, and one of Json gets it as it was sent, whatever Jackson thinks of it.
        @SuppressWarnings({"NullAway", "unchecked"})
        private A convert(Json json) {
            if (type.hasRawClass(Void.class)) {
                return null;
            }
            if (type.hasRawClass(Json.class)) {
                return (A) json;
            }
            try {
                @Nullable A args = json.read(reader);
                if (args == null) {
                    throw new RejectedException("mutator '" + name + "' needs arguments but the client sent null");
                }
                return args;
            } catch (JsonProcessingException e) {
                throw new RejectedException("the arguments of mutator '" + name + "' do not fit "
                        + type.getRawClass().getSimpleName() + place(e) + ": " + e.getOriginalMessage());
            } catch (IOException e) {
                throw new RejectedException(
                        "the arguments of mutator '" + name + "' cannot be read: " + e.getMessage());
            }
        }
    }

    private static String place(JsonProcessingException e) {
        if (!(e instanceof JsonMappingException mapping) || mapping.getPath().isEmpty()) {
            return "";
        }
        return mapping.getPath().stream()
                .map(step -> step.getFieldName() == null ? "[" + step.getIndex() + "]" : step.getFieldName())
                .collect(Collectors.joining(".", " at ", ""));
    }

    private static final class StrictString extends StringDeserializer {
        private static final long serialVersionUID = 1L;

        @Override
        public String deserialize(JsonParser p, DeserializationContext ctxt) throws IOException {
            String s = super.deserialize(p, ctxt);
            if (s != null && Text.hasLoneSurrogate(s)) {
                ctxt.reportInputMismatch(
                        String.class, "the text holds a lone surrogate, which no database stores unaltered");
            }
            return s;
        }
    }
}
