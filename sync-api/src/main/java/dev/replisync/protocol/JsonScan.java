package dev.replisync.protocol;

import java.io.IOException;
import java.util.BitSet;

/**
 * Finds where a JSON value ends, and that it is well-formed, without reading what it says: nesting costs one bit a level,
 * and strings may hold what a parser would refuse to turn into text, such as lone surrogates (rules R30, R32). Jackson
 * refuses those in names even where it skips, and would so make a whole push of one mutation's arguments malformed.
 */
final class JsonScan {
    private final byte[] source;
    private final int end;
    private int at;

    JsonScan(byte[] source, int start, int end) {
        this.source = source;
        this.at = start;
        this.end = end;
    }

    int at() {
        return at;
    }

    /** The next byte that is not white space, without taking it; -1 at the end. */
    int peek() {
        while (at < end && (source[at] == ' ' || source[at] == '\n' || source[at] == '\r' || source[at] == '\t')) {
            at++;
        }
        return at < end ? source[at] & 0xff : -1;
    }

    /** Takes the next byte that is not white space if it is the one wanted. */
    boolean took(char wanted) {
        if (peek() != wanted) {
            return false;
        }
        at++;
        return true;
    }

    void take(char wanted) throws IOException {
        if (!took(wanted)) {
            throw unexpected("'" + wanted + "'");
        }
    }

    /** Skips one value. */
    void value() throws IOException {
        BitSet objects = new BitSet();
        int depth = 0;
        while (true) {
            boolean opened = false;
            int next = peek();
            if (next == '{' || next == '[') {
                at++;
                objects.set(depth++, next == '{');
                opened = true;
            } else {
                scalar(next);
            }
            while (depth > 0 && (opened ? closes(objects.get(depth - 1)) : !continues(objects.get(depth - 1)))) {
                depth--;
                opened = false;
            }
            if (depth == 0) {
                return;
            }
            if (objects.get(depth - 1)) {
                string();
                take(':');
            }
        }
    }

    /** Skips a string. */
    void string() throws IOException {
        take('"');
        while (at < end) {
            byte b = source[at++];
            if (b == '"') {
                return;
            }
            if (b == '\\') {
                escape();
            } else if (b >= 0 && b < 0x20) {
                throw new IOException("a string holds a control character at byte " + (at - 1));
            }
        }
        throw new IOException("a string does not end");
    }

    IOException unexpected(String wanted) {
        int next = peek();
        String found = next < 0 ? "the end" : next < ' ' || next > '~' ? "byte " + next : "'" + (char) next + "'";
        return new IOException("expected " + wanted + " but found " + found + " at byte " + at);
    }

    private boolean closes(boolean object) {
        return took(object ? '}' : ']');
    }

    /** After a member or an element: whether another follows. */
    private boolean continues(boolean object) throws IOException {
        if (took(',')) {
            return true;
        }
        if (closes(object)) {
            return false;
        }
        throw unexpected(object ? "',' or '}'" : "',' or ']'");
    }

    private void scalar(int first) throws IOException {
        switch (first) {
            case '"' -> string();
            case 't' -> literal("true");
            case 'f' -> literal("false");
            case 'n' -> literal("null");
            default -> number();
        }
    }

    private void literal(String word) throws IOException {
        for (int i = 0; i < word.length(); i++) {
            if (at >= end || source[at] != word.charAt(i)) {
                throw unexpected(word);
            }
            at++;
        }
    }

    private void number() throws IOException {
        boolean negative = at < end && source[at] == '-';
        if (negative) {
            at++;
        }
        boolean zero = at < end && source[at] == '0';
        int digits = digits();
        if (digits == 0 || (zero && digits > 1)) {
            throw unexpected("a JSON value");
        }
        if (at < end && source[at] == '.') {
            at++;
            required(digits());
        }
        if (at < end && (source[at] == 'e' || source[at] == 'E')) {
            at++;
            if (at < end && (source[at] == '+' || source[at] == '-')) {
                at++;
            }
            required(digits());
        }
    }

    private int digits() {
        int first = at;
        while (at < end && source[at] >= '0' && source[at] <= '9') {
            at++;
        }
        return at - first;
    }

    private void required(int digits) throws IOException {
        if (digits == 0) {
            throw unexpected("a digit");
        }
    }

    private void escape() throws IOException {
        int kind = at < end ? source[at++] : -1;
        if (kind == 'u') {
            for (int i = 0; i < 4; i++, at++) {
                if (at >= end || Character.digit(source[at], 16) < 0) {
                    throw unexpected("four hexadecimal digits");
                }
            }
        } else if (kind < 0 || "\"\\/bfnrt".indexOf(kind) < 0) {
            throw new IOException("a string holds an unknown escape at byte " + (at - 1));
        }
    }
}
