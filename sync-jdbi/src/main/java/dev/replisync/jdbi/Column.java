package dev.replisync.jdbi;

/**
 * A column as a table's declaration names it.
 *
 * @param name the column
 * @param member the member of the JSON object
 * @param form how it becomes JSON
 */
record Column(String name, String member, Form form) {

    /** How a column becomes JSON. */
    enum Form {
        /** As its type says. */
        AUTO,
        NUMBER,
        STRING,
        /** It holds JSON, which is passed through. */
        JSON
    }
}
