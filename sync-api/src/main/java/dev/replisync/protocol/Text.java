package dev.replisync.protocol;

/** What of UTF-16 cannot be stored or sent as UTF-8 without being altered. */
public final class Text {
    private Text() {}

    /**
     * Tells whether a string holds a surrogate without its partner. Databases silently store another character in its
     * place (rule R62), so the SDK refuses such strings instead of altering them.
     *
     * @param s the string
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
}
