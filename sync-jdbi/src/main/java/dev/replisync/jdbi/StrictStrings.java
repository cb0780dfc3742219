package dev.replisync.jdbi;

import dev.replisync.protocol.Json;
import dev.replisync.protocol.Text;
import java.lang.reflect.Type;
import java.sql.Types;
import java.util.Optional;
import java.util.function.Function;
import org.jdbi.v3.core.argument.Argument;
import org.jdbi.v3.core.argument.ArgumentFactory;
import org.jdbi.v3.core.argument.Arguments;
import org.jdbi.v3.core.config.ConfigRegistry;

/**
 * Refuses texts with lone surrogates, in whose place PostgreSQL's driver stores question marks (rule R62), and lets
 * {@link Json} be bound as what it is.
 */
final class StrictStrings implements ArgumentFactory.Preparable {
    private final Function<Object, Argument> strings;
    private final DatabaseKind kind;

    /** Binds what it lets pass as the application's own configuration does. */
    StrictStrings(ConfigRegistry config, DatabaseKind kind) {
        this.strings = config.createCopy()
                .get(Arguments.class)
                .prepareFor(String.class)
                .orElse(value -> (position, statement, context) -> statement.setString(position, (String) value));
        this.kind = kind;
    }

    @Override
    public Optional<Function<Object, Argument>> prepare(Type type, ConfigRegistry config) {
        if (type == String.class) {
            return Optional.of(value -> strings.apply(check((String) value)));
        }
        if (type == Json.class) {
            return Optional.of(value -> (position, statement, context) -> {
                String text = value == null ? null : check(value.toString());
                if (kind == DatabaseKind.POSTGRESQL) {
                    // Of no type, so that it fits json, jsonb and text.
                    statement.setObject(position, text, Types.OTHER);
                } else {
                    statement.setString(position, text);
                }
            });
        }
        return Optional.empty();
    }

    @SuppressWarnings("NullAway") // Jdbi binds null through here too.
    private static String check(String text) {
        if (text != null && Text.hasLoneSurrogate(text)) {
            throw new IllegalArgumentException(
                    "a text holds a lone surrogate, which the database would store as another character");
        }
        return text;
    }
}
