package dev.replisync.jdbi;

import dev.replisync.jdbi.Table.Found;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

/** The versions that the SDK writes into rows. */
final class RowVersions {
    /** Below this a row's first version is drawn, so that a row inserted again does not repeat those of the one deleted. */
    static final int START = 1_000_000_000;

    private RowVersions() {}

    /** A first version. */
    static Object first(Found column) {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        return switch (column.type()) {
            case UUID -> UUID.randomUUID();
            case TEXT -> UUID.randomUUID().toString();
            case LONG -> random.nextLong(START);
            default -> random.nextInt(START);
        };
    }
}
