package dev.replisync.jdbi;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** The SQL that lies beside the classes. */
final class Resources {
    private Resources() {}

    /** A file with its placeholders replaced, which look like <code>${name}</code>. */
    static String read(String file, Map<String, String> values) {
        try (InputStream in = Resources.class.getResourceAsStream(file)) {
            if (in == null) {
                throw new IllegalStateException("the resource " + file + " is missing from the jar");
            }
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            StringBuilder result = new StringBuilder();
            int from = 0;
            for (int at = text.indexOf("${"); at >= 0; at = text.indexOf("${", from)) {
                int end = text.indexOf('}', at);
                String value = values.get(text.substring(at + 2, end));
                if (value == null) {
                    throw new IllegalStateException(file + " has an unknown " + text.substring(at, end + 1));
                }
                result.append(text, from, at).append(value);
                from = end + 1;
            }
            return result.append(text, from, text.length()).toString();
        } catch (IOException e) {
            throw new IllegalStateException("the resource " + file + " cannot be read", e);
        }
    }
}
