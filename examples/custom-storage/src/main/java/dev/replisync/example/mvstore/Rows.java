package dev.replisync.example.mvstore;

import java.io.Serializable;
import java.util.Map;

/** What is kept beside the entities. */
final class Rows {
    private Rows() {}

    /** A space; what changed up to the floor is no longer known. */
    record Space(long version, long floor) implements Serializable {}

    /** A client group with its clients; the row is also its lock. */
    record Group(String userID, String spaceID, Map<String, Client> clients) implements Serializable {}

    /** A client, and the version of the space that its last mutation was committed with. */
    record Client(long lastMutationID, long version) implements Serializable {}
}
