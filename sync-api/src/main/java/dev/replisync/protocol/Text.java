package dev.replisync.protocol;

import org.jspecify.annotations.Nullable;

/** What of a text a datastore may refuse, or alter without a word. Stateless. */
public final class Text {
    private Text() {}

    /**
     * Tells whether a text holds a surrogate without its partner. Databases silently store another character in its place
     * (rule R62), so the SDK refuses such texts instead of altering them.
     *
     * @param s the text
     * @return whether UTF-8 cannot express it
     */
    public static boolean hasLoneSurrogate(CharSequence s) {
        for (int i = 0; i < s.length(); i++) {
            char c = s.charAt(i);
            if (Character.isHighSurrogate(c) && i + 1 < s.length() && Character.isLowSurrogate(s.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(c)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Says why a text cannot be a key in every datastore.
     *
     * @param text the text
     * @param maxBytes the most bytes of UTF-8 that it may have
     * @return the rest of a sentence that begins with what the text is; null if it can be a key
     */
    public static @Nullable String problem(@Nullable String text, int maxBytes) {
        if (text == null) {
            return "must not be null";
        }
        if (text.isEmpty()) {
            return "must not be empty";
        }
        int bytes = utf8Length(text);
        if (bytes > maxBytes) {
            return "must have at most " + maxBytes + " bytes of UTF-8 but has " + bytes;
        }
        if (text.indexOf('\0') >= 0) {
            return "must not hold U+0000";
        }
        return hasLoneSurrogate(text) ? "must not hold lone surrogates" : null;
    }

    private static int utf8Length(String s) {
        int bytes = 0;
        for (int i = 0; i < s.length(); i++) {
            char c = s.charAt(i);
            // Each half of a pair counts two of its four bytes.
            bytes += c < 0x80 ? 1 : c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
        }
        return bytes;
    }
}
