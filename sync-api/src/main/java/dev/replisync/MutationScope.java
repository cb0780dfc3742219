package dev.replisync;

import dev.replisync.protocol.Caller;
import dev.replisync.protocol.Mutation;
import dev.replisync.protocol.PushRequest;
import java.util.OptionalLong;
import java.util.Set;

/** What one mutator sees of the attempt it is part of. */
record MutationScope(WriteScope scope, Caller caller, PushRequest push, Mutation mutation) implements MutationContext {

    @Override
    public String userID() {
        return caller.userID();
    }

    @Override
    public String clientGroupID() {
        return push.clientGroupID();
    }

    @Override
    public String profileID() {
        return push.profileID();
    }

    @Override
    public String schemaVersion() {
        return push.schemaVersion();
    }

    @Override
    public boolean canSee(String key) {
        return scope.visible(caller.userID(), key);
    }

    @Override
    public String space() {
        return scope.space();
    }

    @Override
    public void touchIn(String space, String key, Set<String> lostBy) {
        scope.touchIn(space, key, lostBy);
    }

    @Override
    public void poke(String channel) {
        scope.poke(channel);
    }

    @Override
    public void lock(String name) {
        scope.lock(name);
    }

    @Override
    public OptionalLong version() {
        return scope.version();
    }

    @Override
    public void afterCommit(Runnable effect) {
        scope.afterCommit(effect);
    }
}
