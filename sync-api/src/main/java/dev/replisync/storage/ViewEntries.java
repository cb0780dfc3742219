package dev.replisync.storage;

import dev.replisync.protocol.Text;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Keys and versions as bytes: of each text only what differs from the same one of the entry before, so that a record of
 * 100,000 entities is small and most of it is copied, not read, when a few of them change.
 */
final class ViewEntries {
    private ViewEntries() {}

    /** One of the two texts of an entry, as bytes: UTF-8, or pairs of bytes where that cannot express it (rule R62). */
    static final class Part {
        byte[] bytes = {};
        int length;
        boolean wide;

        static Part of(String text) {
            Part part = new Part();
            part.set(text);
            return part;
        }

        void set(Part other) {
            reserve(other.length);
            System.arraycopy(other.bytes, 0, bytes, 0, other.length);
            length = other.length;
            wide = other.wide;
        }

        void set(String text) {
            wide = Text.hasLoneSurrogate(text);
            bytes = wide ? wide(text) : text.getBytes(StandardCharsets.UTF_8);
            length = bytes.length;
        }

        void reserve(int wanted) {
            if (bytes.length < wanted) {
                bytes = Arrays.copyOf(bytes, Math.max(wanted, 2 * bytes.length));
            }
        }

        /** How many bytes another part begins with as this one does. */
        int shared(Part other) {
            if (wide != other.wide) {
                return 0;
            }
            int mismatch = Arrays.mismatch(bytes, 0, length, other.bytes, 0, other.length);
            return mismatch < 0 ? length : mismatch;
        }

        /** As {@link ViewRecord#compareKeys}: UTF-8 sorts by its bytes. */
        int compareTo(Part other) {
            return wide || other.wide
                    ? ViewRecord.compareKeys(text(), other.text())
                    : Arrays.compareUnsigned(bytes, 0, length, other.bytes, 0, other.length);
        }

        String text() {
            if (!wide) {
                return new String(bytes, 0, length, StandardCharsets.UTF_8);
            }
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < length; i += 2) {
                text.append((char) (((bytes[i] & 0xff) << 8) | (bytes[i + 1] & 0xff)));
            }
            return text.toString();
        }

        private static byte[] wide(String text) {
            byte[] pairs = new byte[2 * text.length()];
            for (int i = 0; i < text.length(); i++) {
                pairs[2 * i] = (byte) (text.charAt(i) >> 8);
                pairs[2 * i + 1] = (byte) text.charAt(i);
            }
            return pairs;
        }
    }

    /** Goes through entries from the first to the last. Used by one thread. */
    static final class Cursor {
        private final byte[] entries;
        private int left;
        private int start;
        private int at;
        private final Part key = new Part();
        private final Part version = new Part();
        private @Nullable String versionText;

        Cursor(byte[] entries, int offset, int size) {
            this.entries = entries;
            this.at = offset;
            this.left = size;
        }

        boolean next() {
            if (left == 0) {
                return false;
            }
            left--;
            start = at;
            read(key);
            if (read(version)) {
                versionText = null;
            }
            return true;
        }

        int compareKey(Part other) {
            return key.compareTo(other);
        }

        String key() {
            return key.text();
        }

        /** Many entities have the same version, or the same as before. */
        String version() {
            if (versionText == null) {
                versionText = version.text();
            }
            return versionText;
        }

        /** Reads a text; returns whether it is another one than before. */
        private boolean read(Part part) {
            int shared = number();
            int rest = number();
            boolean wide = (rest & 1) == 1;
            int length = rest >>> 1;
            boolean other = length > 0 || shared != part.length;
            part.reserve(shared + length);
            System.arraycopy(entries, at, part.bytes, shared, length);
            part.length = shared + length;
            part.wide = wide;
            at += length;
            return other;
        }

        private int number() {
            int value = 0;
            for (int shift = 0; ; shift += 7) {
                byte b = entries[at++];
                value |= (b & 0x7f) << shift;
                if (b >= 0) {
                    return value;
                }
            }
        }
    }

    /** Writes entries, which must come in the order of their keys. Used by one thread. */
    static final class Writer {
        private byte[] entries;
        private int used;
        private int size;
        private final Part key = new Part();
        private final Part version = new Part();
        private final Part next = new Part();
        private @Nullable Cursor copied;

        Writer(int expectedBytes) {
            entries = new byte[Math.max(64, expectedBytes)];
        }

        void add(String newKey, String newVersion) {
            next.set(newKey);
            write(key, next);
            next.set(newVersion);
            write(version, next);
            size++;
            copied = null;
        }

        /** Adds the entry that a cursor stands at: as it is, if the one before it was copied too. */
        void copy(Cursor from) {
            if (from.equals(copied)) {
                append(from.entries, from.start, from.at - from.start);
                key.set(from.key);
                version.set(from.version);
            } else {
                write(key, from.key);
                write(version, from.version);
                copied = from;
            }
            size++;
        }

        /** The cursor's entry is left out, so what follows it does not follow what was written. */
        void skip() {
            copied = null;
        }

        int size() {
            return size;
        }

        byte[] entries() {
            return Arrays.copyOf(entries, used);
        }

        private void write(Part before, Part part) {
            int shared = before.shared(part);
            number(shared);
            number((part.length - shared) << 1 | (part.wide ? 1 : 0));
            append(part.bytes, shared, part.length - shared);
            before.set(part);
        }

        private void number(int value) {
            int rest = value;
            reserve(5);
            while ((rest & ~0x7f) != 0) {
                entries[used++] = (byte) (rest | 0x80);
                rest >>>= 7;
            }
            entries[used++] = (byte) rest;
        }

        private void append(byte[] bytes, int from, int length) {
            reserve(length);
            System.arraycopy(bytes, from, entries, used, length);
            used += length;
        }

        private void reserve(int more) {
            if (entries.length - used < more) {
                entries = Arrays.copyOf(entries, Math.max(used + more, entries.length + entries.length / 2));
            }
        }
    }
}
