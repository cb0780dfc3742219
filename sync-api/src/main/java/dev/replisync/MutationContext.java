package dev.replisync;

import dev.replisync.protocol.Mutation;

/** What a mutator can know of its mutation and ask of the SDK. Used by one thread, during one run of a mutator only. */
public interface MutationContext extends WriteContext {

    /** {@return the authenticated user} */
    String userID();

    /** {@return the client group that pushed, which belongs to {@link #userID()}} */
    String clientGroupID();

    /** {@return the browser profile, as the client says; untrusted, good for settings of a device} */
    String profileID();

    /** {@return the version of the client's schema, so that old clients' arguments can be read differently} */
    String schemaVersion();

    /** {@return the mutation as it was sent} */
    Mutation mutation();

    /**
     * Whether the user may see an entity, as this transaction sees the data: it exists, is in the space, and the
     * strategy's rules for reading let the user see it. This is what differs between strategies.
     *
     * @param key the entity's key in the client view
     * @return false also if it does not exist
     */
    boolean canSee(String key);
}
