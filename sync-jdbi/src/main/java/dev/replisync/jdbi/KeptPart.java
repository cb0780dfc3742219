package dev.replisync.jdbi;

import java.util.List;

/** The part of {@link KeptSql} about the view. */
interface KeptPart {
    /** Queries that find out what differs from the latest record. */
    List<String> reading();

    /**
     * Queries that find out what the client is told of it.
     *
     * @param type of the values
     */
    List<String> telling(String type);

    /** Statements that bring the record up to date. */
    List<String> writing();

    /**
     * Rows of the answer: keys with values, and without if they are gone.
     *
     * @param type of the values
     */
    String patch(String type);

    /** A condition: the view is not what the latest record says. */
    String differs();

    /** A condition: the client is told something. */
    String told();

    /** A condition: there is not too much to tell. */
    String fits();

    /** By how much hashes are shifted to the right for the numbers of buckets, from the next pull on; {@code d.shift} in this one. */
    String shift();
}
