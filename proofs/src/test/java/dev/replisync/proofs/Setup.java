package dev.replisync.proofs;

import java.util.List;
import java.util.stream.Stream;

/**
 * How the server under test is set up.
 *
 * @param strategy the strategy's id
 * @param versionLast whether the version is taken last
 * @param records where client view records are: {@code storage} as the storage has it by itself, {@code table}, or
 *     {@code memory}
 */
record Setup(String strategy, boolean versionLast, String records) {
    private static final String STORAGE = "storage";

    static final Setup GLOBAL = new Setup("global", false, STORAGE);
    static final Setup GLOBAL_LAST = new Setup("global", true, STORAGE);
    static final Setup SPACE = new Setup("space", false, STORAGE);
    static final Setup SPACE_LAST = new Setup("space", true, STORAGE);

    /** On PostgreSQL the records are kept as rows, on H2 in a table. */
    static final Setup ROW_VERSION = new Setup("row-version", false, STORAGE);

    static final Setup ROW_VERSION_TABLE = new Setup("row-version", false, "table");
    static final Setup ROW_VERSION_MEMORY = new Setup("row-version", false, "memory");

    /** All, or those whose names have the text in {@code proofs.setup}. */
    static Stream<Setup> all() {
        return chosen(GLOBAL, GLOBAL_LAST, SPACE, SPACE_LAST, ROW_VERSION, ROW_VERSION_TABLE, ROW_VERSION_MEMORY);
    }

    /** One of each way to take a version. */
    static Stream<Setup> some() {
        return chosen(GLOBAL, SPACE_LAST, ROW_VERSION);
    }

    private static Stream<Setup> chosen(Setup... setups) {
        return Stream.of(setups).filter(setup -> setup.toString().contains(System.getProperty("proofs.setup", "")));
    }

    List<String> arguments() {
        return List.of("strategy=" + strategy, "last=" + versionLast, "records=" + records);
    }

    @Override
    public String toString() {
        String detail = records.equals(STORAGE) ? "" : ", records in " + records;
        return strategy + (versionLast ? ", version last" : "") + detail;
    }
}
